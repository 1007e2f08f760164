using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;

namespace ScoreTracking.Tests.Load;

/// <summary>What it costs to be watched: a thousand opens a second of one campaign, without viewers and with fifty of them on its event stream.</summary>
internal sealed class ViewersMeasure : IDisposable
{
    private const int PerSecond = 1_000;
    private const int Senders = 4;
    private const int DefaultViewers = 50;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_warmUp = TimeSpan.FromSeconds(5);

    private readonly Seed _seed;
    private readonly ServerProcess _server;
    private readonly HitWorkload _load;
    private readonly Lock _lock = new();

    // When the n-th open was on disk. The store keeps their order, so the first summary that counts n opens shows the n-th.
    private readonly List<long> _acknowledged = [0];

    private ViewersMeasure(Seed seed)
    {
        _seed = seed;
        _load = new HitWorkload("/api/track/open/", seed.OpenIds);
        _server = ServerProcess.Start(seed.Directory);
    }

    /// <returns>0 when every acknowledged event is stored and verify finds no difference.</returns>
    public static async Task<int> RunAsync(Seed seed, LoadOptions options, CancellationToken cancellationToken)
    {
        using var measure = new ViewersMeasure(seed);
        return await measure.RunAsync(options, cancellationToken);
    }

    public void Dispose() => _server.Dispose();

    private async Task<int> RunAsync(LoadOptions options, CancellationToken cancellationToken)
    {
        await _server.ReadyAsync(TimeSpan.FromSeconds(60), cancellationToken);
        Console.WriteLine($"{PerSecond:N0} opens a second of one campaign, {options.Seconds:0.#} s each");
        Console.WriteLine();
        Console.WriteLine($"{"viewers",8}{"opens/s",9}{"server CPU",12}{"p50 ms",9}{"p95 ms",9}{"p99 ms",9}{"updates/s",11}{"bytes/update",14}{"of summary",12}{"RSS MB",8}");
        await SendAsync(s_warmUp, cancellationToken);
        foreach (var viewers in new[] { 0, 1, options.Connections?[0] ?? DefaultViewers, 0 })
        {
            await MeasureAsync(viewers, TimeSpan.FromSeconds(options.Seconds), cancellationToken);
        }

        var stopped = await _server.TerminateAsync(TimeSpan.FromSeconds(30), cancellationToken);
        return await Check.RunAsync(_seed, _acknowledged.Count - 1, unsure: 0, cancellationToken) && stopped == 0 ? 0 : 1;
    }

    private async Task MeasureAsync(int count, TimeSpan duration, CancellationToken cancellationToken)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var viewers = Enumerable.Range(0, count).Select(_ => new Viewer(_server.Port)).ToList();
        var listening = viewers.ConvertAll(viewer => viewer.ListenAsync(ended.Token));
        await Task.WhenAll(viewers.Select(viewer => viewer.SeesAsync(0)));

        // The first half brings everybody into step and the second is measured.
        await SendAsync(duration / 2, cancellationToken);
        var (from, cpu, started) = (_acknowledged.Count, _server.Cpu, Stopwatch.GetTimestamp());
        var (bytes, summaryBytes, updates) = (viewers.Sum(viewer => viewer.Bytes), viewers.Sum(viewer => viewer.SummaryBytes), viewers.Sum(viewer => viewer.Updates));
        await SendAsync(duration / 2, cancellationToken);
        var elapsed = Stopwatch.GetElapsedTime(started);
        var (to, spent) = (_acknowledged.Count, _server.Cpu - cpu);
        (bytes, summaryBytes, updates) = (viewers.Sum(viewer => viewer.Bytes) - bytes, viewers.Sum(viewer => viewer.SummaryBytes) - summaryBytes, viewers.Sum(viewer => viewer.Updates) - updates);

        try
        {
            await Task.WhenAll(viewers.Select(viewer => viewer.SeesAsync(to - 1))).WaitAsync(s_patience, cancellationToken);
        }
        catch (TimeoutException)
        {
            // Told below, with how many are missing.
        }

