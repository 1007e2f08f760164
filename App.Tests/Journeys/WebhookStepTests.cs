using System.Net;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using ScoreTracking.Data;
using ScoreTracking.Hooks;
using ScoreTracking.Journeys;
using ScoreTracking.Journeys.Actions;
using ScoreTracking.Tests.Campaigns;
using ScoreTracking.Tests.Hooks;
using ScoreTracking.Tests.Support;
using ScoreTracking.Webhooks;

namespace ScoreTracking.Tests.Journeys;

/// <summary>The webhook step at endpoints that do as the test says.</summary>
public sealed class WebhookStepTests : IAsyncLifetime
{
    private TestApp _app = new(new(HookApi.OnLoopback) { ["Hooks:Timeout"] = "00:00:03" });
    private HookSink _sink = null!;

    public async ValueTask InitializeAsync() => _sink = await HookSink.OpenAsync();

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        await _sink.DisposeAsync();
    }

    [Fact]
    public async Task Whoever_comes_is_told_of_once_signed_with_the_journeys_secret_and_goes_on()
    {
        var standing = await StandingAsync();
        var secret = await SecretAsync(standing);

        await _app.StartAsync(standing);

        Assert.Equal((EnrollmentStatus.Completed, "Answered 204."), await _app.EndedAsync(standing));
        var request = Assert.Single(_sink.Received);
        Assert.Equal(("POST", $"enr_{standing.Id}-0"), (request.Method, request.Header("webhook-id")));
        Assert.Equal(Authenticity.Genuine, StandardSignature.Check(request, [secret], _app.Clock.GetUtcNow()));
        var body = HookSink.Body(request);
        Assert.Equal(("journey.step", "2026-09-01T10:00:00Z"), ((string)body["type"]!, (string)body["timestamp"]!));
        var data = body["data"]!;
        Assert.Equal(
            ($"jrn_{standing.JourneyId}", "Welcome <b>", 1, $"enr_{standing.Id}", "n1", "42", "ana@example.com", "{\"vip\":true,\"city\":\"Łódź\"}", 0),
            ((string)data["journey"]!["id"]!, (string)data["journey"]!["name"]!, (int)data["journey"]!["version"]!, (string)data["enrollment"]!["id"]!, (string)data["enrollment"]!["step_id"]!,
                (string)data["contact"]!["customer_id"]!, (string)data["contact"]!["email"]!, data["contact"]!["attributes"]!.ToJsonString(new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }),
                data["messages"]!.AsArray().Count));
        Assert.Null(await _app.CallAsync(standing));
    }

    [Fact]
    public async Task What_is_taken_back_is_not_told()
    {
        var (back, other) = (await StandingAsync(), await StandingAsync());

        await _app.ActAsync(back, commits: false);
        await _app.StartAsync(other);
        await _app.EndedAsync(other);

        Assert.Equal($"enr_{other.Id}-0", Assert.Single(_sink.Received).Header("webhook-id"));
        Assert.Null(await _app.CallAsync(back));
    }

    [Fact]
    public async Task What_fails_is_tried_again_under_the_same_id_for_a_day_and_then_by_hand()
    {
        _sink.Answer = HookSink.With(500);
        var standing = await StandingAsync();
        Assert.IsType<StepResult.Handed>(await _app.ActAsync(standing));
        Assert.IsType<StepResult.Handed>(await _app.ActAsync(standing));
        for (var attempt = 1; attempt <= 7; attempt++)
        {
            await Eventually.TrueAsync(async () => await _app.CallAsync(standing) is { } tried && tried.Attempts == attempt && tried.NextAt > 0);
            var next = (await _app.CallAsync(standing))!;
            Assert.Equal((500, "Answered 500"), (next.Status, next.Error));
            Assert.True(next.NextAt <= next.CreatedAt + StepCallSchedule.GiveUpAfter.TotalMilliseconds);
            _app.Clock.Set(DateTimeOffset.FromUnixTimeMilliseconds(next.NextAt));
        }

        await _app.AskedForAsync(standing);
        var failed = Assert.IsType<StepResult.Failed>(await _app.ActAsync(standing));
        Assert.Equal("Answered 500, at attempt 8.", failed.Why);
        Assert.Equal(8, _sink.Received.Count);
        Assert.Equal(StepCallSchedule.GiveUpAfter, _app.Clock.GetUtcNow() - standing.StepAt);

        _sink.Answer = HookSink.With(200);
        await _app.SqlAsync($"UPDATE enrollments SET status = 1, due_at = 0 WHERE id = {standing.Id}");
        Assert.IsType<StepResult.Handed>(await _app.ActAsync(standing));
        await _app.AskedForAsync(standing);

        Assert.Equal("Answered 200.", Assert.IsType<StepResult.Go>(await _app.ActAsync(standing)).Detail);
        Assert.Equal($"enr_{standing.Id}-0", Assert.Single(_sink.Received.Select(request => request.Header("webhook-id")).Distinct()));
    }

    [Fact]
    public async Task An_endpoint_that_is_gone_is_not_asked_again()
    {
        _sink.Answer = HookSink.With(410);
        var standing = await StandingAsync();
        await _app.StartAsync(standing);

        Assert.Equal((EnrollmentStatus.Failed, "Answered 410, at attempt 1."), await _app.EndedAsync(standing));
    }

    [Fact]
    public async Task One_that_hangs_or_redirects_inside_is_left_and_delays_nobody_elsewhere()
    {
        await using var inside = await HookSink.OpenAsync();
        await using var hanging = await HookSink.OpenAsync();
        hanging.Answer = context => Task.Delay(Timeout.Infinite, context.RequestAborted);
        _sink.Answer = HookSink.With(302, $"{inside.Url}/admin");
        var stuck = new List<Enrollment>();
        for (var i = 0; i < 20; i++)
        {
            stuck.Add(await StandingAsync(hanging.Url));
            await _app.StartAsync(stuck[i]);
        }

        var (redirected, fine) = (await StandingAsync(), await StandingAsync(inside.Url));
        await _app.StartAsync(redirected);
        await _app.StartAsync(fine);

        Assert.Equal(EnrollmentStatus.Completed, (await _app.EndedAsync(fine)).Status);
        await Eventually.TrueAsync(async () => (await _app.CallAsync(redirected))?.Error == "Answered 302: redirects are not followed");
        await Eventually.TrueAsync(async () => (await _app.CallAsync(stuck[0]))?.Error == "No answer within 3 s");
        Assert.Single(inside.Received);
    }

    [Fact]
    public async Task No_name_leads_into_this_network()
    {
        await using var strict = new TestApp();
        var contact = await strict.GivenContactAsync();
        var standing = await strict.GivenStandingAsync(new WebhookStep("n1", $"http://{Dns.GetHostName()}:{new Uri(_sink.Url).Port}/", null), contact);
        await strict.ActAsync(standing);

        await Eventually.TrueAsync(async () => (await strict.CallAsync(standing))!.Attempts == 1);
        Assert.Contains((await strict.CallAsync(standing))!.Error, (string[])["Its name leads to no address on the public internet", "Its name could not be looked up"]);
        Assert.Empty(_sink.Received);
        var faults = await strict.Services.GetRequiredService<JourneyOpening>().CheckAsync(
            new JourneyDefinition(new JourneyTrigger.Api(), [new WebhookStep("a", "http://10.0.0.1/x", "b"), new WebhookStep("b", "https://crm.example.com/", null)], JourneyExits.Usual, false), CancellationToken.None);
        Assert.Equal(("a", "steps[0].url"), (Assert.Single(faults).StepId, faults[0].Path));
    }

    [Fact]
    public async Task While_the_journey_is_paused_nothing_is_told_and_of_whoever_left_nothing_any_more()
    {
        _sink.Answer = HookSink.With(500);
        var (waits, left) = (await StandingAsync(), await StandingAsync());
        await _app.ActAsync(waits);
        await _app.ActAsync(left);
        await Eventually.TrueAsync(async () => (await _app.CallAsync(waits))!.Attempts == 1 && (await _app.CallAsync(left))!.Attempts == 1);
        _sink.Answer = HookSink.With(200);
        await _app.SqlAsync($"UPDATE journeys SET status = 'paused' WHERE id = {waits.JourneyId}; UPDATE enrollments SET status = 3 WHERE id = {left.Id}");
        _app.Clock.Advance(TimeSpan.FromMinutes(1));
        var third = await StandingAsync();
        await _app.StartAsync(third);
        await _app.EndedAsync(third);
        Assert.Equal(3, _sink.Received.Count);

        await _app.SqlAsync($"UPDATE journeys SET status = 'published' WHERE id = {waits.JourneyId}");

        Assert.Equal((EnrollmentStatus.Completed, "Answered 200 at attempt 2."), await _app.EndedAsync(waits));
        Assert.Equal(4, _sink.Received.Count);
    }

    [Fact]
    public async Task A_restart_between_request_and_move_tells_again_under_the_same_id()
    {
        _sink.Answer = HookSink.With(503);
        var standing = await StandingAsync();
        var secret = await SecretAsync(standing);
        await _app.ActAsync(standing);
        await Eventually.TrueAsync(async () => (await _app.CallAsync(standing))!.Attempts == 1);
        var now = _app.Clock.GetUtcNow() + TimeSpan.FromMinutes(1);
        await _app.StopKeepingDataAsync();
        _sink.Answer = HookSink.With(200);

        _app = new TestApp(new(HookApi.OnLoopback), _app.DataDirectory);
        _app.Clock.Set(now);

        Assert.Equal((EnrollmentStatus.Completed, "Answered 200 at attempt 2."), await _app.EndedAsync(standing));
        Assert.Single(_sink.Received.Select(request => request.Header("webhook-id")).Distinct());
        Assert.All(_sink.Received, request => Assert.Equal(Authenticity.Genuine, StandardSignature.Check(request, [secret], now)));
    }

    [Fact]
    public async Task After_a_rotation_both_secrets_sign_for_a_day()
    {
        var standing = await StandingAsync();
        var before = await SecretAsync(standing);
        var after = await SecretAsync(standing);
        await _app.StartAsync(standing);
        await _app.EndedAsync(standing);

        var request = Assert.Single(_sink.Received);
        Assert.Equal(Authenticity.Genuine, StandardSignature.Check(request, [before], _app.Clock.GetUtcNow()));
        Assert.Equal(Authenticity.Genuine, StandardSignature.Check(request, [after], _app.Clock.GetUtcNow()));
        await _app.RefusedAsync(HttpMethod.Post, "/api/v1/journeys/jrn_99/actions/rotate_secret", null, 404);
        await _app.RefusedAsync(HttpMethod.Post, "/api/v1/journeys/99/actions/rotate_secret", null, 404);
        await using var db = _app.Database();
        Assert.DoesNotContain(after[6..], (await db.Journeys.SingleAsync(journey => journey.Id == standing.JourneyId)).Secrets, StringComparison.Ordinal);
    }

    private async Task<string> SecretAsync(Enrollment standing)
    {
        var made = await _app.PostAsync($"/api/v1/journeys/jrn_{standing.JourneyId}/actions/rotate_secret");
        Assert.True(HookSignature.IsSecret((string)made["secret"]!));
        return (string)made["secret"]!;
    }

    private async Task<Enrollment> StandingAsync(string? url = null)
    {
        await using var db = _app.Database();
        var contact = await db.Contacts.SingleOrDefaultAsync(one => one.CustomerId == "42");
        if (contact is null)
        {
            contact = new Contact { CustomerId = "42", Email = "ana@example.com", Attributes = """{"vip":true,"city":"Łódź"}""", CreatedAt = _app.Clock.GetUtcNow() };
            db.Add(contact);
            await db.SaveChangesAsync();
        }

        return await _app.GivenStandingAsync(new WebhookStep("n1", url ?? _sink.Url, null), contact.Id);
    }
}
