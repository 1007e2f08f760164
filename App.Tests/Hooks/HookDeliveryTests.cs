using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using ScoreTracking.Events;
using ScoreTracking.Hooks;
using ScoreTracking.Ingest;
using ScoreTracking.Tests.Campaigns;
using ScoreTracking.Tests.Support;
using ScoreTracking.Webhooks;

namespace ScoreTracking.Tests.Hooks;

public sealed class HookDeliveryTests : IAsyncLifetime
{
    private TestApp _app = new(HookApi.OnLoopback);
    private HookSink _sink = null!;
    private long _message;

    public async ValueTask InitializeAsync()
    {
        _sink = await HookSink.OpenAsync();
        _message = await _app.GivenMessageAsync(await _app.GivenCampaignAsync());
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        await _sink.DisposeAsync();
    }

    [Fact]
    public async Task An_event_is_posted_signed_as_Standard_Webhooks_says_with_what_the_log_shows_of_it()
    {
        var hook = await _app.GivenHookAsync($"{_sink.Url}/mail?tenant=7", "bounced");

        await _app.StoreAsync(Some.Event(_message, EventType.Delivered), Some.Event(_message, EventType.Bounced, key: "b", bounce: BounceKind.Hard) with { Reason = "550 5.1.1" });

        var request = Assert.Single(await _sink.UntilAsync(1));
        Assert.Equal(("POST", "application/json"), (request.Method, request.Header("content-type")));
        Assert.Equal(Authenticity.Genuine, StandardSignature.Check(request, [(string)hook["secret"]!], _app.Clock.GetUtcNow()));
        Assert.NotEqual(Authenticity.Genuine, StandardSignature.Check(request, [HookSignature.NewSecret()], _app.Clock.GetUtcNow()));
        var body = HookSink.Body(request);
        var logged = (await _app.GetAsync("/api/v1/events?event_type=bounced"))[0]!;
        Assert.Equal("bounced", (string)body["type"]!);
        Assert.Equal((string)logged["occurred_at"]!, (string)body["timestamp"]!);
        Assert.Equal(logged.ToJsonString(), body["data"]!.ToJsonString());
        var delivery = await _app.UntilAsync(hook, one => (string)one["status"]! == "delivered");
        Assert.Equal((request.Header("webhook-id"), 1, 204), ((string)delivery["id"]!, (int)delivery["attempts"]!, (int)delivery["response_status"]!));
        Assert.Equal(((string)logged["id"]!, $"msg_{_message}"), ((string)delivery["event_id"]!, (string)delivery["message_id"]!));
        Assert.Null(delivery["error"]);
    }

    [Fact]
    public async Task Machines_are_told_of_only_where_they_are_asked_for_and_a_repeat_never()
    {
        var people = await _app.GivenHookAsync($"{_sink.Url}/people", "opened");
        var all = HookApi.Hook($"{_sink.Url}/all", "opened");
        all["include_machines"] = true;
        var machines = await _app.SendAsync(HttpMethod.Post, HookApi.Path, all, HttpStatusCode.Created);

        await _app.StoreAsync(
            Some.Event(_message, EventType.Opened, TimeSpan.FromMinutes(1), userAgent: Some.Scanner), Some.Event(_message, EventType.Opened, TimeSpan.FromMinutes(2), userAgent: Some.ApplePrivacy),
            Some.Event(_message, EventType.Opened, TimeSpan.FromMinutes(3)), Some.Event(_message, EventType.Opened, TimeSpan.FromMinutes(3.1)));
        await FollowedAsync();

        Assert.Single(await _app.DeliveriesAsync(people));
        Assert.Equal(3, (await _app.DeliveriesAsync(machines)).Count);
    }

    [Fact]
    public async Task A_first_open_is_announced_once_per_message_also_where_a_click_tells_of_it()
    {
        var hook = await _app.GivenHookAsync(_sink.Url, "first_open", "first_click");
        var other = await _app.GivenMessageAsync(await _app.GivenCampaignAsync());

        await _app.StoreAsync(Some.Event(_message, EventType.Opened, userAgent: Some.Scanner));
        await _app.StoreAsync(Some.Event(_message, EventType.Opened, TimeSpan.FromHours(1)));
        await _app.StoreAsync(Some.Event(_message, EventType.Opened, TimeSpan.FromHours(2)), Some.Event(_message, EventType.Clicked, TimeSpan.FromHours(3)), Some.Event(_message, EventType.Clicked, TimeSpan.FromHours(4)));
        await _app.StoreAsync(Some.Event(other, EventType.Clicked, TimeSpan.FromHours(1)), Some.Event(other, EventType.Opened, TimeSpan.FromHours(2)));
        await FollowedAsync();

        Assert.Equal(
            [$"first_click msg_{other}", $"first_open msg_{other}", $"first_click msg_{_message}", $"first_open msg_{_message}"],
            (await _app.DeliveriesAsync(hook)).Select(delivery => $"{delivery["type"]} {delivery["message_id"]}"));
        Assert.Equal("clicked", (string)(await _sink.UntilAsync(4)).Select(HookSink.Body).Single(body => (string)body["type"]! == "first_open" && (string)body["data"]!["message_id"]! == $"msg_{other}")["data"]!["event_type"]!);
    }

