using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using ScoreTracking.Campaigns;
using ScoreTracking.Data;
using ScoreTracking.Events;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Campaigns;

/// <summary>Tests on a sample of campaigns this server sends: what is queued when.</summary>
public sealed class TestPhaseSendingTests : IAsyncDisposable
{
    private readonly TestApp _app = new();

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Fact]
    public async Task The_sample_leaves_first_then_the_wait_begins_and_then_the_winner_leaves()
    {
        var campaign = await GivenStartedAsync(sample: 20, "equal", """{"mode":"automatic","after_hours":4}""");
        Assert.Equal(200, await _app.CountAsync(campaign, DeliveryState.Waiting));
        _app.Clock.Advance(TimeSpan.FromHours(9));
        await LookAsync();
        Assert.Null((await PhaseAsync(campaign))["ends_at"]);

        await HandOverAsync(campaign, clicksOfFirst: 10, clicksOfSecond: 40);
        await LookAsync();
        Assert.Equal(_app.Clock.GetUtcNow() + TimeSpan.FromHours(4), (DateTimeOffset)(await PhaseAsync(campaign))["ends_at"]!);
        Assert.Equal(0, await _app.CountAsync(campaign, DeliveryState.Waiting));
        _app.Clock.Advance(TimeSpan.FromHours(4));
        await LookAsync();

        Assert.Equal(800, await _app.CountAsync(campaign, DeliveryState.Waiting));
        Assert.Equal("s2", (string)(await PhaseAsync(campaign))["winner"]!);
        Assert.Equal("running", (string)(await _app.GetAsync($"/api/v1/campaigns/{campaign}"))["status"]!);
        Assert.Empty(_app.Verify());
    }

    [Fact]
    public async Task A_test_paused_while_it_runs_goes_on_as_one_and_sends_the_rest_only_then()
    {
        var campaign = await GivenStartedAsync(sample: 50, "equal", """{"after_hours":4}""");
        await _app.PostAsync($"/api/v1/campaigns/{campaign}/actions/pause");
        await _app.PostAsync($"/api/v1/campaigns/{campaign}/actions/select_winner", new JsonObject { ["variant_id"] = "s1" });
        await LookAsync();
        Assert.Equal(500, await _app.CountAsync(campaign, DeliveryState.Waiting));

        var resumed = await _app.PostAsync($"/api/v1/campaigns/{campaign}/actions/resume");
        Assert.Equal("testing", (string)resumed["status"]!);
        await LookAsync();

        Assert.Equal(1_000, await _app.CountAsync(campaign, DeliveryState.Waiting));
        Assert.Equal("running", (string)(await _app.GetAsync($"/api/v1/campaigns/{campaign}"))["status"]!);
    }

    [Fact]
    public async Task A_cancelled_test_sends_nobody_else_anything()
    {
        var campaign = await GivenStartedAsync(sample: 50, "equal", """{"mode":"automatic","after_hours":4}""");
        await HandOverAsync(campaign, clicksOfFirst: 10, clicksOfSecond: 200);
        await LookAsync();
        await _app.PostAsync($"/api/v1/campaigns/{campaign}/actions/cancel");
        _app.Clock.Advance(TimeSpan.FromHours(5));

        await LookAsync();

        Assert.Equal(0, await _app.CountAsync(campaign, DeliveryState.Waiting));
        await _app.RefusedAsync(HttpMethod.Post, $"/api/v1/campaigns/{campaign}/actions/select_winner", """{"variant_id":"s2"}""", 409);
    }

    [Fact]
    public async Task An_adaptive_test_leaves_in_waves_each_dealt_by_what_is_known_by_then()
    {
        var campaign = await GivenStartedAsync(sample: 100, "adaptive", """{"after_hours":10}""");

        await LookAsync();
        var first = await _app.CountAsync(campaign, DeliveryState.Waiting);
        Assert.InRange(first, 60, 140);
        _app.Clock.Advance(TimeSpan.FromHours(1));
        await LookAsync();
        Assert.Equal(first, await _app.CountAsync(campaign, DeliveryState.Waiting));

        await HandOverAsync(campaign, clicksOfFirst: 1, clicksOfSecond: 30);
        await LookAsync();
        var second = await DealtAsync(campaign);
        Assert.InRange(await _app.CountAsync(campaign, DeliveryState.Waiting), 60, 140);
        for (var wave = 2; wave < 10; wave++)
        {
            await HandOverAsync(campaign, clicksOfFirst: 0, clicksOfSecond: 0);
            await LookAsync();
            _app.Clock.Advance(TimeSpan.FromHours(1));
            await LookAsync();
        }

        await HandOverAsync(campaign, clicksOfFirst: 0, clicksOfSecond: 0);
        await LookAsync();
        Assert.Equal(_app.Clock.GetUtcNow() + TimeSpan.FromHours(1), (DateTimeOffset)(await PhaseAsync(campaign))["ends_at"]!);
        Assert.Equal(1_000, (await DealtAsync(campaign)).Sum());
        Assert.True(second[1] - second[0] > 60, $"{second[0]} and {second[1]}");
        _app.Clock.Advance(TimeSpan.FromHours(1));
        await LookAsync();
        Assert.Equal("ended", (string)(await PhaseAsync(campaign))["state"]!);
        Assert.Empty(_app.Verify());
    }

    // Started, with a connection that hands nothing over: the test says what leaves when.
    private async Task<string> GivenStartedAsync(int sample, string distribution, string winner)
    {
        var connection = await _app.GivenSmtpAsync();
        var draft = SendingSetting.Campaign(connection);
        draft["ab_test"] = JsonNode.Parse($$"""
            {"factors":[{"field":"subject","levels":[{"key":"s1","value":"Save 20%"},{"key":"s2","value":"Only today"}]}],
             "distribution":"{{distribution}}","sample_percent":{{sample}},"winner":{{winner}}}
            """);
        var campaign = await _app.GivenSmtpDraftAsync(connection, recipients: 1_000, draft);
        await _app.PostAsync($"/api/v1/campaigns/{campaign}/actions/send");
        await _app.SwitchAsync(connection, on: false);
        return campaign;
    }

    // As if all that waits had been taken by the server, and so many had clicked by now.
    private async Task HandOverAsync(string campaign, int clicksOfFirst, int clicksOfSecond)
    {
        await using var db = _app.Database();
        var id = SendingSetting.Number(campaign);
        var waiting = await db.Deliveries.Where(d => d.CampaignId == id && d.State == DeliveryState.Waiting)
            .Join(db.MessageStates, d => d.MessageId, s => s.MessageId, (_, s) => new { s.MessageId, s.Variant }).ToListAsync(TestContext.Current.CancellationToken);
        await _app.StoreAsync([.. waiting.Select(message => Some.Event(message.MessageId, EventType.Sent))]);
        await _app.StoreAsync([
            .. waiting.Where(message => message.Variant == 0).Take(clicksOfFirst)
                .Concat(waiting.Where(message => message.Variant == 1).Take(clicksOfSecond))
                .Select(message => Some.Event(message.MessageId, EventType.Clicked, TimeSpan.FromMinutes(10), source: EventSource.Tracking))]);
        await db.Deliveries.Where(d => d.CampaignId == id).ExecuteDeleteAsync(TestContext.Current.CancellationToken);
    }

    private async Task<long[]> DealtAsync(string campaign)
    {
        await using var db = _app.Database();
        var id = SendingSetting.Number(campaign);
        return await db.Variants.Where(v => v.CampaignId == id).OrderBy(v => v.Position).Select(v => v.Recipients).ToArrayAsync(TestContext.Current.CancellationToken);
    }

    private async Task<JsonNode> PhaseAsync(string campaign) => (await _app.GetAsync($"/api/v1/campaigns/{campaign}"))["test_phase"]!;

    private Task LookAsync() => _app.Services.GetRequiredService<TestPhases>().LookAsync(TestContext.Current.CancellationToken);
}
