using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using ScoreTracking.Data;
using ScoreTracking.Events;
using ScoreTracking.Ingest;

namespace ScoreTracking.Tests.Load;

/// <summary>How fast the store works off an inbox filled while the server was down. In the first round nothing has happened to any message yet, in later ones everything is an update.</summary>
internal static class StoreMeasure
{
    private const int Batch = 1_000;

    public static async Task<int> RunAsync(Seed seed, LoadOptions options, CancellationToken cancellationToken)
    {
        Console.WriteLine($"{options.Events:N0} opens a round, of random messages, with client and address");
        Console.WriteLine();
        Console.WriteLine($"{"round",5}{"events/s",12}{"CPU µs",9}{"bytes/event",13}{"RSS MB",8}");
        for (var round = 0; round < options.Rounds; round++)
        {
            await FillAsync(seed, round, options.Events, cancellationToken);
            var before = Size(seed);
            using var server = ServerProcess.Start(seed.Directory);
            await server.ReadyAsync(TimeSpan.FromSeconds(60), cancellationToken);
            var (perSecond, cpu) = await WatchAsync(seed, server, cancellationToken);
            var memory = server.PeakMemory;
            if (await server.TerminateAsync(TimeSpan.FromSeconds(30), cancellationToken) != 0)
            {
                Console.WriteLine($"The server did not stop cleanly: {server.Output}");
                return 1;
            }

            Console.WriteLine($"{round + 1,5}{perSecond,12:N0}{cpu,9:N1}{(Size(seed) - before) / options.Events,13:N0}{memory / 1e6,8:N0}");
        }

        return await Check.RunAsync(seed, (long)options.Rounds * options.Events, unsure: 0, cancellationToken) ? 0 : 1;
    }

    // Through the production inbox, with nobody storing behind it.
    private static async Task FillAsync(Seed seed, int round, int events, CancellationToken cancellationToken)
    {
        using var inbox = new Inbox(Options.Create(new StorageOptions { DataDirectory = seed.Directory }), seed.Main, NullLogger<Inbox>.Instance);
        var intake = new EventIntake(inbox, Options.Create(new IngestOptions()));
        var now = TimeProvider.System.GetUtcNow();
        for (var from = 0; from < events; from += Batch)
        {
            var reported = Enumerable.Range(from, Math.Min(Batch, events - from)).Select(i => new EmailEvent
            {
                Type = EventType.Opened,
                Source = EventSource.Tracking,
                MessageId = seed.Order[(int)((((long)round * events) + i) % seed.Messages)].MessageId,
                OccurredAt = now,
                ReceivedAt = now,
                IpAddress = "203.0.113.7",
                UserAgent = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
            }).ToList();
            await intake.StoreAsync(reported, Lane.Report, cancellationToken);
        }
    }

    private static async Task<(double PerSecond, double CpuMicroseconds)> WatchAsync(Seed seed, ServerProcess server, CancellationToken cancellationToken)
    {
        var (started, first, cpu) = (Stopwatch.GetTimestamp(), await server.BacklogAsync(cancellationToken), server.Cpu);
        await server.DrainedAsync(cancellationToken);
        await RankedAsync(seed, cancellationToken);
        return (first / Stopwatch.GetElapsedTime(started).TotalSeconds, (server.Cpu - cpu).TotalMicroseconds / Math.Max(1, first));
    }

    // Ranks are put off under load: what they cost belongs to the events.
    private static async Task RankedAsync(Seed seed, CancellationToken cancellationToken)
    {
        using var connection = new WriteConnection(seed.Main.Path, "query_only=1", "wal_autocheckpoint=0");
        var behind = connection.Prepare("SELECT 1 FROM cursors e JOIN cursors w ON w.name = 'writer' WHERE e.name = 'engagement' AND e.position < w.position");
        using var poll = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        while (behind.Scalar() is not null)
        {
            await poll.WaitForNextTickAsync(cancellationToken);
        }
    }

    private static long Size(Seed seed) => new FileInfo(seed.Main.Path).Length;
}