    [Fact]
    public async Task What_failed_is_tried_again_after_half_a_minute_under_the_same_id()
    {
        _sink.Answer = HookSink.With(500);
        var hook = await _app.GivenHookAsync(_sink.Url, "delivered");
        await _app.StoreAsync(Some.Event(_message, EventType.Delivered));

        var failed = await _app.UntilAsync(hook, one => (int)one["attempts"]! == 1);
        Assert.Equal(("waiting", "Answered 500", 500), ((string)failed["status"]!, (string)failed["error"]!, (int)failed["response_status"]!));
        Assert.InRange(DateTimeOffset.Parse((string)failed["next_attempt_at"]!, CultureInfo.InvariantCulture) - _app.Clock.GetUtcNow(), TimeSpan.FromSeconds(27), TimeSpan.FromSeconds(33));
        Assert.NotNull((await _app.GetAsync($"{HookApi.Path}/{hook["id"]}"))["failing_since"]);
        _sink.Answer = HookSink.With(200);
        _app.Clock.Advance(TimeSpan.FromSeconds(34));

        await _app.UntilAsync(hook, one => (string)one["status"]! == "delivered");
        Assert.Equal(2, _sink.Received.Count);
        Assert.Single(_sink.Received.Select(request => request.Header("webhook-id")).Distinct());
        Assert.All(_sink.Received, request => Assert.Equal(Authenticity.Genuine, StandardSignature.Check(request, [(string)hook["secret"]!], _app.Clock.GetUtcNow())));
        Assert.Null((await _app.GetAsync($"{HookApi.Path}/{hook["id"]}"))["failing_since"]);
    }

    [Fact]
    public async Task What_was_given_up_is_tried_again_on_request()
    {
        await _app.DisposeAsync();
        _app = new TestApp(new(HookApi.OnLoopback) { ["Hooks:GiveUpAfter"] = "30.00:00:00" });
        _message = await _app.GivenMessageAsync(await _app.GivenCampaignAsync());
        _sink.Answer = HookSink.With(503);
        var hook = await _app.GivenHookAsync(_sink.Url, "delivered");
        await _app.StoreAsync(Some.Event(_message, EventType.Delivered));
        for (var attempt = 1; attempt < HookSchedule.MaxAttempts; attempt++)
        {
            await _app.UntilAsync(hook, one => (int)one["attempts"]! == attempt && (string)one["status"]! == "waiting");
            _app.Clock.Advance(TimeSpan.FromHours(27));
        }

        var given = await _app.UntilAsync(hook, one => (string)one["status"]! == "failed");
        Assert.Equal(HookSchedule.MaxAttempts, (int)given["attempts"]!);
        Assert.Null(given["next_attempt_at"]);
        _sink.Answer = HookSink.With(200);

        Assert.Equal(1, (int)(await _app.SendAsync(HttpMethod.Post, $"{HookApi.Path}/{hook["id"]}/actions/retry", null, HttpStatusCode.Accepted))["retried"]!);

        await _app.UntilAsync(hook, one => (string)one["status"]! == "delivered");
        Assert.Equal(0, (int)(await _app.SendAsync(HttpMethod.Post, $"{HookApi.Path}/{hook["id"]}/actions/retry", null, HttpStatusCode.Accepted))["retried"]!);
    }

