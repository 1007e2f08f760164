using System.Globalization;
using System.Text.Json.Nodes;
using ScoreTracking.Data;
using ScoreTracking.Ingest;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Campaigns;

/// <summary>From draft to the queue: now, at a time, in hours, and back.</summary>
public sealed class ScheduleTests : IAsyncLifetime
{
    private const string Hours = """{"days":["mon","tue","wed","thu","fri"],"from":"08:00","to":"18:00"}""";

    private readonly TestApp _app = new();
    private string _connection = "";

    public async ValueTask InitializeAsync() => _connection = await _app.GivenSmtpAsync();

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Fact]
    public async Task A_campaign_we_send_names_its_connection_and_keeps_it()
    {
        var id = await _app.GivenSmtpDraftAsync(_connection, recipients: 0);

        var stored = await _app.GetAsync($"/api/v1/campaigns/{id}");
        Assert.Equal(("smtp", _connection), ((string)stored["delivery"]!, (string)stored["connection_id"]!));

        var copy = await _app.SendAsync(HttpMethod.Post, $"/api/v1/campaigns/{id}/actions/duplicate", null, System.Net.HttpStatusCode.Created);
        Assert.Equal(_connection, (string)copy["connection_id"]!);

        var external = await _app.SendAsync(HttpMethod.Patch, $"/api/v1/campaigns/{id}", JsonNode.Parse("""{"delivery":"external","connection_id":null}"""), System.Net.HttpStatusCode.OK);
        Assert.Null(external["connection_id"]);
    }

    [Theory]
    [InlineData("""{"delivery":"smtp"}""", "connection_id")]
    [InlineData("""{"delivery":"smtp","connection_id":"con_999"}""", "connection_id")]
    [InlineData("""{"delivery":"smtp","connection_id":"1"}""", "connection_id")]
    [InlineData("""{"delivery":"external","connection_id":"con_1"}""", "connection_id")]
    [InlineData("""{"delivery":"post"}""", "delivery")]
    public async Task A_connection_that_cannot_be_meant_is_refused(string changes, string path)
    {
        var campaign = CampaignApi.Campaign();
        foreach (var (name, value) in JsonNode.Parse(changes)!.AsObject())
        {
            campaign[name] = value?.DeepClone();
        }

        var problem = await _app.RefusedAsync(HttpMethod.Post, "/api/v1/campaigns", campaign.ToJsonString(), 422);

        Assert.Equal([path], problem["errors"]!.AsObject().Select(error => error.Key));
    }

    [Fact]
    public async Task A_connection_that_is_switched_off_or_only_reports_cannot_send()
    {
        var id = await _app.GivenSmtpDraftAsync(_connection);
        await _app.SwitchAsync(_connection, on: false);

        var off = await _app.RefusedAsync(HttpMethod.Post, $"/api/v1/campaigns/{id}/actions/send", null, 422);
        Assert.Contains("switched off", (string)off["errors"]!["connection_id"]![0]!, StringComparison.Ordinal);
        Assert.Equal("draft", await StatusAsync(id));

        var reports = await _app.RefusedAsync(HttpMethod.Post, "/api/v1/campaigns", SendingSetting.Campaign(await _app.GivenReportsAsync()).ToJsonString(), 422);
        Assert.Contains("only receives", (string)reports["errors"]!["connection_id"]![0]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_start_needs_something_to_say_and_somebody_to_say_it_to()
    {
        var silent = SendingSetting.Campaign(_connection);
        silent["content"] = new JsonObject { ["subject"] = "Hi" };
        var empty = await _app.GivenSmtpDraftAsync(_connection, campaign: silent);
        var lonely = await _app.GivenSmtpDraftAsync(_connection, recipients: 0);

        Assert.NotNull((await _app.RefusedAsync(HttpMethod.Post, $"/api/v1/campaigns/{empty}/actions/send", null, 422))["errors"]!["content"]);
        Assert.NotNull((await _app.RefusedAsync(HttpMethod.Post, $"/api/v1/campaigns/{lonely}/actions/send", null, 422))["errors"]!["recipients"]);
    }

    [Fact]
    public async Task A_start_queues_every_recipient_once_and_those_who_come_later_too()
    {
        var id = await QueuedAsync(recipients: 3);
        await AddAsync(id, 3, 4);

        Assert.Equal(6, await _app.CountAsync(id, DeliveryState.Waiting));
        Assert.Equal(409, await StatusCodeAsync($"/api/v1/campaigns/{id}/actions/send"));

        var twice = await _app.RefusedAsync(HttpMethod.Post, $"/api/v1/campaigns/{id}/instrument", """{"customer_id":"c1"}""", 409);
        Assert.Contains("twice", (string)twice["detail"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cancelling_withdraws_what_waits_and_pausing_keeps_it()
    {
        var id = await QueuedAsync(recipients: 3);

        Assert.Equal("paused", (string)(await _app.PostAsync($"/api/v1/campaigns/{id}/actions/pause"))["status"]!);
        await AddAsync(id, 4, 1);
        Assert.Equal(4, await _app.CountAsync(id, DeliveryState.Waiting));
        Assert.Equal("running", (string)(await _app.PostAsync($"/api/v1/campaigns/{id}/actions/resume"))["status"]!);
        Assert.Equal("cancelled", (string)(await _app.PostAsync($"/api/v1/campaigns/{id}/actions/cancel"))["status"]!);

        Assert.Equal((0, 4), (await _app.CountAsync(id, DeliveryState.Waiting), await _app.CountAsync(id, DeliveryState.Withdrawn)));
        Assert.Equal(409, await StatusCodeAsync($"/api/v1/campaigns/{id}/actions/resume"));
        Assert.Equal(409, await StatusCodeAsync($"/api/v1/campaigns/{id}/actions/cancel"));
        Assert.Empty(_app.Verify());
    }

    [Fact]
    public async Task What_a_crash_left_of_a_cancellation_is_withdrawn_at_the_next_start()
    {
        var directory = Directory.CreateTempSubdirectory("scoretracking-test-").FullName;
        var before = new TestApp(dataDirectory: directory);
        var id = await before.GivenSmtpDraftAsync(await before.GivenSmtpAsync());
        await before.PostAsync($"/api/v1/campaigns/{id}/actions/send");
        await before.SqlAsync("UPDATE campaigns SET status = 'cancelled'");
        await before.StopKeepingDataAsync();

        await using var app = new TestApp(dataDirectory: directory);

        await Eventually.TrueAsync(async () => await app.CountAsync(id, DeliveryState.Withdrawn) == 3);
    }

    [Fact]
    public async Task A_scheduled_campaign_starts_at_its_time_and_not_before()
    {
        var id = await _app.GivenSmtpDraftAsync(_connection);
        var scheduled = await ScheduleAsync(id, _app.Clock.GetUtcNow().AddMinutes(30), Hours);
        Assert.Equal(("scheduled", "2026-09-01T10:30:00Z"), ((string)scheduled["status"]!, (string)scheduled["scheduled_at"]!));
        var row = (await _app.GetAsync("/api/v1/campaigns?status=scheduled"))[0]!;
        Assert.Equal(("2026-09-01T10:30:00Z", null), ((string)row["scheduled_at"]!, (string?)row["held_because"]));
        Assert.Equal("18:00", (string)scheduled["window"]!["to"]!);
        Assert.Equal(409, await StatusCodeAsync($"/api/v1/campaigns/{id}/instrument", """{"customer_id":"c1"}"""));
        Assert.Equal(409, await StatusCodeAsync($"/api/v1/campaigns/{id}/actions/confirm"));

        await _app.LookAtScheduleAsync();
        Assert.Equal("scheduled", await StatusAsync(id));

        _app.Clock.Advance(TimeSpan.FromMinutes(30));
        await _app.LookAtScheduleAsync();
        Assert.Equal("running", await StatusAsync(id));
        Assert.Equal(3, await _app.CountAsync(id, DeliveryState.Waiting));
    }

    [Fact]
    public async Task It_starts_by_itself_while_the_clock_runs_as_it_should()
    {
        var id = await _app.GivenSmtpDraftAsync(_connection);
        await ScheduleAsync(id, _app.Clock.GetUtcNow().AddMinutes(2));

        _app.Clock.Advance(TimeSpan.FromMinutes(2));

        await Eventually.TrueAsync(async () => await StatusAsync(id) == "running");
    }

    [Fact]
    public async Task A_clock_that_jumped_starts_nothing()
    {
        var id = await _app.GivenSmtpDraftAsync(_connection);
        await ScheduleAsync(id, _app.Clock.GetUtcNow().AddMinutes(30));
        var guard = new ClockGuard(_app.Clock);

        _app.Clock.Advance(TimeSpan.FromMinutes(40));
        await _app.ScheduledStarts().LookAsync(guard, CancellationToken.None);
        Assert.Equal("scheduled", await StatusAsync(id));

        await _app.ScheduledStarts().LookAsync(new ClockGuard(_app.Clock), CancellationToken.None);
        Assert.Equal("running", await StatusAsync(id));
    }

    [Fact]
    public async Task A_start_that_was_missed_by_more_than_an_hour_asks_first()
    {
        var id = await _app.GivenSmtpDraftAsync(_connection);
        await ScheduleAsync(id, _app.Clock.GetUtcNow().AddMinutes(30));
        _app.Clock.Advance(TimeSpan.FromMinutes(91));

        await _app.LookAtScheduleAsync();

        var held = await _app.GetAsync($"/api/v1/campaigns/{id}");
        Assert.Equal("scheduled", (string)held["status"]!);
        Assert.Equal((string)held["held_because"]!, (string)(await _app.GetAsync("/api/v1/campaigns"))[0]!["held_because"]!);
        Assert.Contains("more than an hour ago", (string)held["held_because"]!, StringComparison.Ordinal);
        Assert.Equal(0, await _app.CountAsync(id, DeliveryState.Waiting));

        var confirmed = await _app.PostAsync($"/api/v1/campaigns/{id}/actions/confirm");
        Assert.Equal(("running", null), ((string)confirmed["status"]!, (string?)confirmed["held_because"]));
        Assert.Equal(3, await _app.CountAsync(id, DeliveryState.Waiting));
        Assert.Equal(409, await StatusCodeAsync($"/api/v1/campaigns/{id}/actions/confirm"));
    }

    [Fact]
    public async Task While_all_mail_is_held_back_nothing_starts_and_what_cannot_start_says_why()
    {
        var id = await _app.GivenSmtpDraftAsync(_connection);
        await ScheduleAsync(id, _app.Clock.GetUtcNow().AddMinutes(10));
        await _app.SqlAsync("UPDATE organization SET sending_held = 'This is a restored copy.'");
        _app.Clock.Advance(TimeSpan.FromMinutes(20));

        await _app.LookAtScheduleAsync();
        Assert.Equal("scheduled", await StatusAsync(id));

        await _app.SqlAsync("UPDATE organization SET sending_held = ''");
        await _app.SwitchAsync(_connection, on: false);
        await _app.LookAtScheduleAsync();
        Assert.Contains("switched off", (string)(await _app.GetAsync($"/api/v1/campaigns/{id}"))["held_because"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_schedule_is_moved_and_taken_back_and_the_content_may_change_then()
    {
        var id = await _app.GivenSmtpDraftAsync(_connection);
        await ScheduleAsync(id, _app.Clock.GetUtcNow().AddHours(1), Hours);
        var moved = await ScheduleAsync(id, _app.Clock.GetUtcNow().AddHours(2));
        Assert.Null(moved["window"]);

        Assert.Equal(409, await StatusCodeAsync($"/api/v1/campaigns/{id}", """{"track_opens":false}""", HttpMethod.Patch));
        var draft = await _app.PostAsync($"/api/v1/campaigns/{id}/actions/unschedule");
        Assert.Equal(("draft", null), ((string)draft["status"]!, (string?)draft["scheduled_at"]));
        Assert.Equal(200, await StatusCodeAsync($"/api/v1/campaigns/{id}", """{"track_opens":false}""", HttpMethod.Patch));
        Assert.Equal(409, await StatusCodeAsync($"/api/v1/campaigns/{id}/actions/unschedule"));
    }

    [Theory]
    [InlineData("""{}""", 422, "at")]
    [InlineData("""{"at":"2026-09-01T09:59:59Z"}""", 422, "at")]
    [InlineData("""{"at":"2028-09-01T09:59:59Z"}""", 422, "at")]
    [InlineData("""{"at":"tomorrow"}""", 400, "at")]
    [InlineData("""{"at":"2026-09-01T12:00:00Z","in":"window"}""", 400, "in")]
    [InlineData("""{"at":"2026-09-01T12:00:00Z","window":{"days":["mon"],"from":"08:00"}}""", 422, "window.to")]
    public async Task A_schedule_that_makes_no_sense_is_refused(string body, int status, string path)
    {
        var id = await _app.GivenSmtpDraftAsync(_connection);

        var problem = await _app.RefusedAsync(HttpMethod.Post, $"/api/v1/campaigns/{id}/actions/schedule", body, status);

        Assert.Contains(path, problem["errors"]!.AsObject().Select(error => error.Key.TrimStart('$', '.')));
        Assert.Equal("draft", await StatusAsync(id));
    }

    [Fact]
    public async Task Hours_are_ours_to_keep_only_where_we_send()
    {
        var external = await _app.GivenDraftAsync();
        var window = $$"""{"window":{{Hours}}}""";

        await _app.RefusedAsync(HttpMethod.Post, $"/api/v1/campaigns/{external}/actions/window", window, 422);
        await _app.RefusedAsync(HttpMethod.Post, $"/api/v1/campaigns/{external}/actions/send", window, 422);
        await _app.RefusedAsync(HttpMethod.Post, "/api/v1/campaigns/cmp_999/actions/window", window, 404);

        var id = await QueuedAsync(recipients: 1, window);
        var open = await _app.PostAsync($"/api/v1/campaigns/{id}/actions/window", JsonNode.Parse("""{"window":null}"""));
        Assert.Null(open["window"]);
    }

    [Fact]
    public async Task A_campaign_the_caller_sends_can_be_scheduled_too()
    {
        var id = await _app.GivenDraftAsync();
        await ScheduleAsync(id, _app.Clock.GetUtcNow().AddMinutes(30));
        _app.Clock.Advance(TimeSpan.FromMinutes(30));

        await _app.LookAtScheduleAsync();

        Assert.Equal("running", await StatusAsync(id));
        Assert.Equal(0, await _app.CountAsync(id, DeliveryState.Waiting));
    }

    private async Task<string> QueuedAsync(int recipients, string? body = null)
    {
        var id = await _app.GivenSmtpDraftAsync(_connection, recipients);
        await _app.PostAsync($"/api/v1/campaigns/{id}/actions/send", body is null ? null : JsonNode.Parse(body));
        return id;
    }

    private Task<JsonNode> AddAsync(string id, int first, int count) =>
        _app.PostAsync($"/api/v1/campaigns/{id}/recipients", CampaignApi.Recipients(Enumerable.Range(first, count).Select(CampaignApi.Recipient)));

    private Task<JsonNode> ScheduleAsync(string id, DateTimeOffset at, string? window = null) => _app.PostAsync(
        $"/api/v1/campaigns/{id}/actions/schedule",
        new JsonObject { ["at"] = at.ToString("O", CultureInfo.InvariantCulture), ["window"] = window is null ? null : JsonNode.Parse(window) });

    private async Task<string> StatusAsync(string id) => (string)(await _app.GetAsync($"/api/v1/campaigns/{id}"))["status"]!;

    private async Task<int> StatusCodeAsync(string path, string? body = null, HttpMethod? method = null)
    {
        using var response = await _app.RawAsync(method ?? HttpMethod.Post, path, body);
        return (int)response.StatusCode;
    }
}
