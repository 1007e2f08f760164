using System.Net;
using System.Net.Http.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using ScoreTracking.Events;
using ScoreTracking.Tests.Support;
using ScoreTracking.Tokens;

namespace ScoreTracking.Tests.Tracking;

public sealed class IgnoredNetworkTests : IAsyncLifetime
{
    private readonly TestApp _app = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Fact]
    public async Task Hits_from_an_ignored_network_are_our_own_from_the_moment_it_is_set_through_every_door()
    {
        var campaign = await _app.GivenCampaignAsync();
        var (before, after, reported) = (await _app.GivenMessageAsync(campaign), await _app.GivenMessageAsync(campaign), await _app.GivenMessageAsync(campaign, tracked: false));
        await OpenAsync(before);

        await IgnoreAsync("127.0.0.0/8", "::1", "203.0.113.0/24");
        await OpenAsync(after);
        using var told = await _app.Api.PostAsJsonAsync("/api/v1/events", new
        {
            event_type = "clicked",
            message_id = $"msg_{reported}",
            metadata = new { ip = "203.0.113.80", user_agent = Some.Firefox },
        });
        Assert.Equal(HttpStatusCode.Accepted, told.StatusCode);
        await _app.StoredAsync();

        Assert.Equal((1, 1), await _app.CountAsync(campaign, EventType.Opened, VerdictGroup.Person));
        Assert.Equal((1, 0), await _app.CountAsync(campaign, EventType.Opened, VerdictGroup.Self));
        Assert.Equal((1, 0), await _app.CountAsync(campaign, EventType.Clicked, VerdictGroup.Self));
        Assert.Equal("ignored_network", await ReasonAsync(after));
        Assert.Empty(_app.Verify());
    }

    [Fact]
    public async Task An_ignored_network_comes_before_whatever_else_a_hit_shows()
    {
        var message = await _app.GivenMessageAsync(await _app.GivenCampaignAsync());
        await IgnoreAsync("203.0.113.0/24");

        await _app.StoreAsync(Some.Event(message, EventType.Opened, userAgent: Some.Scanner) with { KnownVerdict = Verdict.Privacy, KnownReasons = VerdictReasons.ReportedByEsp });

        Assert.Equal("ignored_network", await ReasonAsync(message));
    }

    [Fact]
    public async Task Taken_from_the_list_it_counts_again()
    {
        var campaign = await _app.GivenCampaignAsync();
        await IgnoreAsync("203.0.113.7");
        await IgnoreAsync();

        await _app.StoreAsync(Some.Event(await _app.GivenMessageAsync(campaign), EventType.Opened));

        Assert.Equal((1, 1), await _app.CountAsync(campaign, EventType.Opened, VerdictGroup.Person));
    }

    private async Task IgnoreAsync(params string[] networks)
    {
        using var answer = await _app.Api.PatchAsJsonAsync("/api/v1/settings", new { ignored_networks = networks });
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    private async Task OpenAsync(long message)
    {
        using var client = _app.Anonymous();
        client.DefaultRequestHeaders.UserAgent.ParseAdd(Some.Firefox);
        using var answer = await client.GetAsync($"/o/{_app.Services.GetRequiredService<TrackingIds>().Write(TrackingKind.Open, new TrackingId(message))}");
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        await _app.StoredAsync();
    }

    private async Task<string> ReasonAsync(long message)
    {
        await using var db = _app.Database();
        return string.Join(' ', (await db.Events.SingleAsync(e => e.MessageId == message)).Reasons.Names());
    }
}
