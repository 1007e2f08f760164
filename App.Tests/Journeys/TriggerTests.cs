using System.Net;
using System.Text.Json.Nodes;
using ScoreTracking.Events;
using ScoreTracking.Tests.Campaigns;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Journeys;

public sealed class TriggerTests : IAsyncDisposable
{
    private const string Stay = """{"id":"n1","type":"delay","for":"P1D","next":null}""";

    private readonly TestApp _app = new(JourneyApi.AtOnce);

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Fact]
    public async Task An_event_of_mail_begins_a_journey_once_and_only_for_people()
    {
        var campaign = await _app.GivenCampaignAsync();
        var link = await _app.GivenLinkAsync(campaign, "https://example.com/offer/7");
        var other = await _app.GivenLinkAsync(campaign, "https://example.com/terms", position: 2);
        var journey = await _app.GivenJourneyAsync(Stay, $$"""
            "trigger":{"event":"clicked","campaign_id":"cmp_{{campaign}}","link_contains":"/OFFER"}
            """);
        var (first, second, third) = (await _app.GivenMessageAsync(campaign), await _app.GivenMessageAsync(campaign), await _app.GivenMessageAsync(campaign));

        await _app.StoreAsync(
            Some.Event(first, EventType.Clicked, TimeSpan.FromHours(1), linkId: link, key: "a"), Some.Event(first, EventType.Clicked, TimeSpan.FromHours(2), linkId: link, key: "b"),
            Some.Event(second, EventType.Clicked, TimeSpan.FromHours(1), linkId: other, ip: "198.51.100.4"), Some.Event(third, EventType.Clicked, TimeSpan.FromHours(1), linkId: link, userAgent: Some.Scanner));
        await _app.FollowedForJourneysAsync();

        await EnteredAsync(journey, 1);
        Assert.Empty(_app.Verify());
    }

    [Fact]
    public async Task Who_comes_to_a_list_begins_and_nobody_while_it_is_paused()
    {
        var list = (string)(await _app.SendAsync(HttpMethod.Post, "/api/v1/lists", JsonNode.Parse("""{"name":"VIP"}"""), HttpStatusCode.Created))["id"]!;
        await JoinAsync(list, "before");
        var journey = await _app.GivenJourneyAsync(Stay, $$"""
            "trigger":{"event":"list_joined","list_id":"{{list}}"}
            """);

        await JoinAsync(list, "ana");
        await EnteredAsync(journey, 1);
        await _app.PostAsync($"{JourneyApi.Path}/{journey}/actions/pause");
        await JoinAsync(list, "ben");
        await _app.PostAsync($"{JourneyApi.Path}/{journey}/actions/resume");
        await JoinAsync(list, "cem");

        await EnteredAsync(journey, 2);
        Assert.Equal(["cem", "ana"], await PeopleAsync(journey));
    }

    [Fact]
    public async Task Who_joins_a_segment_begins_and_who_is_in_it_does_not()
    {
        await _app.GivenPersonAsync("old", """{"plan":"pro"}""");
        await _app.GivenPersonAsync("ana", """{"plan":"free"}""");
        var segment = await SegmentAsync("""{"field":"attributes.plan","op":"eq","value":"pro"}""");
        var journey = await _app.GivenJourneyAsync(Stay, $$"""
            "trigger":{"event":"segment_joined","segment_id":"seg_{{segment}}"}
            """);
        var all = await _app.GivenJourneyAsync(Stay, $$"""
            "trigger":{"event":"segment_joined","segment_id":"seg_{{segment}}","existing":true}
            """);

        await EnteredAsync(all, 1);
        await _app.GivenPersonAsync("ana", """{"plan":"pro"}""");
        await _app.GivenPersonAsync("new", """{"plan":"pro"}""");

        await EnteredAsync(journey, 2);
        Assert.Equal(["ana", "new"], (await PeopleAsync(journey)).Order());
        await EnteredAsync(all, 3);
        Assert.Empty(_app.Verify());
    }

    [Fact]
    public async Task By_time_alone_people_join_a_segment_too_and_come_back_once_they_have_left()
    {
        var campaign = await _app.GivenCampaignAsync();
        var contact = await _app.GivenContactAsync();
        var message = await _app.GivenMessageAsync(campaign, contactId: contact);
        await _app.StoreAsync(Some.Event(message, EventType.Opened, TimeSpan.FromHours(-3)));
        var segment = await SegmentAsync("""{"event":"opened","done":false,"within_days":30}""");
        var journey = await _app.GivenJourneyAsync("""{"id":"n1","type":"exit"}""", $$"""
            "again":"after_end","trigger":{"event":"segment_joined","segment_id":"seg_{{segment}}"}
            """);

        await _app.PassAsync(TimeSpan.FromDays(31));
        await EnteredAsync(journey, 1);
        await _app.StoreAsync(Some.Event(message, EventType.Opened, TimeSpan.FromDays(31) - TimeSpan.FromHours(2), ip: "198.51.100.7"));
        await Eventually.TrueAsync(async () => await _app.CountAsync("SELECT count(*) FROM segment_watch") == 0);
        await _app.PassAsync(TimeSpan.FromDays(31));

        await EnteredAsync(journey, 2);
        Assert.Empty(_app.Verify());
    }

    private async Task<long> SegmentAsync(string rule)
    {
        await using var db = _app.Database();
        var segment = new ScoreTracking.Data.Segment { Name = "Some", Rule = rule, CreatedAt = _app.Clock.GetUtcNow(), UpdatedAt = _app.Clock.GetUtcNow() };
        db.Add(segment);
        await db.SaveChangesAsync(TestContext.Current.CancellationToken);
        return segment.Id;
    }

    private async Task JoinAsync(string list, string customerId)
    {
        await _app.GivenPersonAsync(customerId);
        using var put = await _app.RawAsync(HttpMethod.Put, $"/api/v1/lists/{list}/contacts/{customerId}", null);
        Assert.True(put.IsSuccessStatusCode);
    }

    private Task EnteredAsync(string journey, int people) =>
        Eventually.TrueAsync(async () => (int)(await _app.GetAsync($"{JourneyApi.Path}/{journey}"))["people"]!["entered"]! == people);

    private async Task<List<string>> PeopleAsync(string journey) =>
        [.. (await _app.GetAsync($"{JourneyApi.Path}/{journey}/enrollments")).AsArray().Select(row => (string)row!["customer_id"]!)];
}
