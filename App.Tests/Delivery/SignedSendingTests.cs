using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using ScoreTracking.Api;
using ScoreTracking.Data;
using ScoreTracking.Events;
using ScoreTracking.Settings;
using ScoreTracking.Tests.Campaigns;
using ScoreTracking.Tests.Domains;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Delivery;

/// <summary>Signing and stopping, through the whole server to a mail server.</summary>
public sealed class SignedSendingTests : IAsyncLifetime
{
    private readonly TestApp _app = new();
    private readonly ScriptedSmtpServer _server = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task Mail_of_a_campaign_and_a_test_mail_reach_the_server_with_signatures_that_are_good_in_the_eyes_of_dkimpy()
    {
        var domain = await _app.GivenDomainAsync("example.com", new { status = "signing" }, new { algorithm = "ed25519", status = "signing" });
        var (campaign, _) = await _app.GivenQueuedAsync(2);

        await _app.ConnectAsync(_server.Port);
        await _app.CompletedAsync(campaign);
        await _app.SendAsync(HttpMethod.Post, "/api/v1/connections/con_1/actions/test", new JsonObject { ["to"] = "me@example.com" }, HttpStatusCode.OK);

        var records = domain.GetProperty("keys").EnumerateArray().ToDictionary(key => key.Text("dns_name"), key => key.Text("dns_record"));
        var results = await Python.RunAsync("Mail/independent.py", new { mails = _server.Mails.Select(mail => mail.Content), records });
        Assert.Equal(3, results.GetArrayLength());
        Assert.All(results.EnumerateArray(), mail => Assert.Equal([JsonValueKind.True, JsonValueKind.True], mail.EnumerateArray().Select(result => result.ValueKind)));
    }

    [Fact]
    public async Task A_campaign_to_addresses_that_do_not_exist_stops_half_way_and_goes_on_when_a_person_says_so()
    {
        const int all = 40;
        await _app.Services.GetRequiredService<PauseLimits>().ChangeAsync(new PauseRates(0, 1, HardBouncesPercent: 50, HardBouncesAfter: 5), CancellationToken.None);
        var (campaign, _) = await _app.GivenQueuedAsync(all);
        _server.Answer = line => line.StartsWith("RCPT", StringComparison.Ordinal) ? "550 5.1.1 user unknown" : null;

        await _app.ConnectAsync(_server.Port, perSecond: 10);
        await Eventually.TrueAsync(async () => await _app.CampaignStatusAsync(campaign) == CampaignStatus.Paused);
        _server.Answer = _ => null;
        var held = await _app.GetAsync($"/api/v1/campaigns/{PublicId.Campaign(campaign)}");
        await _app.PostAsync($"/api/v1/campaigns/{PublicId.Campaign(campaign)}/actions/resume");
        await _app.CompletedAsync(campaign);

        var (bounced, sent) = ((await _app.CountAsync(campaign, EventType.Bounced)).Unique, (await _app.CountAsync(campaign, EventType.Sent)).Unique);
        Assert.Contains("do not exist", (string)held["held_because"]!, StringComparison.Ordinal);
        Assert.InRange(bounced, 5, all - 1);
        Assert.Equal(all, bounced + sent);
        Assert.Equal(sent, _server.Mails.Count);
        Assert.Empty(_app.Verify());
    }
}
