using System.Globalization;

namespace ScoreTracking.Tests.Load;

/// <summary>The same load on the real server, on the stack's floor and on nginx, in turns: on a machine that is never quite idle only the ratio of neighbours means something.</summary>
internal sealed class Comparison
{
    // Until the compiler has taken its second look at the hot path: after two seconds it still burns a tenth of the CPU.
    private static readonly TimeSpan s_warmUp = TimeSpan.FromSeconds(6);

    private readonly List<Target> _targets = [];
    private readonly List<Sample> _samples = [];
    private ServerProcess _server = null!;

    /// <summary>Runs opens, clicks or events and prints one page.</summary>
    /// <returns>0 when every acknowledged event is stored and verify finds no difference.</returns>
    public static async Task<int> RunAsync(string command, Seed seed, string directory, LoadOptions options, CancellationToken cancellationToken)
    {
        var comparison = new Comparison();
        try
        {
            await comparison.StartAsync(command, seed, directory, cancellationToken);
            var connections = options.Connections ?? (command == "events" ? [4, 16] : [64, 256]);
            await comparison.MeasureAsync(connections, options, cancellationToken);
            comparison.Print(connections, options);
            var stopped = await comparison._server.TerminateAsync(TimeSpan.FromSeconds(30), cancellationToken);
            return await Check.RunAsync(seed, comparison._targets[0].Accepted, comparison._targets[0].Unsure, cancellationToken) && stopped == 0 ? 0 : 1;
        }
        finally
        {
            comparison._targets.ForEach(target => target.Process.Dispose());
        }
    }

    private async Task StartAsync(string command, Seed seed, string directory, CancellationToken cancellationToken)
    {
        Workload Load() => command switch
        {
            "opens" => new HitWorkload("/api/track/open/", seed.OpenIds),
            "clicks" => new HitWorkload("/api/track/click/", seed.ClickIds),
            _ => new EventsWorkload(seed.Messages),
        };

        _server = ServerProcess.Start(seed.Directory);
        var ready = await _server.ReadyAsync(TimeSpan.FromSeconds(60), cancellationToken);
        _targets.Add(new Target("ScoreTracking", _server, _server.Port, Load()));
        var floor = ChildProcess.FreePort();
        _targets.Add(new Target("floor", Floor.Start(seed.Directory, floor), floor, Load()));
        var nginx = ChildProcess.FreePort();
        if (command != "events" && Nginx.Start(Path.Combine(directory, "nginx"), nginx) is { } process)
        {
            _targets.Add(new Target("nginx", process, nginx, Load()));
        }

        Console.WriteLine($"ready after {ready.TotalSeconds:N1} s");
    }

    private async Task MeasureAsync(int[] connections, LoadOptions options, CancellationToken cancellationToken)
    {
        foreach (var target in _targets)
        {
            await MeasureAsync(target, connections[0], s_warmUp, cancellationToken);
        }

        _samples.Clear();
        for (var round = 0; round < options.Rounds; round++)
        {
            foreach (var count in connections)
            {
                foreach (var target in _targets)
                {
                    await MeasureAsync(target, count, TimeSpan.FromSeconds(options.Seconds), cancellationToken);
                }
            }
        }
    }

