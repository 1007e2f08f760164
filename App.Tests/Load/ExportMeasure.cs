using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using ScoreTracking.Api;
using ScoreTracking.Data;

namespace ScoreTracking.Tests.Load;

/// <summary>
/// How fast a campaign's recipients leave as CSV over HTTP, in turns with <c>sqlite3 -csv</c> writing the same rows with the same
/// dates into a pipe. What both read is written straight into the tables: only reading is measured.
/// </summary>
internal static class ExportMeasure
{
    private static readonly string[] s_times =
        ["processed_at", "sent_at", "delivered_at", "deferred_at", "dropped_at", "bounced_at", "opened_at", "confirmed_at", "clicked_at", "complained_at", "unsubscribed_at", "replied_at", "last_at"];

    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(10);

    public static async Task<int> RunAsync(Seed seed, LoadOptions options, CancellationToken cancellationToken)
    {
        Fill(seed);
        using var server = ServerProcess.Start(seed.Directory);
        await server.ReadyAsync(TimeSpan.FromSeconds(60), cancellationToken);
        using var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{server.Port}"), Timeout = s_patience };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", ServerProcess.ApiKey);
        await DownloadAsync(client, "/api/v1/campaigns?limit=1", cancellationToken);
        var before = server.PeakMemory;

        Console.WriteLine();
        Console.WriteLine($"{"round",5}{"CSV rows/s",13}{"MB",7}{"peak MB",9}{"sqlite3 rows/s",16}{"MB",7}{"×",7}{"NDJSON rows/s",15}{"events rows/s",15}");
        var report = $"/api/v1/campaigns/{PublicId.Campaign(1)}/report";
        for (var round = 1; round <= options.Rounds; round++)
        {
            var ours = await DownloadAsync(client, $"{report}/recipients.csv", cancellationToken);
            var (memory, theirs) = (server.PeakMemory, await SqliteAsync(seed, cancellationToken));
            var json = await DownloadAsync(client, $"{report}/recipients.ndjson", cancellationToken);
            var events = await DownloadAsync(client, $"{report}/events.csv", cancellationToken);
            Console.WriteLine(
                $"{round,5}{ours.PerSecond,13:N0}{ours.Bytes / 1e6,7:N0}{(memory - before) / 1e6,9:N1}{theirs.PerSecond,16:N0}{theirs.Bytes / 1e6,7:N0}{ours.PerSecond / theirs.PerSecond,7:N2}{json.PerSecond,15:N0}{events.PerSecond,15:N0}");
            if (ours.Rows != seed.Messages + 1 || theirs.Rows != seed.Messages + 1 || json.Rows != seed.Messages)
            {
                Console.WriteLine($"WRONG: {ours.Rows:N0} lines of ours, {theirs.Rows:N0} of sqlite3's and {json.Rows:N0} of NDJSON for {seed.Messages:N0} recipients");
                return 1;
            }
        }

