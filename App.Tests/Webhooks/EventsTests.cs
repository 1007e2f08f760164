using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using ScoreTracking.Data;
using ScoreTracking.Events;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Webhooks;

public sealed class EventsTests(EventsTests.Host host) : IClassFixture<EventsTests.Host>
{
    private TestApp App => host.App;

    [Theory]
    [InlineData("""{"\ud800":1,"event_type":"opened"}""")]
    [InlineData("""{"event_type":"\ud800"}""")]
    [InlineData("""{"event_type":"opened","message_id":"msg_1","metadata":{"\udfff":"x"}}""")]
    [InlineData("""{"event_type":"opened","message_id":"msg_1","metadata":{"x":"\udfff"}}""")]
    public async Task Half_a_character_is_one_bad_event_and_costs_only_itself(string bad)
    {
        var (_, message) = await GivenAsync();

        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await PostAsync(bad)).StatusCode);
        Assert.Equal(1, Accepted(await PostAsync($$"""[{{bad}},{"event_type":"opened","message_id":"msg_{{message}}"}]""")));
    }

    [Fact]
    public async Task One_object_an_array_and_NDJSON_are_all_taken()
    {
        var (campaign, message) = await GivenAsync();
        var one = $$"""{"event_id":"{{message}}-a","event_type":"sent","message_id":"msg_{{message}}","occurred_at":"2026-09-01T10:00:00Z"}""";
        var two = $$"""{"event_id":"{{message}}-b","event_type":"delivered","message_id":"msg_{{message}}","occurred_at":"2026-09-01T10:00:01+00:00"}""";
        var three = $$$"""{"event_id":"{{{message}}}-c","event_type":"bounced","message_id":"msg_{{{message}}}","metadata":{"bounce_type":"hard","reason":"550 5.1.1"}}""";

        Assert.Equal(1, Accepted(await PostAsync(one)));
        Assert.Equal(2, Accepted(await PostAsync($"[{two},{three}]")));
        Assert.Equal(3, Accepted(await PostAsync($"{one}\n{two}\n\n{three}\n", "application/x-ndjson")));

        await App.StoredAsync();
        Assert.Equal((1, 1), await App.CountAsync(campaign, EventType.Sent));
        Assert.Equal((1, 1), await App.CountAsync(campaign, EventType.Delivered));
        Assert.Equal(BounceKind.Hard, (await App.StateAsync(message)).Bounce);
    }

    [Fact]
    public async Task A_message_is_found_by_campaign_and_customer_or_address()
    {
        var (campaign, message) = await GivenAsync();
        await using var db = App.Database();
        var contact = db.Messages.Where(m => m.Id == message).Join(db.Contacts, m => m.ContactId, c => c.Id, (_, c) => c).Single();

        await PostAsync($$"""
            [{"event_type":"sent","campaign_id":"cmp_{{campaign}}","customer_id":"{{contact.CustomerId}}"},
             {"event_type":"delivered","campaign_id":"cmp_{{campaign}}","customer_email":"{{contact.Email.ToUpperInvariant()}}"}]
            """);
        await App.StoredAsync();

        Assert.Equal(MessageStatus.Delivered, (await App.StateAsync(message)).Status);
    }

    [Fact]
    public async Task A_click_reported_with_a_url_counts_for_that_link()
    {
        var (campaign, message) = await GivenAsync();
        var link = await App.GivenLinkAsync(campaign, "https://example.com/deal");

        await PostAsync($$$"""{"event_type":"clicked","message_id":"msg_{{{message}}}","metadata":{"url":"https://example.com/deal"}}""");
        await App.StoredAsync();

        Assert.Equal(1, db().LinkClicks.Single(c => c.LinkId == link && c.MessageId == message).Clicks);

        ScoreDb db() => App.Database();
    }

    [Fact]
    public async Task A_bad_event_costs_only_itself()
    {
        var (campaign, message) = await GivenAsync();
        string[] bad =
        [
            """{"event_type":"exploded","message_id":"msg_1"}""",
            """{"event_type":"sent"}""",
            """{"event_type":"sent","message_id":"cmp_1"}""",
            """{"event_type":"sent","message_id":7}""",
            """{"event_type":"sent","message_id":"msg_1","surprise":1}""",
            """{"event_type":"sent","message_id":"msg_1","occurred_at":"yesterday"}""",
            """{"event_type":"sent","message_id":"msg_1","occurred_at":"2026-09-01T10:00:00"}""",
            """{"event_type":"sent","message_id":"msg_1","occurred_at":"9999-09-01T10:00:00Z"}""",
            """{"event_type":"bounced","message_id":"msg_1","metadata":{"bounce_type":"rubber"}}""",
            """{"event_type":"opened","message_id":"msg_1","metadata":{"ip":"999.1.1.1"}}""",
            $$"""{"event_type":"sent","message_id":"msg_1","event_id":"{{new string('x', 1_000_000)}}"}""",
            "null", "7", "[]", "\"text\"",
        ];
        var good = $$"""{"event_id":"good-{{message}}","event_type":"sent","message_id":"msg_{{message}}"}""";

        var answer = await PostAsync($"[{string.Join(',', bad)},{good}]");

        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        var body = await answer.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal(1, body.GetProperty("accepted").GetInt32());
        Assert.Equal(Enumerable.Range(0, bad.Length), body.GetProperty("rejected").EnumerateArray().Select(rejected => rejected.GetProperty("index").GetInt32()));
        Assert.Equal("unknown", body.GetProperty("rejected")[0].GetProperty("errors").GetProperty("event_type")[0].GetString());
        await App.StoredAsync();
        Assert.Equal((1, 1), await App.CountAsync(campaign, EventType.Sent));
    }

    [Theory]
    [InlineData("", HttpStatusCode.BadRequest)]
    [InlineData("{", HttpStatusCode.BadRequest)]
    [InlineData("""{"event_type":"sent","message_id":"msg_1","x":1}""", HttpStatusCode.BadRequest)]
    [InlineData("""{"event_type":7,"message_id":"msg_1"}""", HttpStatusCode.BadRequest)]
    [InlineData("""{"event_type":"exploded","message_id":"msg_1"}""", HttpStatusCode.UnprocessableEntity)]
    public async Task A_single_bad_event_is_an_error(string body, HttpStatusCode expected)
    {
        var answer = await PostAsync(body);

        Assert.Equal(expected, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType!.MediaType);
    }

    [Fact]
    public async Task More_than_a_thousand_events_or_five_megabytes_are_refused()
    {
        var one = """{"event_type":"sent","message_id":"msg_1"}""";

        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await PostAsync($"[{string.Join(',', Enumerable.Repeat(one, 1_001))}]")).StatusCode);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await PostAsync(new string(' ', 10_000_000))).StatusCode);
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, (await PostAsync(one, "text/plain")).StatusCode);
    }

    [Fact]
    public async Task An_event_whose_message_is_not_known_is_kept_and_stored_when_it_appears()
    {
        var campaign = await App.GivenCampaignAsync();
        var next = App.Database().Messages.Max(m => (long?)m.Id) + 1 ?? 1;

        await PostAsync($$"""{"event_type":"sent","message_id":"msg_{{next}}"}""");
        await App.StoredAsync();
        Assert.Equal(1, App.Database().UnmatchedEvents.Count());
        var message = await App.GivenMessageAsync(campaign);
        Assert.Equal(next, message);

        await Eventually.TrueAsync(() => !App.Database().UnmatchedEvents.Any());
        await App.StoredAsync();
        Assert.Equal((1, 1), await App.CountAsync(campaign, EventType.Sent));
        Assert.Empty(App.Verify());
    }

    [Fact]
    public async Task Without_a_key_nothing_is_taken()
    {
        using var client = App.Anonymous();

        var answer = await client.PostAsync("/api/v1/events", new StringContent("{}", Encoding.UTF8, "application/json"));

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
    }

    private async Task<(long Campaign, long Message)> GivenAsync()
    {
        var campaign = await App.GivenCampaignAsync();
        return (campaign, await App.GivenMessageAsync(campaign));
    }

    private Task<HttpResponseMessage> PostAsync(string body, string type = "application/json") =>
        App.Api.PostAsync("/api/v1/events", new StringContent(body, Encoding.UTF8, type));

    private static int Accepted(HttpResponseMessage answer)
    {
        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        return answer.Content.ReadFromJsonAsync<JsonElement>().Result.GetProperty("accepted").GetInt32();
    }

    public sealed class Host : IAsyncDisposable
    {
        public TestApp App { get; } = new();

        public ValueTask DisposeAsync() => App.DisposeAsync();
    }
}
