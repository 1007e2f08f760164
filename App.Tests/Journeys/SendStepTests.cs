using System.Net;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using ScoreTracking.Data;
using ScoreTracking.Events;
using ScoreTracking.Journeys;
using ScoreTracking.Journeys.Actions;
using ScoreTracking.Tests.Campaigns;
using ScoreTracking.Tests.Hooks;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Journeys;

/// <summary>The send step: mail this server hands over, and mail others do.</summary>
public sealed class SendStepTests : IAsyncLifetime
{
    private readonly TestApp _app = new(HookApi.OnLoopback);
    private readonly ScriptedSmtpServer _server = new();
    private HookSink _sink = null!;

    public async ValueTask InitializeAsync() => _sink = await HookSink.OpenAsync();

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        await _server.DisposeAsync();
        await _sink.DisposeAsync();
    }

    [Fact]
    public async Task Mail_this_server_sends_leaves_once_for_everyone_who_comes()
    {
        var campaign = await OpenedAsync(await _app.GivenSmtpDraftAsync(await _app.GivenSmtpAsync(_server.Port), recipients: 0));
        var ana = await ContactAsync(1);
        var (first, again, other) = (await StandingAsync(campaign, ana), await StandingAsync(campaign, ana), await StandingAsync(campaign, await ContactAsync(2)));

        await _app.ActAsync(first, commits: false);
        var sent = Assert.IsType<StepResult.Go>(await _app.ActAsync(first));
        var known = Assert.IsType<StepResult.Go>(await _app.ActAsync(again));
        var second = Assert.IsType<StepResult.Go>(await _app.ActAsync(other));

        Assert.Equal(("sent", "already_sent", "sent"), (sent.Outcome, known.Outcome, second.Outcome));
        Assert.Equal(sent.MessageId, known.MessageId);
        await Eventually.TrueAsync(async () => (await _app.CountAsync(campaign, EventType.Sent)).Unique == 2);
        Assert.Equal(["person1@example.com", "person2@example.com"], _server.Mails.SelectMany(mail => mail.Recipients).Order(StringComparer.Ordinal));
        Assert.Empty(_app.Verify());
    }

    [Fact]
    public async Task Mail_others_send_is_told_of_at_once_as_instrumenting_has_it()
    {
        var hook = await _app.GivenHookAsync(_sink.Url, "message.ready");
        await _app.GivenHookAsync($"{_sink.Url}/other", "opened");
        var id = await _app.GivenDraftAsync(CampaignApi.Tested());
        var standing = await StandingAsync(await OpenedAsync(id), await ContactAsync(1));

        var sent = Assert.IsType<StepResult.Go>(await _app.ActAsync(standing));

        Assert.Equal(("sent", ""), (sent.Outcome, sent.Detail));
        var request = Assert.Single(await _sink.UntilAsync(1));
        var delivery = await _app.UntilAsync(hook, one => (string)one["status"]! == "delivered");
        Assert.Equal(
            ("message.ready", request.Header("webhook-id"), $"msg_{sent.MessageId}", null), ((string)delivery["type"]!, (string)delivery["id"]!, (string)delivery["message_id"]!, (string?)delivery["event_id"]));
        var body = HookSink.Body(request);
        Assert.Equal(("message.ready", "2026-09-01T10:00:00Z"), ((string)body["type"]!, (string)body["timestamp"]!));
        var data = body["data"]!.AsObject();
        Assert.Equal((id, "c1", "person1@example.com"), ((string)data["campaign_id"]!, (string)data["customer_id"]!, (string)data["email"]!));
        Assert.Equal(
            ($"jrn_{standing.JourneyId}", "Welcome <b>", $"enr_{standing.Id}", "n1"),
            ((string)data["journey"]!["id"]!, (string)data["journey"]!["name"]!, (string)data["journey"]!["enrollment_id"]!, (string)data["journey"]!["step_id"]!));

        // Byte for byte what the campaign gives whoever asks.
        var copy = (await _app.PostAsync($"/api/v1/campaigns/{id}/instrument", JsonNode.Parse("""{"customer_id":"c1"}"""))).AsObject();
        Assert.All(copy, member => Assert.Equal(member.Value?.ToJsonString(), data[member.Key]?.ToJsonString()));
        Assert.Contains("/c/", (string)data["html"]!, StringComparison.Ordinal);
        var listed = Assert.Single((await _app.GetAsync($"/api/v1/messages?campaign_id={id}")).AsArray())!;
        Assert.Equal(((string)data["message_id"]!, true), ((string)listed["message_id"]!, (bool)listed["tracked"]!));
    }

    [Fact]
    public async Task What_was_not_taken_is_tried_again_under_the_same_id_and_by_hand()
    {
        _sink.Answer = HookSink.With(503);
        var hook = await _app.GivenHookAsync(_sink.Url, "message.ready");
        await _app.ActAsync(await StandingAsync(await OpenedAsync(await _app.GivenDraftAsync()), await ContactAsync(1)));
        await _app.UntilAsync(hook, one => (int)one["attempts"]! == 1);
        _sink.Answer = HookSink.With(200);

        Assert.Equal(0, (int)(await _app.SendAsync(HttpMethod.Post, $"{HookApi.Path}/{hook["id"]}/actions/retry", null, HttpStatusCode.Accepted))["retried"]!);
        _app.Clock.Advance(TimeSpan.FromSeconds(34));

        await _app.UntilAsync(hook, one => (string)one["status"]! == "delivered");
        Assert.Single(_sink.Received.Select(request => request.Header("webhook-id")).Distinct());
    }

    [Theory]
    [InlineData("suppressed", "The address is suppressed: unsubscribed")]
    [InlineData("deleted", "The message is no longer kept")]
    [InlineData("cancelled", "The campaign was cancelled")]
    public async Task What_is_no_longer_to_be_sent_is_not_told(string meanwhile, string error)
    {
        _sink.Answer = HookSink.With(503);
        var hook = await _app.GivenHookAsync(_sink.Url, "message.ready");
        var campaign = await OpenedAsync(await _app.GivenDraftAsync());
        await _app.ActAsync(await StandingAsync(campaign, await ContactAsync(1)));
        await _app.UntilAsync(hook, one => (int)one["attempts"]! == 1);

        switch (meanwhile)
        {
            case "suppressed":
                await _app.SuppressAsync("person1@example.com");
                break;
            case "deleted":
                await _app.SqlAsync("UPDATE contacts SET deleted_at = 1");
                break;
            default:
                await _app.PostAsync($"/api/v1/campaigns/cmp_{campaign}/actions/cancel");
                break;
        }

        _app.Clock.Advance(TimeSpan.FromSeconds(34));

        var given = await _app.UntilAsync(hook, one => (string)one["status"]! == "failed");
        Assert.Equal((error, 1), ((string)given["error"]!, (int)given["attempts"]!));
        Assert.Single(_sink.Received);
    }

    [Fact]
    public async Task Without_a_webhook_the_step_says_that_nobody_is_told()
    {
        var sent = Assert.IsType<StepResult.Go>(await _app.ActAsync(await StandingAsync(await OpenedAsync(await _app.GivenDraftAsync()), await ContactAsync(1))));

        Assert.Equal("No webhook is told: whoever sends it asks for it.", sent.Detail);
    }

    [Theory]
    [InlineData(true, "complaint")]
    [InlineData(false, "complaint")]
    [InlineData(false, "manual")]
    public async Task Who_was_suppressed_between_enrolling_and_sending_gets_nothing_and_leaves_or_goes_on_as_the_journey_says(bool leaves, string reason)
    {
        var campaign = await OpenedAsync(await _app.GivenSmtpDraftAsync(await _app.GivenSmtpAsync(_server.Port), recipients: 0));
        var standing = await StandingAsync(campaign, await ContactAsync(1), leaves);
        await _app.SuppressAsync("person1@example.com", reason);

        var result = await _app.ActAsync(standing);

        if (leaves)
        {
            Assert.Equal(reason, Assert.IsType<StepResult.Leave>(result).Because);
        }
        else
        {
            Assert.Equal(new StepResult.Go("suppressed", 0, $"The address is suppressed: {reason}."), result);
        }

        await using var db = _app.Database();
        Assert.False(await db.Messages.AnyAsync());
        Assert.False(await db.Deliveries.AnyAsync());
    }

    [Fact]
    public async Task A_paused_campaign_is_waited_for_ever_more_patiently_and_a_deleted_one_fails()
    {
        var campaign = await OpenedAsync(await _app.GivenDraftAsync());
        var standing = await StandingAsync(campaign, await ContactAsync(1));
        await _app.PostAsync($"/api/v1/campaigns/cmp_{campaign}/actions/pause");

        Assert.Equal(TimeSpan.FromSeconds(10), await WaitAsync());
        _app.Clock.Advance(TimeSpan.FromMinutes(4));
        Assert.Equal(TimeSpan.FromMinutes(1), await WaitAsync());
        _app.Clock.Advance(TimeSpan.FromDays(4));
        Assert.Equal(TimeSpan.FromMinutes(10), await WaitAsync());
        await _app.PostAsync($"/api/v1/campaigns/cmp_{campaign}/actions/resume");
        Assert.Equal("sent", Assert.IsType<StepResult.Go>(await _app.ActAsync(standing)).Outcome);

        var late = await StandingAsync(campaign, await ContactAsync(2));
        await _app.PostAsync($"/api/v1/campaigns/cmp_{campaign}/actions/cancel");
        using (await _app.RawAsync(HttpMethod.Delete, $"/api/v1/campaigns/cmp_{campaign}", null))
        {
            Assert.Equal("The campaign was deleted.", Assert.IsType<StepResult.Failed>(await _app.ActAsync(late)).Why);
        }

        async Task<TimeSpan> WaitAsync() =>
            DateTimeOffset.FromUnixTimeMilliseconds(Assert.IsType<StepResult.Later>(await _app.ActAsync(standing)).DueAt) - _app.Clock.GetUtcNow();
    }

    [Fact]
    public async Task The_last_journey_that_is_archived_lets_its_campaign_go()
    {
        var campaign = await OpenedAsync(await _app.GivenDraftAsync());
        var (one, two) = (await StandingAsync(campaign, await ContactAsync(1)), await StandingAsync(campaign, await ContactAsync(2)));

        await ArchiveAsync(one);
        Assert.True((bool)(await _app.GetAsync($"/api/v1/campaigns/cmp_{campaign}"))["ongoing"]!);
        await ArchiveAsync(two);
        Assert.False((bool)(await _app.GetAsync($"/api/v1/campaigns/cmp_{campaign}"))["ongoing"]!);

        async Task ArchiveAsync(Enrollment standing)
        {
            await _app.SqlAsync($"UPDATE journeys SET status = 'archived' WHERE id = {standing.JourneyId}");
            await _app.Services.GetRequiredService<JourneyOpening>().CloseAsync(standing.JourneyId, CancellationToken.None);
        }
    }

    private async Task<long> OpenedAsync(string campaign)
    {
        var id = SendingSetting.Number(campaign);
        var definition = new JourneyDefinition(new JourneyTrigger.Api(), [new SendStep("n1", id, null)], JourneyExits.Usual, AgainAfterEnd: false);
        Assert.Empty(await _app.Services.GetRequiredService<JourneyOpening>().OpenAsync(definition, CancellationToken.None));
        return id;
    }

    private Task<Enrollment> StandingAsync(long campaign, long contact, bool leaves = true) => _app.GivenStandingAsync(new SendStep("n1", campaign, null), contact, leaves);

    private async Task<long> ContactAsync(int number)
    {
        await using var db = _app.Database();
        var contact = new Contact { CustomerId = $"c{number}", Email = $"person{number}@example.com", Attributes = """{"first_name":"Ana <b>"}""", CreatedAt = _app.Clock.GetUtcNow() };
        db.Add(contact);
        await db.SaveChangesAsync();
        return contact.Id;
    }
}
