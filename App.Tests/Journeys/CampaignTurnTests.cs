using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using ScoreTracking.Data;
using ScoreTracking.Journeys;
using ScoreTracking.Tests.Campaigns;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Journeys;

/// <summary>People who wait at a campaign and are looked at when it goes on or is over. No time passes here: whoever moves was woken.</summary>
public sealed class CampaignTurnTests : IAsyncDisposable
{
    private readonly TestApp _app = new(JourneyApi.AtOnce);

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Fact]
    public async Task Whoever_waits_at_a_paused_campaign_goes_on_as_soon_as_it_does()
    {
        var (campaign, journey) = await PausedAsync();
        var waiting = await WaitingAsync(journey, "ana");
        var other = await _app.EnrollAsync(await _app.GivenJourneyAsync("""{"id":"n1","type":"delay","for":"PT5M","next":null}"""), await _app.GivenPersonAsync("ben"));
        await _app.UntilAsync(other, seen => seen["due_at"] is not null);

        await _app.PostAsync($"/api/v1/campaigns/{campaign}/actions/resume");

        Assert.Equal("send:sent", JourneyApi.Way(await _app.UntilAtAsync(waiting, "send", "completed")));
        Assert.Equal("n1", (string)(await _app.GetAsync(other))["step_id"]!);
        await Eventually.TrueAsync(async () => await _app.CountAsync("SELECT count(*) FROM campaign_turns") == 0);
        Assert.Empty(_app.Verify());
    }

    [Fact]
    public async Task Whoever_waits_at_a_campaign_that_is_cancelled_stands_there_as_failed_at_once()
    {
        var (campaign, journey) = await PausedAsync();
        var waiting = await WaitingAsync(journey, "ana");

        await _app.PostAsync($"/api/v1/campaigns/{campaign}/actions/cancel");

        Assert.Equal("The campaign is cancelled.", (string)(await _app.UntilAtAsync(waiting, "send", "failed"))["ended_because"]!);
    }

    [Fact]
    public async Task People_on_an_older_version_are_woken_too_and_those_of_a_paused_journey_when_it_goes_on()
    {
        var (campaign, journey) = await PausedAsync();
        var old = await WaitingAsync(journey, "ana");
        await _app.SendAsync(HttpMethod.Patch, $"{JourneyApi.Path}/{journey}", System.Text.Json.Nodes.JsonNode.Parse("""{"steps":[{"id":"n1","type":"exit"}]}"""), System.Net.HttpStatusCode.OK);
        await _app.PostAsync($"{JourneyApi.Path}/{journey}/actions/publish");
        await _app.PostAsync($"{JourneyApi.Path}/{journey}/actions/pause");

        await _app.PostAsync($"/api/v1/campaigns/{campaign}/actions/resume");
        await Eventually.TrueAsync(async () => await _app.CountAsync("SELECT count(*) FROM enrollments WHERE due_at = 1") == 1);
        Assert.Equal("send", (string)(await _app.GetAsync(old))["step_id"]!);
        await _app.PostAsync($"{JourneyApi.Path}/{journey}/actions/resume");

        await _app.UntilAtAsync(old, "send", "completed");
    }

    [Fact]
    public async Task Very_many_are_woken_piece_by_piece_and_after_a_stop_those_who_are_left()
    {
        const int people = (2 * CampaignTurns.Piece) + 500;
        var (campaign, journey) = await PausedAsync();
        await _app.UntilAsync(await _app.EnrollAsync(journey, await _app.GivenPersonAsync("ana")), seen => seen["due_at"] is not null);

        // Far from what the monotonic clock says: the server's own runner stands still.
        _app.Clock.Advance(TimeSpan.FromHours(1));
        var soon = _app.Clock.GetUtcNow().ToUnixTimeMilliseconds();
        await _app.SqlAsync("DELETE FROM enrollments");
        await _app.SqlAsync(string.Create(CultureInfo.InvariantCulture, $"""
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {people})
            INSERT INTO enrollments (journey_id, version, contact_id, trigger_key, status, step, step_at, sequence, due_at, waits_for, entered_at)
            SELECT {journey[4..]}, 1, 1000 + i, i || '.1', 1, CASE WHEN i % 5 = 0 THEN 'rest' ELSE 'send' END, 0, 0, {soon} + i, 0, 0 FROM n
            """));
        await _app.PostAsync($"/api/v1/campaigns/{campaign}/actions/resume");

        var woken = new List<long>();
        using (var first = NewRound())
        {
            first.Run(0, 0);
            woken.Add(await WokenAsync());
            Assert.True(first.HasMore);
        }

        using (var second = NewRound())
        {
            while (second.HasWork() && await _app.CountAsync("SELECT count(*) FROM campaign_turns") > 0)
            {
                second.Run(0, 0);
                woken.Add(await WokenAsync());
            }
        }

        Assert.Equal(CampaignTurns.Piece * 4 / 5, woken[0]);
        Assert.All(woken.Zip(woken.Skip(1)), pair => Assert.InRange(pair.Second - pair.First, 0, CampaignTurns.Piece));
        Assert.Equal(people * 4 / 5, woken[^1]);
        Assert.Equal(people / 5, await _app.CountAsync("SELECT count(*) FROM enrollments WHERE step = 'rest' AND due_at > 1"));
    }

    private Task<long> WokenAsync() => _app.CountAsync("SELECT count(*) FROM enrollments WHERE step = 'send' AND due_at = 1");

    private JourneyRound NewRound() =>
        new(_app.Services.GetRequiredService<SqliteFile>(), [.. _app.Services.GetServices<IStepAction>()], _app.Clock, NullLogger.Instance);

    private async Task<(string Campaign, string Journey)> PausedAsync()
    {
        var campaign = await _app.GivenDraftAsync();
        var journey = await _app.GivenJourneyAsync($$"""{"id":"send","type":"send","campaign_id":"{{campaign}}","next":null}""");
        await _app.PostAsync($"/api/v1/campaigns/{campaign}/actions/pause");
        return (campaign, journey);
    }

    private async Task<string> WaitingAsync(string journey, string customerId)
    {
        var enrollment = await _app.EnrollAsync(journey, await _app.GivenPersonAsync(customerId));
        await _app.UntilAsync(enrollment, seen => seen["due_at"] is not null && DateTimeOffset.Parse((string)seen["due_at"]!, CultureInfo.InvariantCulture) > _app.Clock.GetUtcNow());
        return enrollment;
    }
}
