using System.Diagnostics;
using System.Globalization;
using Microsoft.Data.Sqlite;

namespace ScoreTracking.Tests.Load;

/// <summary>
/// Campaigns through the whole server to Postfix's smtp-sink, each mail rendered, instrumented, noted and counted, beside what Postfix's own
/// smtp-source hands to the same sink. One server for all rounds, all to the same contacts: the first round is the first campaign after a
/// start, in code that is still being compiled; the last is how it goes on.
/// </summary>
internal static class SendRate
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
        using var sink = await SmtpSink.StartAsync(null, cancellationToken);
        using var server = ServerProcess.Start(data);
        await server.ReadyAsync(TimeSpan.FromMinutes(1), cancellationToken);
        Console.WriteLine($"send: {options.Mails:N0} messages a round of about {Length:N0} bytes over {connections} connections; {Environment.ProcessorCount} cores shared with the mail server");
        Console.WriteLine();
        Console.WriteLine($"{"round",5}{"smtp-source/s",15}{"whole server/s",16}{"ratio",7}{"queued s",10}{"CPU µs a message: server",26}{"sink",7}{"this",7}");
        var before = await SourceAsync(sink.Port, connections, options.Mails, cancellationToken);
        for (var round = 1; round <= options.Rounds; round++)
        {
            using var campaign = await SentCampaign.MakeAsync(server.Port, sink.Port, options.Mails, connections, cancellationToken);
            await server.DrainedAsync(cancellationToken);
            var (serverCpu, sinkCpu, ownCpu) = (server.Cpu, sink.Cpu, ChildProcess.OwnCpu);
            var started = TimeProvider.System.GetUtcNow();
            await campaign.TryActAsync("send", cancellationToken);
            var queued = TimeProvider.System.GetUtcNow() - started;
            var ended = await campaign.EndAsync(cancellationToken).WaitAsync(s_patience, cancellationToken);
            var rate = options.Mails / (ended - started).TotalSeconds;
            (serverCpu, sinkCpu, ownCpu) = (server.Cpu - serverCpu, sink.Cpu - sinkCpu, ChildProcess.OwnCpu - ownCpu);
            await server.DrainedAsync(cancellationToken);
            var after = await SourceAsync(sink.Port, connections, options.Mails, cancellationToken);
            Console.WriteLine($"{round,5}{(before + after) / 2,15:N0}{rate,16:N0}{2 * rate / (before + after),7:N2}{queued.TotalSeconds,10:N2}{Each(serverCpu),26:N0}{Each(sinkCpu),7:N0}{Each(ownCpu),7:N0}");
            before = after;
        }

        await server.TerminateAsync(TimeSpan.FromSeconds(30), cancellationToken);
        return await CheckAsync(data, options, cancellationToken) ? 0 : 1;

        double Each(TimeSpan cpu) => cpu.TotalMicroseconds / options.Mails;
    }

    private static async Task<bool> CheckAsync(string data, LoadOptions options, CancellationToken cancellationToken)
    {
        using var database = new SqliteConnection($"Data Source={Path.Combine(data, "scoretracking.db")};Mode=ReadOnly");
        await database.OpenAsync(cancellationToken);
        await using var command = database.CreateCommand();
        command.CommandText = "SELECT (SELECT count(DISTINCT message_id) FROM events WHERE type = 2), (SELECT count(*) FROM events WHERE type = 2), (SELECT count(*) FROM deliveries)";
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        var (sent, times, left) = (reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2));
        Console.WriteLine();
        Console.WriteLine($"sent {sent:N0} of {options.Rounds * (long)options.Mails:N0}, more than once {times - sent:N0}, left in the queue {left:N0}");
        var (exitCode, output) = await ServerProcess.RunAsync("verify", data, cancellationToken);
        Console.WriteLine(output);
        return sent == options.Rounds * (long)options.Mails && times == sent && left == 0 && exitCode == 0;
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