        return await server.TerminateAsync(TimeSpan.FromSeconds(30), cancellationToken);
    }

    // Two thirds of everything has happened to two fifths, as in a good campaign.
    private static void Fill(Seed seed)
    {
        using var connection = new WriteConnection(seed.Main.Path, "synchronous=OFF", "wal_autocheckpoint=0", "cache_size=-200000");
        var at = TimeProvider.System.GetUtcNow().AddDays(-30).ToUnixTimeMilliseconds();
        connection.Begin();
        connection.Execute($"""
            UPDATE message_state SET status = iif(message_id % 5 < 2, 7, 4), sent_at = {at} + message_id * 37, delivered_at = {at} + message_id * 37 + 2411,
                opened_at = iif(message_id % 5 < 2, {at} + message_id * 41 + 80017, 0), confirmed_at = iif(message_id % 5 < 1, {at} + message_id * 41 + 80017, 0),
                clicked_at = iif(message_id % 25 = 0, {at} + message_id * 43 + 99991, 0), opens = message_id % 5 < 2, clicks = message_id % 25 = 0, last_at = {at} + message_id * 43 + 99991;
            UPDATE variants SET recipients = (SELECT count(*) FROM message_state);
            INSERT INTO user_agents (id, value, period) VALUES (1, 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', 0);
            INSERT INTO events (id, message_id, campaign_id, type, occurred_at, received_at, source, origin, verdict, reasons, link_id, fingerprint, bounce, repeat, user_agent_id, detail)
                SELECT message_id, message_id, campaign_id, iif(message_id % 5 < 2, 7, 3), delivered_at, delivered_at + 800, 1, message_id % 5 < 2, message_id % 5 < 2, 0, 0, 0, 0, 0, message_id % 5 < 2,
                    iif(message_id % 5 < 2, NULL, printf('SOURCE_KEY', message_id)) FROM message_state;
            """.Replace("SOURCE_KEY", "{\"source_key\":\"api:crm-%d\"}", StringComparison.Ordinal));
        connection.Commit();
        connection.Checkpoint(truncate: true);
    }

    private static async Task<Download> DownloadAsync(HttpClient client, string path, CancellationToken cancellationToken)
    {
        var watch = Stopwatch.StartNew();
        using var answer = await client.GetAsync(new Uri(path, UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        answer.EnsureSuccessStatusCode();
        await using var body = await answer.Content.ReadAsStreamAsync(cancellationToken);
        return await CountAsync(body, watch, cancellationToken);
    }

    private static async Task<Download> SqliteAsync(Seed seed, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo("sqlite3", ["-csv", "-header", "-readonly", seed.Main.Path, Select()]) { RedirectStandardOutput = true };
        var watch = Stopwatch.StartNew();
        using var process = Process.Start(start)!;
        var read = await CountAsync(process.StandardOutput.BaseStream, watch, cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        return process.ExitCode == 0 ? read : throw new InvalidOperationException("sqlite3 failed: install Debian's package sqlite3.");
    }

    // The same columns, the second of each time on a clock two hours ahead.
    private static string Select()
    {
        var times = s_times.ToDictionary(time => time, time => string.Create(
            CultureInfo.InvariantCulture,
            $"CASE WHEN s.{time} = 0 THEN '' ELSE strftime('%Y-%m-%dT%H:%M:%fZ', s.{time} / 1000.0, 'unixepoch') END, CASE WHEN s.{time} = 0 THEN '' ELSE strftime('%Y-%m-%dT%H:%M:%f+02:00', (s.{time} + 7200000) / 1000.0, 'unixepoch') END"));
        return $"""
            SELECT m.email, c.customer_id, CASE s.status WHEN 4 THEN 'delivered' WHEN 7 THEN 'opened' ELSE s.status END, CASE WHEN s.clicked_at > 0 THEN 'blue' WHEN s.opened_at > 0 THEN 'green' ELSE 'gray' END, v.key,
                {times["processed_at"]}, {times["sent_at"]}, {times["delivered_at"]}, {times["deferred_at"]}, {times["dropped_at"]}, {times["bounced_at"]}, s.bounce, {times["opened_at"]}, {times["confirmed_at"]},
                s.open_inferred, {times["clicked_at"]}, {times["complained_at"]}, {times["unsubscribed_at"]}, {times["replied_at"]}, s.opens, s.confirmed_opens, s.clicks, {times["last_at"]}, 'msg_' || s.message_id
            FROM message_state s JOIN messages m ON m.id = s.message_id JOIN contacts c ON c.id = m.contact_id LEFT JOIN variants v ON v.campaign_id = s.campaign_id AND v.position = s.variant
            WHERE s.campaign_id = 1 ORDER BY s.message_id
            """;
    }

    private static async Task<Download> CountAsync(Stream body, Stopwatch watch, CancellationToken cancellationToken)
    {
        var (buffer, bytes, rows) = (new byte[1 << 18], 0L, 0L);
        int read;
        while ((read = await body.ReadAsync(buffer, cancellationToken)) > 0)
        {
            bytes += read;
            rows += buffer.AsSpan(0, read).Count((byte)'\n');
        }

        return new Download(rows, bytes, rows / watch.Elapsed.TotalSeconds);
    }

    private readonly record struct Download(long Rows, long Bytes, double PerSecond);
}
