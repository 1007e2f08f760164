using System.Diagnostics;

namespace ScoreTracking.Tests.Load;

/// <summary>A campaign through the whole server to Postfix's smtp-sink, the server killed and the campaign paused on the way; every mail that arrives is kept and read.</summary>
internal static class SendKills
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(15);
    private static readonly TimeSpan s_still = TimeSpan.FromSeconds(1);

    public static async Task<int> RunAsync(string directory, LoadOptions options, CancellationToken cancellationToken)
    {
        if (!SmtpSink.IsInstalled)
        {
            await Console.Error.WriteLineAsync("This needs smtp-sink of Debian's postfix package.");
            return 2;
        }

        var connections = options.Connections?[0] ?? 10;
        var data = Path.Combine(directory, "data");
        using var sink = await SmtpSink.StartAsync(Path.Combine(directory, "arrived"), cancellationToken);
        Console.WriteLine($"send: {options.Mails:N0} messages over {connections} connections, {options.Kills} kills; every mail is kept and read");
        var server = ServerProcess.Start(data);
        try
        {
            await server.ReadyAsync(TimeSpan.FromMinutes(1), cancellationToken);
            using var campaign = await SentCampaign.MakeAsync(server.Port, sink.Port, options.Mails, connections, cancellationToken);
            var started = Stopwatch.GetTimestamp();
            await campaign.TryActAsync("send", cancellationToken);
            var random = new Random(1);
            for (var kill = 1; kill <= options.Kills; kill++)
            {
                // Spread over the whole campaign, the last one before its end, and at any moment between two looks.
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
            Console.WriteLine($"all after {Stopwatch.GetElapsedTime(started).TotalSeconds:N1} s");
            await server.DrainedAsync(cancellationToken);
            var listed = await campaign.UncertainAsync(cancellationToken);
            await server.TerminateAsync(s_patience, cancellationToken);
            var found = await SentCheck.RunAsync(data, options.Mails, cancellationToken);
            return Arrived(sink, options, listed, connections, cancellationToken) && found?.Uncertain == listed.Count ? 0 : 1;
        }
        finally
        {
            server.Dispose();
        }
    }

    // A paused campaign goes on neither by itself nor by a new start.
    private static async Task StandsStillAsync(SentCampaign campaign, CancellationToken cancellationToken)
    {
        await campaign.CarriedAsync(cancellationToken).WaitAsync(s_patience, cancellationToken);
        var before = await campaign.SentAsync(cancellationToken);

        // That nothing happens can only be seen by waiting for it: thousands would leave in this time.
        await Task.Delay(s_still, cancellationToken);
        var after = await campaign.SentAsync(cancellationToken);
        if (before != after)
        {
            throw new InvalidOperationException($"{after - before} mails left while the campaign was paused.");
        }
    }

    private static bool Arrived(SmtpSink sink, LoadOptions options, IReadOnlySet<string> listed, int connections, CancellationToken cancellationToken)
    {
        var arrived = ArrivedMails.Read(sink, cancellationToken);
        var lost = Enumerable.Range(0, options.Mails).Select(SentCampaign.Address).Where(address => !arrived.Recipients.Contains(address)).ToList();
        var unlisted = lost.Count(address => !listed.Contains(address));
        Console.WriteLine($"arrived {arrived.Recipients.Count:N0}, of these twice {arrived.Twice:N0}, not instrumented or with another's links {arrived.Faulty:N0}");
        Console.WriteLine($"not arrived {lost.Count:N0}, of these not listed as uncertain {unlisted:N0}; listed {listed.Count:N0}, at most {connections * options.Kills:N0} allowed");
        return arrived is { Twice: 0, Faulty: 0 } && unlisted == 0 && listed.Count <= connections * options.Kills;
    }
}
