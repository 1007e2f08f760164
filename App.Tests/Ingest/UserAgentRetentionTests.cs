using Microsoft.EntityFrameworkCore;
using ScoreTracking.Data;
using ScoreTracking.Events;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Ingest;

/// <summary>User agents as sent are kept 30 days; what they stand for stays.</summary>
public sealed class UserAgentRetentionTests
{
    [Fact]
    public async Task A_user_agent_is_forgotten_and_its_client_is_not()
    {
        await using var app = new TestApp();
        var campaign = await app.GivenCampaignAsync();
        var message = await app.GivenMessageAsync(campaign);
        var now = app.Clock.GetUtcNow();
        var old = Some.Event(message, EventType.Opened) with { OccurredAt = now.AddDays(-34), ReceivedAt = now.AddDays(-34) };
        var recent = Some.Event(message, EventType.Opened) with { OccurredAt = now.AddDays(-26), ReceivedAt = now.AddDays(-26) };

        await app.StoreAsync(old);
        await app.StoreAsync(recent);

        await using var db = app.Database();
        await Eventually.TrueAsync(async () => await db.UserAgents.CountAsync() == 1);
        var events = await db.Events.OrderBy(e => e.OccurredAt).ToListAsync();
        Assert.False(await db.UserAgents.AnyAsync(agent => agent.Id == events[0].UserAgentId));
        Assert.Equal(Some.Firefox, (await db.UserAgents.SingleAsync(agent => agent.Id == events[1].UserAgentId)).Value);
        Assert.Equal("Firefox", (await db.Clients.SingleAsync(client => client.Id == events[0].ClientId)).Client);
        Assert.Equal(events[0].ClientId, events[1].ClientId);
        Assert.Empty(app.Verify());
    }
}
