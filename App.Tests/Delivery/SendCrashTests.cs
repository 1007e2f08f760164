using System.Globalization;
using System.Text.Json.Nodes;
using ScoreTracking.Tests.Load;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Delivery;

/// <summary>Nobody gets a campaign twice and nobody is skipped in silence: the real server as a process of its own, killed while it hands mail to a real mail server.</summary>
public sealed class SendCrashTests : IDisposable
{
    private const int Connections = 4;

    private readonly KilledServer _server = new("send");

    private static int Kills => KilledServer.Setting("SEND_KILLS", 5);

    private static int Messages => KilledServer.Setting("SEND_MESSAGES", 1_500);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Nobody_gets_a_campaign_twice_and_nobody_is_skipped_however_often_both_servers_die()
    {
        using var sink = await SmtpSink.StartAsync(_server.PathOf("arrived"), Cancellation);
        var random = new Random();
        await _server.StartAsync();
        using var campaign = await SentCampaign.MakeAsync(_server.Port, sink.Port, Messages, Connections, Cancellation, perSecond: Messages / Kills);
        Assert.True(await campaign.TryActAsync("send", Cancellation));
        for (var kill = 0; kill < Kills; kill++)
        {
            await Task.Delay(random.Next(200, 900), Cancellation);
            if (kill % 2 == 0 && await campaign.TryActAsync("pause", Cancellation))
            {
                await campaign.TryActAsync("resume", Cancellation);
                await Task.Delay(random.Next(100, 500), Cancellation);
            }

            await _server.KillAndStartAsync();
            campaign.MoveTo(_server.Port);
            if (kill == Kills / 2)
            {
                await sink.RestartAsync(Cancellation);
            }
        }

        await campaign.CompletedAsync(Cancellation).WaitAsync(TimeSpan.FromMinutes(5), Cancellation);
        await _server.DrainedAsync();

        var uncertain = await UncertainAsync(campaign);
        var failed = await _server.CountAsync("SELECT count(*) FROM deliveries WHERE state <> 2");
        var sent = await _server.CountAsync("SELECT count(DISTINCT message_id) FROM events WHERE type = 2");
        var arrived = sink.Recipients().ToList();
        Assert.Equal(arrived.Count, arrived.Distinct().Count());
        Assert.Equal(0, failed);
        Assert.Equal(Messages, sent + uncertain.Count);
        Assert.True(uncertain.Count <= Connections * (Kills + 1), $"{uncertain.Count} uncertain");
        Assert.Empty(Enumerable.Range(0, Messages).Select(SentCampaign.Address).Except(arrived).Except(uncertain.Select(one => (string)one!["email"]!)));
        Assert.Equal(sent, await _server.CountAsync("SELECT count(*) FROM events WHERE type = 2"));

        // A report by the Message-ID alone settles what nobody knew.
        foreach (var one in uncertain)
        {
            await ReportAsync(campaign, (string)one!["message_id"]!);
        }

        await Eventually.TrueAsync(async () =>
            (await UncertainAsync(campaign)).Count == 0 && await _server.CountAsync("SELECT count(DISTINCT message_id) FROM events WHERE type = 2") == Messages);

        await _server.StopAndVerifyAsync();
        TestContext.Current.SendDiagnosticMessage($"{Kills} kills, {sent} sent, {uncertain.Count} uncertain");
    }

    public void Dispose() => _server.Dispose();

    private static async Task<JsonArray> UncertainAsync(SentCampaign campaign) =>
        (await campaign.GetAsync($"/api/v1/connections/{campaign.ConnectionId}/uncertain?limit=500", Cancellation))["data"]!.AsArray();

    private async Task ReportAsync(SentCampaign campaign, string messageId)
    {
        var mimeId = await _server.ReadAsync<string>("SELECT esp_message_id FROM messages WHERE id = $id", long.Parse(messageId.AsSpan(4), CultureInfo.InvariantCulture));
        await campaign.PostAsync("/api/v1/events", new JsonArray(new JsonObject { ["event_id"] = $"d-{messageId}", ["event_type"] = "delivered", ["esp_message_id"] = mimeId }), Cancellation);
    }
}
