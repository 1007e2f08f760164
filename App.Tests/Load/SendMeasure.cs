using System.Diagnostics;
using System.Globalization;
using Microsoft.Data.Sqlite;

namespace ScoreTracking.Tests.Load;

/// <summary>A campaign through the whole server to Postfix's smtp-sink, each mail rendered, instrumented, noted and counted, beside what Postfix's own smtp-source hands to the same sink.</summary>
internal static class SendMeasure
{
    private const string Source = "/usr/sbin/smtp-source";
    private const int Length = 10_000;

    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(15);

    public static async Task<int> RunAsync(string directory, LoadOptions options, CancellationToken cancellationToken)
    {
        if (!SmtpSink.IsInstalled || !File.Exists(Source))
        {
            await Console.Error.WriteLineAsync("This needs smtp-sink and smtp-source of Debian's postfix package.");
            return 2;
        }

        var connections = options.Connections?[0] ?? 10;
        var data = Path.Combine(directory, "data");
        var arrived = Path.Combine(directory, "arrived");
        using var sink = await SmtpSink.StartAsync(options.Kills > 0 ? arrived : null, cancellationToken);
        Console.WriteLine($"send: {options.Mails:N0} messages over {connections} connections, {options.Kills} kills; {Environment.ProcessorCount} cores shared with the mail server");

        // Killed, it is no measure of speed.
        var measures = options.Kills == 0;
        var before = measures ? await SourceAsync(sink.Port, connections, options.Mails, cancellationToken) : 0;
        Console.WriteLine(measures ? $"smtp-source: {before:N0}/s" : "every mail is kept and read");

        var server = ServerProcess.Start(data);
        try
        {
            await server.ReadyAsync(TimeSpan.FromMinutes(1), cancellationToken);
            using var campaign = await SentCampaign.MakeAsync(server.Port, sink.Port, options.Mails, connections, cancellationToken);
            var cpu = server.Cpu;
            var started = Stopwatch.GetTimestamp();
            await campaign.TryActAsync("send", cancellationToken);
            var queued = Stopwatch.GetElapsedTime(started);
            var random = new Random(1);
            for (var kill = 1; kill <= options.Kills; kill++)
            {
                // Spread over the whole campaign, the last one before its end.
                await campaign.SentAsync((long)options.Mails * kill / (options.Kills + 1), cancellationToken).WaitAsync(s_patience, cancellationToken);
                await Task.Delay(random.Next(0, 300), cancellationToken);
                var paused = kill % 2 == 0 && await campaign.TryActAsync("pause", cancellationToken);
                server.Kill();
                server.Dispose();
                server = ServerProcess.Start(data);
                await server.ReadyAsync(s_patience, cancellationToken);
                campaign.MoveTo(server.Port);
                if (paused)
                {
                    await StandsStillAsync(campaign, cancellationToken);
                    await campaign.TryActAsync("resume", cancellationToken);
                }
            }

            await campaign.CompletedAsync(cancellationToken).WaitAsync(s_patience, cancellationToken);
            var took = Stopwatch.GetElapsedTime(started);
            var rate = options.Mails / took.TotalSeconds;
            Console.WriteLine($"whole server: {rate:N0}/s, queued after {queued.TotalSeconds:N1} s, all after {took.TotalSeconds:N1} s{(options.Kills == 0 ? $", {(server.Cpu - cpu).TotalMicroseconds / options.Mails:N0} µs CPU a message" : "")}");
            await server.DrainedAsync(cancellationToken);
            var listed = await campaign.UncertainAsync(cancellationToken);
            await server.TerminateAsync(s_patience, cancellationToken);
            if (measures)
            {
                var after = await SourceAsync(sink.Port, connections, options.Mails, cancellationToken);
                Console.WriteLine($"smtp-source: {after:N0}/s; ratio {rate / ((before + after) / 2):N2}");
            }

            return await CheckAsync(data, sink, options, listed, connections, cancellationToken);
        }
        finally
        {
            server.Dispose();
        }
    }

    // A paused campaign goes on neither by itself nor by a new start.
    private static async Task StandsStillAsync(SentCampaign campaign, CancellationToken cancellationToken)
    {
        await Task.Delay(500, cancellationToken);
        var before = await campaign.SentAsync(cancellationToken);
        await Task.Delay(1_000, cancellationToken);
        var after = await campaign.SentAsync(cancellationToken);
        if (before != after)
        {
            throw new InvalidOperationException($"{after - before} mails left while the campaign was paused.");
        }
    }

    private static async Task<int> CheckAsync(string data, SmtpSink sink, LoadOptions options, IReadOnlySet<string> listed, int connections, CancellationToken cancellationToken)
    {
        using var database = new SqliteConnection($"Data Source={Path.Combine(data, "scoretracking.db")};Mode=ReadOnly");
        await database.OpenAsync(cancellationToken);
        var sent = await CountAsync(database, "SELECT count(DISTINCT message_id) FROM events WHERE type = 2", cancellationToken);
        var uncertain = await CountAsync(database, "SELECT count(*) FROM deliveries WHERE state = 2", cancellationToken);
        var others = await CountAsync(database, "SELECT count(*) FROM deliveries WHERE state <> 2", cancellationToken);
        Console.WriteLine($"sent {sent:N0}, uncertain {uncertain:N0}, neither {options.Mails - sent - uncertain:N0}, left in the queue {others:N0}");
        var good = sent + uncertain == options.Mails && others == 0;
        if (options.Kills > 0)
        {
            var arrived = ArrivedMails.Read(sink, cancellationToken);
            var lost = Enumerable.Range(0, options.Mails).Select(SentCampaign.Address).Where(address => !arrived.Recipients.Contains(address)).ToList();
            var unlisted = lost.Count(address => !listed.Contains(address));
            Console.WriteLine($"arrived {arrived.Recipients.Count:N0}, of these twice {arrived.Twice:N0}, not instrumented or with another's links {arrived.Faulty:N0}");
            Console.WriteLine($"not arrived {lost.Count:N0}, of these not listed as uncertain {unlisted:N0}; listed {listed.Count:N0}, at most {connections * options.Kills:N0} allowed");
            good &= arrived is { Twice: 0, Faulty: 0 } && unlisted == 0 && listed.Count == uncertain && uncertain <= connections * options.Kills;
        }

        var (exitCode, output) = await ServerProcess.RunAsync("verify", data, cancellationToken);
        Console.WriteLine(output);
        return good && exitCode == 0 ? 0 : 1;
    }

    private static async Task<long> CountAsync(SqliteConnection database, string sql, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand();
#pragma warning disable CA2100 // Constants of this class.
        command.CommandText = sql;
#pragma warning restore CA2100
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    private static async Task<double> SourceAsync(int port, int connections, int messages, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        using var source = new ChildProcess(Source, ["-d", "-s", Text(connections), "-m", Text(messages), "-l", Text(Length), $"127.0.0.1:{port}"]);
        return await source.ExitedAsync(s_patience, cancellationToken) == 0
            ? messages / Stopwatch.GetElapsedTime(started).TotalSeconds
            : throw new IOException($"smtp-source failed: {source.Output}");
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
