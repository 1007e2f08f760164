using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.Data.Sqlite;
using ScoreTracking.Tests.Load;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Delivery;

/// <summary>Nobody gets a campaign twice and nobody is skipped in silence: the real server as a process of its own, killed while it hands mail to a real mail server.</summary>
public sealed class SendCrashTests : IDisposable
{
    private const int Connections = 4;

    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);

    private readonly string _directory = Directory.CreateTempSubdirectory("scoretracking-send-").FullName;

    private static int Kills => Setting("SEND_KILLS", 5);

    private static int Messages => Setting("SEND_MESSAGES", 1_500);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string Data => Path.Combine(_directory, "data");

    [Fact]
    public async Task Nobody_gets_a_campaign_twice_and_nobody_is_skipped_however_often_both_servers_die()
    {
        using var sink = await SmtpSink.StartAsync(Path.Combine(_directory, "arrived"), Cancellation);
        var random = new Random();
        var server = ServerProcess.Start(Data);
        try
        {
            await server.ReadyAsync(s_patience, Cancellation);
            using var campaign = await SentCampaign.MakeAsync(server.Port, sink.Port, Messages, Connections, Cancellation, perSecond: Messages / Kills);
            Assert.True(await campaign.TryActAsync("send", Cancellation));
            for (var kill = 0; kill < Kills; kill++)
            {
                await Task.Delay(random.Next(200, 900), Cancellation);
                if (kill % 2 == 0 && await campaign.TryActAsync("pause", Cancellation))
                {
                    await campaign.TryActAsync("resume", Cancellation);
                    await Task.Delay(random.Next(100, 500), Cancellation);
                }

                server.Kill();
                server.Dispose();
                server = ServerProcess.Start(Data);
                await server.ReadyAsync(s_patience, Cancellation);
                campaign.MoveTo(server.Port);
                if (kill == Kills / 2)
                {
                    await sink.RestartAsync(Cancellation);
                }
            }

            await campaign.CompletedAsync(Cancellation).WaitAsync(TimeSpan.FromMinutes(5), Cancellation);
            await server.DrainedAsync(Cancellation);

            var uncertain = await UncertainAsync(campaign);
            var failed = await CountAsync("SELECT count(*) FROM deliveries WHERE state <> 2");
            var sent = await CountAsync("SELECT count(DISTINCT message_id) FROM events WHERE type = 2");
            var arrived = sink.Recipients().ToList();
            Assert.Equal(arrived.Count, arrived.Distinct().Count());
            Assert.Equal(0, failed);
            Assert.Equal(Messages, sent + uncertain.Count);
            Assert.True(uncertain.Count <= Connections * (Kills + 1), $"{uncertain.Count} uncertain");
            Assert.Empty(Enumerable.Range(0, Messages).Select(SentCampaign.Address).Except(arrived).Except(uncertain.Select(one => (string)one!["email"]!)));
            Assert.Equal(sent, await CountAsync("SELECT count(*) FROM events WHERE type = 2"));

            // A report by the Message-ID alone settles what nobody knew.
            foreach (var one in uncertain)
            {
                await ReportAsync(campaign, (string)one!["message_id"]!);
            }

            await Eventually.TrueAsync(async () =>
                (await UncertainAsync(campaign)).Count == 0 && await CountAsync("SELECT count(DISTINCT message_id) FROM events WHERE type = 2") == Messages);

            Assert.Equal(0, await server.TerminateAsync(s_patience, Cancellation));
            var (exitCode, output) = await ServerProcess.RunAsync("verify", Data, Cancellation);
            Assert.True(exitCode == 0, output);
            TestContext.Current.SendDiagnosticMessage($"{Kills} kills, {sent} sent, {uncertain.Count} uncertain");
        }
        finally
        {
            server.Dispose();
        }
    }

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        Directory.Delete(_directory, recursive: true);
    }

    private static int Setting(string name, int usual) => int.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out var value) ? value : usual;

    private static async Task<JsonArray> UncertainAsync(SentCampaign campaign) =>
        (await campaign.GetAsync($"/api/v1/connections/{campaign.ConnectionId}/uncertain?limit=500", Cancellation))["data"]!.AsArray();

    private async Task ReportAsync(SentCampaign campaign, string messageId)
    {
        await using var connection = new SqliteConnection($"Data Source={Path.Combine(Data, "scoretracking.db")};Mode=ReadOnly");
        await connection.OpenAsync(Cancellation);
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT esp_message_id FROM messages WHERE id = $id";
        command.Parameters.AddWithValue("$id", long.Parse(messageId.AsSpan(4), CultureInfo.InvariantCulture));
        var mimeId = (string)(await command.ExecuteScalarAsync(Cancellation))!;
        await campaign.PostAsync("/api/v1/events", new JsonArray(new JsonObject { ["event_id"] = $"d-{messageId}", ["event_type"] = "delivered", ["esp_message_id"] = mimeId }), Cancellation);
    }

    private async Task<long> CountAsync(string sql)
    {
        await using var connection = new SqliteConnection($"Data Source={Path.Combine(Data, "scoretracking.db")};Mode=ReadOnly");
        await connection.OpenAsync(Cancellation);
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Constants of this class.
        command.CommandText = sql;
#pragma warning restore CA2100
        return (long)(await command.ExecuteScalarAsync(Cancellation))!;
    }
}
