using Microsoft.Extensions.DependencyInjection;
using ScoreTracking.Events;
using ScoreTracking.Journeys;
using ScoreTracking.Tests.Campaigns;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Journeys;

/// <summary>Of bounces journeys count what reports and segments count: those that hold.</summary>
public sealed class JourneyBounceTests : IAsyncDisposable
{
    private readonly TestApp _app = new(JourneyApi.AtOnce);

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Theory]
    [InlineData(BounceKind.Block, "", "send:sent wait:event asked:yes")]
    [InlineData(BounceKind.Hard, "", "send:sent wait:event asked:yes")]
    [InlineData(BounceKind.Hard, "delivered", "send:sent wait:event asked:yes")]
    [InlineData(BounceKind.Soft, "delivered", "send:sent wait:timeout asked:no")]
    [InlineData(BounceKind.Block, "delivered", "send:sent wait:timeout asked:no")]
    [InlineData(BounceKind.Soft, "sent again", "send:sent wait:timeout asked:no")]
    [InlineData(BounceKind.Soft, "given up", "send:sent wait:event asked:yes")]
    public async Task Whoever_waits_for_a_bounce_meets_one_that_holds(BounceKind kind, string then, string way)
    {
        var (journey, enrollment, message) = await WaitingAsync("""
            "exit":{"unsubscribed":false}
            """);
        if (then is "sent again" or "given up")
        {
            // As mail this server hands over: it waits for another attempt, or waits no longer.
            await _app.SqlAsync($"INSERT INTO deliveries (message_id, campaign_id, connection_id, state, next_at, attempts) VALUES ({message}, 1, 1, {(then == "sent again" ? 1 : 4)}, 4102444800000, 100)");
        }

        // Paused, so that nobody is looked at in between.
        await _app.PostAsync($"{JourneyApi.Path}/{journey}/actions/pause");
        await _app.StoreAsync(Some.Event(message, EventType.Bounced, TimeSpan.FromHours(-1), bounce: kind, key: "b"));
        if (then == "delivered")
        {
            await _app.StoreAsync(Some.Event(message, EventType.Delivered, TimeSpan.FromMinutes(-30), key: "d"));
        }

        await _app.FollowedForJourneysAsync();
        await _app.PassAsync(TimeSpan.FromDays(3));
        await _app.PostAsync($"{JourneyApi.Path}/{journey}/actions/resume");

        Assert.Equal(way, JourneyApi.Way(await _app.UntilAtAsync(enrollment, "asked", "completed")));
        Assert.Equal(way.EndsWith("yes", StringComparison.Ordinal) ? 1 : 0, (await _app.CountAsync(1, EventType.Bounced)).Unique - (then == "sent again" ? 1 : 0));
    }

    [Fact]
    public async Task Only_a_bounce_that_holds_begins_a_journey_or_is_its_goal()
    {
        var (_, _, first) = await WaitingAsync("""
            "exit":{"unsubscribed":false}
            """);
        var begun = await _app.GivenJourneyAsync("""{"id":"n1","type":"delay","for":"P9D","next":null}""", """
            "trigger":{"event":"bounced","campaign_id":"cmp_1"},"exit":{"unsubscribed":false}
            """);
        var left = await _app.EnrollAsync(
            await _app.GivenJourneyAsync("""{"id":"n1","type":"delay","for":"P9D","next":null}""", """
            "exit":{"unsubscribed":false,"goal":{"event":"bounced"}}
            """), "ana");
        await _app.UntilAsync(left, seen => seen["due_at"] is not null);
        await _app.SqlAsync($"INSERT INTO deliveries (message_id, campaign_id, connection_id, state, next_at, attempts) VALUES ({first}, 1, 1, 1, 4102444800000, 100)");
        _app.Clock.Pass(TimeSpan.FromHours(3));

        await _app.StoreAsync(Some.Event(first, EventType.Bounced, TimeSpan.FromMinutes(30), bounce: BounceKind.Soft, key: "soft"));
        await _app.FollowedForJourneysAsync();
        await LookedAtAsync(left);
        Assert.Equal("active", (string)(await _app.GetAsync(left))["status"]!);
        Assert.Empty((await _app.GetAsync($"{JourneyApi.Path}/{begun}/enrollments")).AsArray());
        await _app.StoreAsync(Some.Event(first, EventType.Bounced, TimeSpan.FromMinutes(40), bounce: BounceKind.Block, key: "block"));
        await _app.SqlAsync("DELETE FROM deliveries");
        await _app.StoreAsync(Some.Event(first, EventType.Bounced, TimeSpan.FromMinutes(50), bounce: BounceKind.Hard, key: "hard"));

        Assert.Equal("goal", (string)(await _app.UntilAtAsync(left, "n1", "exited"))["ended_because"]!);
        await Eventually.TrueAsync(async () => (await _app.GetAsync($"{JourneyApi.Path}/{begun}/enrollments")).AsArray().Count == 1);
        Assert.Empty(_app.Verify());
    }

    // Whoever a look was asked for has been looked at: the time they are due is not the past any more.
    private async Task LookedAtAsync(string enrollment)
    {
        _app.Services.GetRequiredService<JourneyRunner>().Wake();
        await _app.UntilAsync(enrollment, seen => seen["due_at"] is not null);
    }

    private async Task<(string Journey, string Enrollment, long Message)> WaitingAsync(string more)
    {
        var campaign = await _app.GivenDraftAsync();
        var journey = await _app.GivenJourneyAsync($$"""
            {"id":"send","type":"send","campaign_id":"{{campaign}}","next":"wait"},
            {"id":"wait","type":"wait_for","event":"bounced","message_of":"send","timeout":"P2D","on_event":"asked","on_timeout":"asked"},
            {"id":"asked","type":"condition","test":{"event":"bounced","message_of":"send"},"yes":null,"no":null}
            """, more);
        var enrollment = await _app.EnrollAsync(journey, await _app.GivenPersonAsync("ana"));
        return (journey, enrollment, JourneyApi.MessageOf(await _app.UntilAtAsync(enrollment, "wait"), "send"));
    }
}
