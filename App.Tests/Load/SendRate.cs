namespace ScoreTracking.Tests.Load;

/// <summary>
/// Campaigns through the whole server to Postfix's smtp-sink, each mail rendered, instrumented, noted and counted, beside what Postfix's own
/// smtp-source hands to the same sink. Both are timed from the start until the last mail was accepted; "all s" is how long it takes until the
/// campaign has ended as well, each mail in the log and counted. One server for all rounds, all to the same contacts: the first round is the
/// first campaign after a start, in code that is still being compiled; the last is how it goes on.
/// </summary>
internal static class SendRate
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(15);

    public static async Task<int> RunAsync(string directory, LoadOptions options, CancellationToken cancellationToken)
    {
        if (!SmtpSink.IsInstalled || !SmtpSource.IsInstalled)
        {
            await Console.Error.WriteLineAsync("This needs smtp-sink and smtp-source of Debian's postfix package.");
            return 2;
        }

        var connections = options.Connections?[0] ?? 10;
        var data = Path.Combine(directory, "data");
        using var server = ServerProcess.Start(data);
        await server.ReadyAsync(TimeSpan.FromMinutes(1), cancellationToken);
        var length = await LengthAsync(server, Path.Combine(directory, "one"), cancellationToken);
        using var sink = await SmtpSink.StartAsync(null, cancellationToken);
        Console.WriteLine($"send: {options.Mails:N0} messages a round over {connections} connections; {Environment.ProcessorCount} cores shared with the mail server");
        Console.WriteLine($"a mail of ours has {length:N0} bytes with its header, smtp-source's {SmtpSource.Length:N0} without");
        Console.WriteLine();
        Console.WriteLine($"{"round",5}{"smtp-source/s",15}{"whole server/s",16}{"ratio",7}{"queued s",10}{"all s",8}{"ratio",7}{"CPU µs a message: server",26}{"sink",7}{"this",7}");
        var before = await SmtpSource.RunAsync(sink.Port, connections, options.Mails, cancellationToken);
        for (var round = 1; round <= options.Rounds; round++)
        {
            using var campaign = await SentCampaign.MakeAsync(server.Port, sink.Port, options.Mails, connections, cancellationToken);
            await server.DrainedAsync(cancellationToken);
            var (serverCpu, sinkCpu, ownCpu) = (server.Cpu, sink.Cpu, ChildProcess.OwnCpu);
            var started = TimeProvider.System.GetUtcNow();
            await campaign.TryActAsync("send", cancellationToken);
            var queued = TimeProvider.System.GetUtcNow() - started;
            var ended = await campaign.EndAsync(cancellationToken).WaitAsync(s_patience, cancellationToken);
            (serverCpu, sinkCpu, ownCpu) = (server.Cpu - serverCpu, sink.Cpu - sinkCpu, ChildProcess.OwnCpu - ownCpu);
            await server.DrainedAsync(cancellationToken);
            var last = await SentCheck.LastAsync(data, cancellationToken);
            var after = await SmtpSource.RunAsync(sink.Port, connections, options.Mails, cancellationToken);
            var (rate, all) = (options.Mails / (last - started).TotalSeconds, ended - started);
            Console.WriteLine(
                $"{round,5}{(before + after) / 2,15:N0}{rate,16:N0}{2 * rate / (before + after),7:N2}{queued.TotalSeconds,10:N2}{all.TotalSeconds,8:N2}{2 * options.Mails / all.TotalSeconds / (before + after),7:N2}{Each(serverCpu),26:N0}{Each(sinkCpu),7:N0}{Each(ownCpu),7:N0}");
            before = after;
        }

        await server.TerminateAsync(TimeSpan.FromSeconds(30), cancellationToken);
        Console.WriteLine();
        return await SentCheck.RunAsync(data, (options.Rounds * (long)options.Mails) + 1, cancellationToken) is { Uncertain: 0 } ? 0 : 1;

        double Each(TimeSpan cpu) => cpu.TotalMicroseconds / options.Mails;
    }

    // Of one mail as it travels: a comparison with lighter mail would be none.
    private static async Task<int> LengthAsync(ServerProcess server, string directory, CancellationToken cancellationToken)
    {
        using var sink = await SmtpSink.StartAsync(directory, cancellationToken);
        using var campaign = await SentCampaign.MakeAsync(server.Port, sink.Port, recipients: 1, connections: 1, cancellationToken);
        await campaign.TryActAsync("send", cancellationToken);
        await campaign.CompletedAsync(cancellationToken).WaitAsync(s_patience, cancellationToken);

        // The fields in front are the sink's, and it writes LF for CRLF.
        return sink.Mails().Single().Split('\n')[..^1].SkipWhile(line => line.StartsWith("X-", StringComparison.Ordinal)).Sum(line => line.Length + 2);
    }
}
