using System.Net;
using System.Text.Json.Nodes;
using ScoreTracking.Data;
using ScoreTracking.Events;
using ScoreTracking.Tests.Campaigns;
using ScoreTracking.Tests.Hooks;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Journeys;

/// <summary>Journeys that send and tell, from publishing to the last step, as a program outside sees them.</summary>
public sealed class JourneySendingTests : IAsyncLifetime
{
    private readonly ScriptedSmtpServer _server = new();
    private TestApp _app = new(HookApi.OnLoopback);
    private HookSink _sink = null!;

    public async ValueTask InitializeAsync() => _sink = await HookSink.OpenAsync();

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        await _server.DisposeAsync();
        await _sink.DisposeAsync();
    }

    [Fact]
    public async Task Mail_is_told_of_the_webhook_hears_which_and_the_person_comes_to_the_end()
    {
        await _app.GivenHookAsync($"{_sink.Url}/crm", "message.ready");
        var campaign = await _app.GivenDraftAsync();
        var journey = await PublishedAsync(Send("n1", campaign, "n2"), Webhook("n2", null));

        var enrollment = await BeginAsync(journey, 1);
        var done = await EndedAsync(journey, enrollment);

        Assert.Equal(("completed", "n2"), ((string)done["status"]!, (string)done["step_id"]!));
        Assert.Equal([("n1", "sent"), ("n2", "next")], done["log"]!.AsArray().Select(step => ((string)step!["step_id"]!, (string)step["outcome"]!)));
        var message = (string)done["log"]![0]!["message_id"]!;
        var bodies = (await _sink.UntilAsync(2)).Select(HookSink.Body).ToDictionary(body => (string)body["type"]!);
        Assert.Equal((message, enrollment), ((string)bodies["message.ready"]["data"]!["message_id"]!, (string)bodies["message.ready"]["data"]!["journey"]!["enrollment_id"]!));
        Assert.Equal(("n1", message), ((string)bodies["journey.step"]["data"]!["messages"]![0]!["step_id"]!, (string)bodies["journey.step"]["data"]!["messages"]![0]!["message_id"]!));
        Assert.Equal(message, (string)Assert.Single((await _app.GetAsync($"/api/v1/messages?campaign_id={campaign}")).AsArray())!["message_id"]!);
        Assert.Empty(_app.Verify());
    }

    [Fact]
    public async Task A_campaign_this_server_sends_stays_open_until_the_journey_is_archived()
    {
        var campaign = await _app.GivenSmtpDraftAsync(await _app.GivenSmtpAsync(_server.Port), recipients: 0);
        var journey = await PublishedAsync(Send("n1", campaign, null));

        for (var number = 1; number <= 3; number++)
        {
            await EndedAsync(journey, await BeginAsync(journey, number));
            await Eventually.TrueAsync(async () => (await _app.CountAsync(SendingSetting.Number(campaign), EventType.Sent)).Unique == number);
        }

        Assert.Equal(["person1@example.com", "person2@example.com", "person3@example.com"], _server.Mails.SelectMany(mail => mail.Recipients));
        Assert.Equal("running", (string)(await _app.GetAsync($"/api/v1/campaigns/{campaign}"))["status"]!);
        await _app.PostAsync($"/api/v1/journeys/{journey}/actions/archive");
        await Eventually.TrueAsync(async () => (string)(await _app.GetAsync($"/api/v1/campaigns/{campaign}"))["status"]! == "completed");
        Assert.Empty(_app.Verify());
    }

    [Fact]
    public async Task What_its_steps_cannot_do_keeps_a_journey_from_being_published_and_starts_nothing()
    {
        var (good, over) = (await _app.GivenDraftAsync(), await _app.GivenDraftAsync());
        await _app.PostAsync($"/api/v1/campaigns/{over}/actions/cancel");
        var bare = CampaignApi.Campaign();
        bare.Remove("content");
        var empty = await _app.GivenDraftAsync(bare);
        await using var strict = new TestApp();

        await RefusedAsync(_app, "steps[1].campaign_id", Send("n1", good, "n2"), Send("n2", empty, null));
        await RefusedAsync(_app, "steps[1].campaign_id", Send("n1", good, "n2"), Send("n2", over, null));
        await RefusedAsync(strict, "steps[0].url", Webhook("n1", null, "http://169.254.169.254/latest"));

        Assert.Equal("draft", (string)(await _app.GetAsync($"/api/v1/campaigns/{good}"))["status"]!);
    }

    [Fact]
    public async Task A_paused_campaign_holds_people_where_they_are()
    {
        var campaign = await _app.GivenSmtpDraftAsync(await _app.GivenSmtpAsync(_server.Port), recipients: 0);
        var journey = await PublishedAsync(Send("n1", campaign, null));
        await _app.PostAsync($"/api/v1/campaigns/{campaign}/actions/pause");
        var enrollment = await BeginAsync(journey, 1);

        await Eventually.TrueAsync(async () => (await FindAsync(journey, enrollment))["due_at"] is not null);
        Assert.Equal(("active", "n1"), ((string)(await FindAsync(journey, enrollment))["status"]!, (string)(await FindAsync(journey, enrollment))["step_id"]!));
        await _app.PostAsync($"/api/v1/campaigns/{campaign}/actions/resume");

        Assert.Equal("completed", (string)(await EndedAsync(journey, enrollment))["status"]!);
        await Eventually.TrueAsync(() => _server.Mails.Count == 1);
    }

    [Fact]
    public async Task Who_unsubscribes_between_enrolling_and_sending_is_sent_nothing()
    {
        var campaign = await _app.GivenSmtpDraftAsync(await _app.GivenSmtpAsync(_server.Port), recipients: 0);
        var (leaving, staying) = (
            await PublishedAsync(Delay("n0", "PT2M", "n1"), Send("n1", campaign, null)),
            await PublishedAsync(leaves: false, Delay("n0", "PT2M", "n1"), Send("n1", campaign, null)));
        var (one, other) = (await BeginAsync(leaving, 1), await BeginAsync(staying, 1));

        await _app.SendAsync(HttpMethod.Post, "/api/v1/suppressions", JsonNode.Parse("""{"email":"person1@example.com","reason":"manual","note":"by phone"}"""), HttpStatusCode.Created);
        _app.Clock.Advance(TimeSpan.FromMinutes(3));

        Assert.Equal("exited", (string)(await EndedAsync(leaving, one))["status"]!);
        var gone = await EndedAsync(staying, other);
        Assert.Equal(("completed", "suppressed"), ((string)gone["status"]!, (string)gone["log"]![1]!["outcome"]!));
        await using var db = _app.Database();
        Assert.False(db.Messages.Any());
    }

    [Fact]
    public async Task A_webhook_that_is_gone_fails_the_person_until_somebody_tries_again()
    {
        _sink.Answer = HookSink.With(410);
        var campaign = await _app.GivenDraftAsync();
        var journey = await PublishedAsync(Webhook("n1", "n2"), Send("n2", campaign, null));
        var enrollment = await BeginAsync(journey, 1);

        await Eventually.TrueAsync(async () => (string)(await FindAsync(journey, enrollment))["status"]! == "failed");
        Assert.Equal("Answered 410, at attempt 1.", (string)(await FindAsync(journey, enrollment))["ended_because"]!);
        _sink.Answer = HookSink.With(200);
        using (var retried = await _app.RawAsync(HttpMethod.Post, $"/api/v1/journeys/{journey}/enrollments/{enrollment}/actions/retry", null))
        {
            Assert.True(retried.IsSuccessStatusCode);
        }

        Assert.Equal("completed", (string)(await EndedAsync(journey, enrollment))["status"]!);
        Assert.Equal([$"{enrollment}-0", $"{enrollment}-0"], _sink.Received.Select(request => request.Header("webhook-id")));
    }

    [Fact]
    public async Task A_restart_between_two_steps_sends_nobody_twice()
    {
        _sink.Answer = HookSink.With(503);
        var connection = await _app.GivenSmtpAsync(_server.Port);
        var campaign = await _app.GivenSmtpDraftAsync(connection, recipients: 0);
        var second = await _app.GivenSmtpDraftAsync(connection, recipients: 0, SendingSetting.Campaign(connection, "Second"));
        var journey = await PublishedAsync(Send("n1", campaign, "n2"), Webhook("n2", "n3"), Send("n3", second, "n4"), Send("n4", campaign, null));
        var people = new List<string>();
        for (var number = 1; number <= 5; number++)
        {
            people.Add(await BeginAsync(journey, number));
        }

        await Eventually.TrueAsync(() => _sink.Received.Count >= 5 && _server.Mails.Count == 5);
        var now = _app.Clock.GetUtcNow() + TimeSpan.FromMinutes(3);
        await _app.StopKeepingDataAsync();
        _sink.Answer = HookSink.With(200);
        _app = new TestApp(HookApi.OnLoopback, _app.DataDirectory);
        _app.Clock.Set(now);

        foreach (var person in people)
        {
            var done = await EndedAsync(journey, person);
            Assert.Equal(["sent", "next", "sent", "already_sent"], done["log"]!.AsArray().Select(step => (string)step!["outcome"]!));
            Assert.Equal((string)done["log"]![0]!["message_id"]!, (string)done["log"]![3]!["message_id"]!);
        }

        await Eventually.TrueAsync(() => _server.Mails.Count == 10);
        Assert.All(_server.Mails.SelectMany(mail => mail.Recipients).GroupBy(recipient => recipient), recipient => Assert.Equal(2, recipient.Count()));
        Assert.Equal(5, _sink.Received.Select(request => request.Header("webhook-id")).Distinct().Count());
        Assert.Empty(_app.Verify());
    }

    private static JsonObject Send(string id, string campaign, string? next) => new() { ["id"] = id, ["type"] = "send", ["campaign_id"] = campaign, ["next"] = next };

    private static JsonObject Delay(string id, string duration, string? next) => new() { ["id"] = id, ["type"] = "delay", ["for"] = duration, ["next"] = next };

    private JsonObject Webhook(string id, string? next, string? url = null) => new() { ["id"] = id, ["type"] = "webhook", ["url"] = url ?? $"{_sink.Url}/step", ["next"] = next };

    private static JsonObject Journey(bool leaves, params JsonObject[] steps) => new()
    {
        ["name"] = "Welcome", ["trigger"] = new JsonObject { ["event"] = "api" }, ["steps"] = new JsonArray([.. steps]), ["exit"] = new JsonObject { ["unsubscribed"] = leaves },
    };

    private Task<string> PublishedAsync(params JsonObject[] steps) => PublishedAsync(leaves: true, steps);

    private async Task<string> PublishedAsync(bool leaves, params JsonObject[] steps)
    {
        var journey = (string)(await _app.SendAsync(HttpMethod.Post, "/api/v1/journeys", Journey(leaves, steps), HttpStatusCode.Created))["id"]!;
        await _app.PostAsync($"/api/v1/journeys/{journey}/actions/publish");
        return journey;
    }

    // Refused when it is made, or at the latest when it is published.
    private static async Task RefusedAsync(TestApp app, string path, params JsonObject[] steps)
    {
        using var made = await app.RawAsync(HttpMethod.Post, "/api/v1/journeys", Journey(leaves: true, steps).ToJsonString());
        var answer = JsonNode.Parse(await made.Content.ReadAsStringAsync())!;
        var problem = made.StatusCode == HttpStatusCode.Created
            ? await app.RefusedAsync(HttpMethod.Post, $"/api/v1/journeys/{answer["data"]!["id"]}/actions/publish", null, 422)
            : answer;
        Assert.True(problem["errors"]?[path] is not null, problem.ToJsonString());
    }

    private async Task<string> BeginAsync(string journey, int number)
    {
        await using (var db = _app.Database())
        {
            if (!db.Contacts.Any(contact => contact.CustomerId == $"c{number}"))
            {
                db.Add(new Contact { CustomerId = $"c{number}", Email = $"person{number}@example.com", Attributes = "{}", CreatedAt = _app.Clock.GetUtcNow() });
                await db.SaveChangesAsync();
            }
        }

        using var answer = await _app.RawAsync(HttpMethod.Post, $"/api/v1/journeys/{journey}/enrollments", $$"""{"customer_id":"c{{number}}"}""");
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, text);
        return (string)JsonNode.Parse(text)!["data"]!["id"]!;
    }

    private Task<JsonNode> FindAsync(string journey, string enrollment) => _app.GetAsync($"/api/v1/journeys/{journey}/enrollments/{enrollment}");

    private async Task<JsonNode> EndedAsync(string journey, string enrollment)
    {
        JsonNode found = null!;
        await Eventually.TrueAsync(async () => (string)(found = await FindAsync(journey, enrollment))["status"]! is "completed" or "exited");
        return found;
    }
}