    [Fact]
    public async Task An_endpoint_that_is_gone_or_silent_for_days_is_disabled_and_says_why()
    {
        _sink.Answer = HookSink.With(410);
        var gone = await _app.GivenHookAsync($"{_sink.Url}/gone", "delivered");
        await _app.StoreAsync(Some.Event(_message, EventType.Delivered));
        await Eventually.TrueAsync(async () => !(bool)(await _app.GetAsync($"{HookApi.Path}/{gone["id"]}"))["enabled"]!);
        Assert.Contains("410", (string)(await _app.GetAsync($"{HookApi.Path}/{gone["id"]}"))["disabled_because"]!, StringComparison.Ordinal);
        await _app.RefusedAsync(HttpMethod.Post, $"{HookApi.Path}/{gone["id"]}/actions/retry", null, 409);

        _sink.Answer = HookSink.With(500);
        var silent = await _app.GivenHookAsync($"{_sink.Url}/silent", "complained");
        await _app.StoreAsync(Some.Event(_message, EventType.Complained));
        await _app.UntilAsync(silent, one => (int)one["attempts"]! == 1);
        _app.Clock.Advance(TimeSpan.FromDays(6));
        await Eventually.TrueAsync(async () => !(bool)(await _app.GetAsync($"{HookApi.Path}/{silent["id"]}"))["enabled"]!);

        // Enabled again, it begins anew, and what waited goes out.
        _sink.Answer = HookSink.With(200);
        var enabled = await _app.SendAsync(HttpMethod.Patch, $"{HookApi.Path}/{silent["id"]}", JsonNode.Parse("""{"enabled":true}"""), HttpStatusCode.OK);
        Assert.Null(enabled["disabled_because"]);
        _app.Clock.Advance(TimeSpan.FromHours(1));
        await _app.UntilAsync(silent, one => (string)one["status"]! == "delivered");
    }

    [Fact]
    public async Task A_redirect_is_not_followed_and_a_silent_endpoint_is_left_after_the_limit()
    {
        await _app.DisposeAsync();
        _app = new TestApp(new(HookApi.OnLoopback) { ["Hooks:Timeout"] = "00:00:03" });
        _sink.Answer = HookSink.With(302, $"{_sink.Url}/elsewhere");
        var hook = await _app.GivenHookAsync(_sink.Url, "delivered");

        var redirected = await _app.PostAsync($"{HookApi.Path}/{hook["id"]}/actions/test");
        _sink.Answer = context => Task.Delay(Timeout.Infinite, context.RequestAborted);
        var silent = await _app.PostAsync($"{HookApi.Path}/{hook["id"]}/actions/test");

        Assert.Equal(("failed", "Answered 302: redirects are not followed"), ((string)redirected["status"]!, (string)redirected["error"]!));
        Assert.Equal(("failed", "No answer within 3 s"), ((string)silent["status"]!, (string)silent["error"]!));
        Assert.Null(silent["response_status"]);
        Assert.Equal(2, _sink.Received.Count);
    }

    [Fact]
    public async Task No_name_leads_into_this_network()
    {
        await using var strict = new TestApp(new() { ["Hooks:SettleFor"] = "00:00:00" });
        await using var inside = await HookSink.OpenAsync("0.0.0.0");
        var port = new Uri(inside.Url).Port;

        // Names of this machine, which the resolver leads to loopback or to its network.
        foreach (var name in new[] { Dns.GetHostName(), "ip6-localhost" })
        {
            var hook = await strict.GivenHookAsync($"http://{name}:{port}/", "opened");
            var done = await strict.PostAsync($"{HookApi.Path}/{hook["id"]}/actions/test");
            Assert.Equal("failed", (string)done["status"]!);
            Assert.Contains((string)done["error"]!, (string[])["Its name leads to no address on the public internet", "Its name could not be looked up"]);
        }

        foreach (var url in new[] { $"http://127.0.0.1:{port}/", $"http://localhost:{port}/", $"http://0x7f.1:{port}/", $"http://2130706433:{port}/", $"http://[::1]:{port}/", $"http://[::ffff:127.0.0.1]:{port}/", "http://169.254.169.254/latest/meta-data", "http://10.0.0.1/", "http://a.localhost/" })
        {
            Assert.NotNull((await strict.RefusedAsync(HttpMethod.Post, HookApi.Path, HookApi.Hook(url, "opened").ToJsonString(), 422))["errors"]!["url"]);
        }

        Assert.Empty(inside.Received);
    }

    [Fact]
    public async Task After_a_rotation_both_secrets_sign_for_a_day()
    {
        var hook = await _app.GivenHookAsync(_sink.Url, "delivered");
        var before = (string)hook["secret"]!;
        var rotated = await _app.PostAsync($"{HookApi.Path}/{hook["id"]}/actions/rotate_secret");
        var after = (string)rotated["secret"]!;

        await _app.PostAsync($"{HookApi.Path}/{hook["id"]}/actions/test");
        _app.Clock.Advance(TimeSpan.FromHours(25));
        await _app.PostAsync($"{HookApi.Path}/{hook["id"]}/actions/test");

        var (during, later) = (_sink.Received[0], _sink.Received[1]);
        Assert.Equal(Authenticity.Genuine, StandardSignature.Check(during, [before], _app.Clock.GetUtcNow() - TimeSpan.FromHours(25)));
        Assert.Equal(Authenticity.Genuine, StandardSignature.Check(during, [after], _app.Clock.GetUtcNow() - TimeSpan.FromHours(25)));
        Assert.Equal(Authenticity.Genuine, StandardSignature.Check(later, [after], _app.Clock.GetUtcNow()));
        Assert.NotEqual(Authenticity.Genuine, StandardSignature.Check(later, [before], _app.Clock.GetUtcNow()));
        Assert.Null((await _app.GetAsync($"{HookApi.Path}/{hook["id"]}"))["previous_secret_until"]);
    }

