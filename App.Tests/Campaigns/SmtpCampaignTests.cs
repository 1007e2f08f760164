using System.Text.Json.Nodes;
using ScoreTracking.Data;
using ScoreTracking.Events;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Campaigns;

/// <summary>A campaign from its start to the last mail, at a mail server that says what the test wants.</summary>
public sealed class SmtpCampaignTests : IAsyncLifetime
{
    private readonly TestApp _app = new();
    private readonly ScriptedSmtpServer _server = new();
    private string _connection = "";

    public async ValueTask InitializeAsync() => _connection = await _app.GivenSmtpAsync(_server.Port);

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task Everybody_gets_one_mail_what_is_refused_bounces_and_the_campaign_is_completed()
    {
        var id = await _app.GivenSmtpDraftAsync(_connection, recipients: 20);
        await _app.SuppressAsync("person2@example.com");
        _server.Answer = line => line.StartsWith("RCPT TO:<person3@", StringComparison.OrdinalIgnoreCase) ? "550 5.1.1 No such user" : null;

        await _app.PostAsync($"/api/v1/campaigns/{id}/actions/send");
        await CompletedAsync(id);

        Assert.Equal(
            Enumerable.Range(1, 20).Except([2, 3]).Select(number => $"person{number}@example.com").Order(StringComparer.Ordinal),
            _server.Mails.SelectMany(mail => mail.Recipients).Order(StringComparer.Ordinal));
        Assert.Equal(
            (18L, 1L, 1L),
            ((await _app.CountAsync(SendingSetting.Number(id), EventType.Sent)).Unique,
             (await _app.CountAsync(SendingSetting.Number(id), EventType.Bounced)).Unique,
             (await _app.CountAsync(SendingSetting.Number(id), EventType.Dropped)).Unique));
        Assert.Empty(_app.Verify());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Mail_leaves_in_the_order_recipients_were_added_whatever_variant_they_were_dealt(bool isTest)
    {
        var connection = await _app.GivenSmtpAsync(_server.Port, "One lane", lanes: 1);
        var campaign = SendingSetting.Campaign(connection);
        if (isTest)
        {
            campaign["ab_test"] = CampaignApi.Tested()["ab_test"]!.DeepClone();
        }

        var id = await _app.GivenSmtpDraftAsync(connection, recipients: 40, campaign);
        await _app.PostAsync($"/api/v1/campaigns/{id}/actions/send");
        await CompletedAsync(id);

        Assert.Equal(Enumerable.Range(1, 40).Select(number => $"person{number}@example.com"), _server.Mails.Select(mail => mail.Recipients.Single()));
        await using var db = _app.Database();
        Assert.Equal(isTest ? 6 : 1, db.Variants.Count(variant => variant.CampaignId == SendingSetting.Number(id) && variant.Recipients > 0));
        Assert.Empty(_app.Verify());
    }

    [Fact]
    public async Task Outside_its_hours_nothing_leaves_until_they_are_changed()
    {
        // A Tuesday, 10:00.
        var id = await _app.GivenSmtpDraftAsync(_connection);
        await _app.PostAsync($"/api/v1/campaigns/{id}/actions/send", JsonNode.Parse("""{"window":{"days":["wed"],"from":"08:00","to":"18:00"}}"""));
        var open = await _app.GivenSmtpDraftAsync(_connection, recipients: 1, SendingSetting.Campaign(_connection, "Open"));
        await _app.PostAsync($"/api/v1/campaigns/{open}/actions/send");
        await CompletedAsync(open);

        // The other campaign, begun later, is through: this one was passed over.
        Assert.Equal(3, await _app.CountAsync(id, DeliveryState.Waiting));
        Assert.Single(_server.Mails);

        await _app.PostAsync($"/api/v1/campaigns/{id}/actions/window", JsonNode.Parse("""{"window":null}"""));
        await CompletedAsync(id);
        Assert.Equal(4, _server.Mails.Count);
    }

    [Fact]
    public async Task A_scheduled_campaign_goes_out_by_itself()
    {
        var id = await _app.GivenSmtpDraftAsync(_connection, recipients: 1);
        await _app.PostAsync($"/api/v1/campaigns/{id}/actions/schedule", JsonNode.Parse("""{"at":"2026-09-01T10:01:00Z"}"""));
        Assert.Empty(_server.Mails);

        _app.Clock.Advance(TimeSpan.FromMinutes(1));
        await CompletedAsync(id);

        Assert.Equal(["person1@example.com"], _server.Mails.SelectMany(mail => mail.Recipients));
    }

    [Fact]
    public async Task Who_unsubscribes_between_start_and_turn_gets_nothing()
    {
        var id = await _app.GivenSmtpDraftAsync(_connection, recipients: 2);
        await _app.PostAsync($"/api/v1/campaigns/{id}/actions/send", JsonNode.Parse("""{"window":{"days":["wed"],"from":"08:00","to":"18:00"}}"""));
        await _app.SendAsync(HttpMethod.Post, "/api/v1/suppressions", JsonNode.Parse("""{"email":"person1@example.com","reason":"manual","note":"asked by phone"}"""), System.Net.HttpStatusCode.Created);

        await _app.PostAsync($"/api/v1/campaigns/{id}/actions/window", JsonNode.Parse("""{"window":null}"""));
        await CompletedAsync(id);

        Assert.Equal(["person2@example.com"], _server.Mails.SelectMany(mail => mail.Recipients));
    }

    private Task CompletedAsync(string id) => Eventually.TrueAsync(async () => (string)(await _app.GetAsync($"/api/v1/campaigns/{id}"))["status"]! == "completed", seconds: 60);
}