    private async Task MeasureAsync(Target target, int connections, TimeSpan duration, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        await Console.Error.WriteLineAsync($"{target.Name} at {connections} connections …");
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var (cpu, clientCpu) = (target.Process.Cpu, ChildProcess.OwnCpu);
        var lag = target.Process == _server ? WatchLagAsync(ended.Token) : Task.FromResult(0L);
        var burst = await Task.Factory.StartNew(() => Burst.Run(target.Port, target.Load, connections, duration), cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        var (cpuAnswering, clientSpent) = (target.Process.Cpu - cpu, ChildProcess.OwnCpu - clientCpu);
        await ended.CancelAsync();

        // First the watcher's last look, then ours: they share a connection.
        var most = await lag;
        var drained = target.Process == _server ? await _server.DrainedAsync(cancellationToken) : TimeSpan.Zero;
        target.Accepted += burst.Accepted * target.Load.EventsPerRequest;
        target.Unsure += burst.Unsure;
        _samples.Add(new Sample(target, connections, burst, cpuAnswering, target.Process.Cpu - cpu, clientSpent, most, drained));
    }

    private async Task<long> WatchLagAsync(CancellationToken cancellationToken)
    {
        var most = 0L;
        using var poll = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        try
        {
            while (await poll.WaitForNextTickAsync(cancellationToken))
            {
                most = Math.Max(most, await _server.BacklogAsync(CancellationToken.None)); // Whole answers only: the connection is used again.
            }
        }
        catch (OperationCanceledException)
        {
            // The burst is over.
        }

        return most;
    }

    private void Print(int[] connections, LoadOptions options)
    {
        var events = _targets[0].Load.EventsPerRequest;
        var what = events > 1 ? "events" : "requests";
        Console.WriteLine($"medians of {options.Rounds} interleaved rounds of {options.Seconds:0.#} s; CPU in µs per {what[..^1]}: answering, until stored, the client's own");
        Console.WriteLine();
        Console.WriteLine($"{"",-14}{"c",5}{$"{what}/s",13}{"p50 ms",9}{"p99 ms",9}{"CPU",8}{"stored",8}{"client",8}{"refused",9}{"other",7}{"lag",9}{"drain s",9}{"RSS MB",8}");
        foreach (var count in connections)
        {
            foreach (var target in _targets)
            {
                var samples = _samples.Where(s => s.Target == target && s.Connections == count).ToList();
                double Of(Func<Sample, double> figure) => Median(samples.Select(figure));
                double PerEvent(Func<Sample, TimeSpan> cpu) => Of(s => cpu(s).TotalMicroseconds / Math.Max(1, s.Burst.Measured * events));
                Console.WriteLine(
                    $"{target.Name,-14}{count,5}{Of(s => s.Burst.PerSecond) * events,13:N0}{Of(s => s.Burst.Latencies.Quantile(0.5)),9:N2}{Of(s => s.Burst.Latencies.Quantile(0.99)),9:N1}"
                    + $"{PerEvent(s => s.CpuAnswering),8:N1}{PerEvent(s => s.CpuStored),8:N1}{PerEvent(s => s.ClientCpu),8:N1}"
                    + $"{samples.Sum(s => s.Burst.Refused + s.Burst.Unsure),9:N0}{samples.Sum(s => s.Burst.Other),7:N0}{samples.Max(s => s.Lag),9:N0}{Of(s => s.Drain.TotalSeconds),9:N2}{target.Process.PeakMemory / 1e6,8:N0}");
            }
        }

        Console.WriteLine();
        foreach (var count in connections)
        {
            var ratios = _targets.Skip(1).Select(other => $"{Median(Pairs(count, other).Select(pair => pair.Ours / pair.Others)):N2} × {other.Name} ({string.Join(" ", Pairs(count, other).Select(pair => (pair.Ours / pair.Others).ToString("N2", CultureInfo.InvariantCulture)))})");
            Console.WriteLine($"c={count}: {string.Join(", ", ratios)}");
        }
    }

    // Neighbours in time.
    private IEnumerable<(double Ours, double Others)> Pairs(int connections, Target other)
    {
        var ours = _samples.Where(s => s.Target == _targets[0] && s.Connections == connections);
        return ours.Zip(_samples.Where(s => s.Target == other && s.Connections == connections), (a, b) => (a.Burst.PerSecond, b.Burst.PerSecond));
    }

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToList();
        return sorted.Count == 0 ? 0 : (sorted[(sorted.Count - 1) / 2] + sorted[sorted.Count / 2]) / 2;
    }

    private sealed class Target(string name, ChildProcess process, int port, Workload load)
    {
        public string Name { get; } = name;
        public ChildProcess Process { get; } = process;
        public int Port { get; } = port;
        public Workload Load { get; } = load;

        /// <summary>Events acknowledged so far, the warm-up included.</summary>
        public long Accepted { get; set; }

        /// <summary>Clicks redirected before their event was on disk.</summary>
        public long Unsure { get; set; }
    }

    private sealed record Sample(
        Target Target, int Connections, BurstResult Burst, TimeSpan CpuAnswering, TimeSpan CpuStored, TimeSpan ClientCpu, long Lag, TimeSpan Drain);
}