    [Fact]
    public async Task A_restart_delivers_what_waited_and_notes_no_event_twice()
    {
        _sink.Answer = HookSink.With(500);
        var hook = await _app.GivenHookAsync(_sink.Url, "delivered", "opened");
        await _app.StoreAsync(Some.Event(_message, EventType.Delivered), Some.Event(_message, EventType.Opened, TimeSpan.FromHours(1)));
        await Eventually.TrueAsync(async () => (await _app.DeliveriesAsync(hook)).Count(one => (int)one["attempts"]! == 1) == 2);

        var directory = _app.DataDirectory;
        await _app.StopKeepingDataAsync();
        _sink.Answer = HookSink.With(200);
        _app = new TestApp(HookApi.OnLoopback, directory);
        _app.Clock.Advance(TimeSpan.FromMinutes(1));

        await Eventually.TrueAsync(async () => (await _app.DeliveriesAsync(hook, "?status=delivered")).Count == 2);
        Assert.Equal(2, (await _app.DeliveriesAsync(hook)).Count);
        Assert.Equal(2, _sink.Received.Select(request => request.Header("webhook-id")).Distinct().Count());
    }

    [Fact]
    public async Task A_dead_endpoint_delays_nobody_else_and_holds_no_more_than_its_share()
    {
        await _app.DisposeAsync();
        _app = new TestApp(new(HookApi.OnLoopback) { ["Hooks:MaxWaiting"] = "2" });
        _message = await _app.GivenMessageAsync(await _app.GivenCampaignAsync());
        _sink.Answer = context => context.Request.Path == "/dead" ? HookSink.With(500)(context) : HookSink.With(200)(context);
        var dead = await _app.GivenHookAsync($"{_sink.Url}/dead", "opened");
        var alive = await _app.GivenHookAsync($"{_sink.Url}/alive", "opened");

        for (var i = 1; i <= 4; i++)
        {
            await _app.StoreAsync(Some.Event(_message, EventType.Opened, TimeSpan.FromHours(i)));
            var told = i;
            await Eventually.TrueAsync(async () => (await _app.DeliveriesAsync(alive, "?status=delivered")).Count == told);
        }

        Assert.Equal(2, (await _app.DeliveriesAsync(dead)).Count);
        Assert.Equal((2, 2), await _app.GetAsync($"{HookApi.Path}/{dead["id"]}") switch { var standing => ((int)standing["waiting"]!, (int)standing["passed_over"]!) });
    }

    [Fact]
    public async Task Of_an_event_that_is_no_longer_kept_nothing_is_sent()
    {
        _sink.Answer = HookSink.With(500);
        var hook = await _app.GivenHookAsync(_sink.Url, "delivered");
        await _app.StoreAsync(Some.Event(_message, EventType.Delivered));
        await _app.UntilAsync(hook, one => (int)one["attempts"]! == 1);

        await _app.SqlAsync("DELETE FROM events");
        _app.Clock.Advance(TimeSpan.FromMinutes(1));

        var done = await _app.UntilAsync(hook, one => (string)one["status"]! == "failed");
        Assert.Equal(("The event is no longer kept", 1), ((string)done["error"]!, _sink.Received.Count));
    }

    [Fact]
    public async Task A_disabled_webhook_hears_nothing_and_gets_nothing_later()
    {
        var hook = await _app.GivenHookAsync(_sink.Url, "delivered", "opened");
        await _app.SendAsync(HttpMethod.Patch, $"{HookApi.Path}/{hook["id"]}", JsonNode.Parse("""{"enabled":false}"""), HttpStatusCode.OK);
        await _app.StoreAsync(Some.Event(_message, EventType.Delivered));
        await FollowedAsync();

        await _app.SendAsync(HttpMethod.Patch, $"{HookApi.Path}/{hook["id"]}", JsonNode.Parse("""{"enabled":true}"""), HttpStatusCode.OK);
        await _app.StoreAsync(Some.Event(_message, EventType.Opened, TimeSpan.FromHours(1)));

        Assert.Equal("opened", (string)HookSink.Body(Assert.Single(await _sink.UntilAsync(1)))["type"]!);
    }

    private Task FollowedAsync()
    {
        var (follower, last) = (_app.Services.GetRequiredService<HookFollower>(), _app.Services.GetRequiredService<Inbox>().Last);
        return Eventually.TrueAsync(() => follower.Position >= last);
    }
}
