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
        var before = await SourceAsync(sink.Port, connections, options.Mails, cancellationToken);
        Console.WriteLine($"smtp-source: {before:N0}/s");

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
            for (var kill = 0; kill < options.Kills; kill++)
            {
                await Task.Delay(random.Next(200, 1_500), cancellationToken);
                server.Kill();
                server.Dispose();
                server = ServerProcess.Start(data);
                await server.ReadyAsync(TimeSpan.FromMinutes(1), cancellationToken);
                campaign.MoveTo(server.Port);
            }

            await campaign.CompletedAsync(cancellationToken).WaitAsync(s_patience, cancellationToken);
            var took = Stopwatch.GetElapsedTime(started);
            var rate = options.Mails / took.TotalSeconds;
            Console.WriteLine($"whole server: {rate:N0}/s, queued after {queued.TotalSeconds:N1} s, all after {took.TotalSeconds:N1} s{(options.Kills == 0 ? $", {(server.Cpu - cpu).TotalMicroseconds / options.Mails:N0} µs CPU a message" : "")}");
            await server.DrainedAsync(cancellationToken);
            await server.TerminateAsync(TimeSpan.FromSeconds(30), cancellationToken);
            var after = await SourceAsync(sink.Port, connections, options.Mails, cancellationToken);
            Console.WriteLine($"smtp-source: {after:N0}/s; ratio {rate / ((before + after) / 2):N2}");
            return await CheckAsync(data, sink, options, cancellationToken);
        }
        finally
        {
            server.Dispose();
        }
    }

    private static async Task<int> CheckAsync(string data, SmtpSink sink, LoadOptions options, CancellationToken cancellationToken)
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
            var recipients = sink.Recipients().Where(address => address.StartsWith("ann", StringComparison.Ordinal)).ToList();
            var twice = recipients.Count - recipients.Distinct().Count();
            Console.WriteLine($"arrived {recipients.Distinct().Count():N0}, of these twice {twice:N0}");
            good &= twice == 0 && recipients.Count >= sent;
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