        await ended.CancelAsync();
        await Task.WhenAll(listening);
        var latencies = Latencies(viewers, from, to);
        Console.WriteLine(
            $"{count,8}{(to - from) / elapsed.TotalSeconds,9:N0}{spent / elapsed,12:P1}"
            + (count == 0 ? new string(' ', 64) : $"{latencies.Quantile(0.5),9:N0}{latencies.Quantile(0.95),9:N0}{latencies.Quantile(0.99),9:N0}{updates / (double)count / elapsed.TotalSeconds,11:N2}{bytes / Math.Max(1, updates),14:N0}{summaryBytes / Math.Max(1, updates),12:N0}")
            + $"{_server.PeakMemory / 1e6,8:N0}");
    }

    private Latencies Latencies(List<Viewer> viewers, int from, int to)
    {
        var latencies = new Latencies();
        foreach (var viewer in viewers)
        {
            var next = from;
            foreach (var (opens, at) in viewer.Seen)
            {
                for (; next < to && next <= opens; next++)
                {
                    latencies.Add(Math.Max(0, at - _acknowledged[next]));
                }
            }

            if (next < to)
            {
                Console.WriteLine($"A viewer missed the last {to - next} opens.");
            }
        }

        return latencies;
    }

    private Task SendAsync(TimeSpan duration, CancellationToken cancellationToken) =>
        Task.WhenAll(Enumerable.Range(0, Senders).Select(sender => Task.Run(() => SendAsync(sender, duration, cancellationToken), cancellationToken)));

    private async Task SendAsync(int sender, TimeSpan duration, CancellationToken cancellationToken)
    {
        using var connection = new HttpConnection(_server.Port);
        var started = Stopwatch.GetTimestamp();
        var wanted = (int)(duration.TotalSeconds * PerSecond / Senders);
        for (var sent = 0; sent < wanted; sent++)
        {
            var ahead = TimeSpan.FromSeconds(sent * (double)Senders / PerSecond) - Stopwatch.GetElapsedTime(started);
            if (ahead > TimeSpan.FromMilliseconds(2))
            {
                await Task.Delay(ahead, cancellationToken);
            }

            byte[] request;
            lock (_lock)
            {
                request = _load.Next(sender).ToArray();
            }

            var answer = await connection.ExchangeAsync(request, cancellationToken);
            if (answer is { Status: 200, SaysStored: true })
            {
                lock (_lock)
                {
                    _acknowledged.Add(Stopwatch.GetTimestamp());
                }
            }
        }
    }

    /// <summary>Listens to the stream as a wallboard would, and notes when it was told how many opens there are.</summary>
    private sealed class Viewer(int port)
    {
        private static readonly byte[] s_total = "\"total_opens\":"u8.ToArray();

        private readonly Lock _lock = new();
        private (long Opens, TaskCompletionSource Seen)? _awaited;
        private long _last = -1;

        public ConcurrentQueue<(long Opens, long At)> Seen { get; } = new();

        public long Bytes { get; private set; }

        public long SummaryBytes { get; private set; }

        public long Updates { get; private set; }

        /// <summary>Completes once it was told of so many opens; one question at a time.</summary>
        public Task SeesAsync(long opens)
        {
            lock (_lock)
            {
                if (_last >= opens)
                {
                    return Task.CompletedTask;
                }

                _awaited = (opens, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
                return _awaited.Value.Seen.Task;
            }
        }

        public async Task ListenAsync(CancellationToken cancellationToken)
        {
            using var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}"), Timeout = Timeout.InfiniteTimeSpan };
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", ServerProcess.ApiKey);
            try
            {
                await using var stream = await client.GetStreamAsync(new Uri("/api/v1/campaigns/cmp_1/report/stream", UriKind.Relative), cancellationToken);
                using var lines = new StreamReader(stream, Encoding.UTF8, detectEncodingFromByteOrderMarks: false, bufferSize: 64 * 1024);
                while (await lines.ReadLineAsync(cancellationToken) is { } line)
                {
                    Take(line, Stopwatch.GetTimestamp());
                }
            }
            catch (OperationCanceledException)
            {
                // The measurement is over.
            }
        }

        private void Take(string line, long at)
        {
            Bytes += line.Length + 1;
            var found = line.IndexOf(Encoding.ASCII.GetString(s_total), StringComparison.Ordinal);
            if (found < 0)
            {
                return;
            }

            var digits = line.AsSpan(found + s_total.Length);
            var end = digits.IndexOfAnyExceptInRange('0', '9');
            var opens = long.Parse(digits[..end], CultureInfo.InvariantCulture);
            Seen.Enqueue((opens, at));
            lock (_lock)
            {
                _last = opens;
                if (_awaited is { } awaited && opens >= awaited.Opens)
                {
                    awaited.Seen.TrySetResult();
                }
            }

            SummaryBytes += line.Length + 1;
            Updates++;
        }
    }
}
