using System.Diagnostics;
using System.Runtime.CompilerServices;
using ScoreTracking.Data;

namespace ScoreTracking.Segments;

/// <summary>How far a count is.</summary>
/// <param name="Looked">Contacts looked at, by their ids.</param>
/// <param name="Total">The highest id; ids of removed contacts count as looked at.</param>
/// <param name="Members">Found so far.</param>
public sealed record SegmentProgress(long Looked, long Total, long Members);

/// <summary>Some members, by id.</summary>
/// <param name="Next">The contact to go on behind; null where that was all. A page may hold fewer than asked for, even none, and go on.</param>
public sealed record SegmentPage(IReadOnlyList<long> Contacts, long? Next);

/// <summary>Asks who belongs to a segment. Contacts are read in ranges of ids, each in a short read of its own: reading one never keeps the database from tidying up, and never holds up whoever writes.</summary>
public sealed class SegmentQueries(SqliteFile main, TimeProvider time)
{
    private const long Range = 65_536;
    private const long FirstRange = 2_048;

    // A page is to be there within 50 ms.
    private static readonly TimeSpan s_longestSearch = TimeSpan.FromMilliseconds(25);

    // Counts share the processors: ten editors at once take no more than one does.
    private static readonly SemaphoreSlim s_processors = new(Environment.ProcessorCount);

    /// <summary>How many belong to the segment now.</summary>
    /// <param name="progress">Told after each range.</param>
    public async Task<long> CountAsync(SegmentRule rule, IProgress<SegmentProgress>? progress, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var total = await Task.Run(() => SegmentReader.LastContact(main.Path), cancellationToken);
        var count = new Count(total, progress);
        var workers = Math.Min(Environment.ProcessorCount, (total / Range) + 1);
        using var failed = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var counting = Enumerable.Range(0, (int)workers).Select(_ => CountAsync(rule, now, count, failed)).ToArray();
        await Task.WhenAll(counting);
        return count.Members;
    }

    /// <summary>Whether a contact belongs to the segment now.</summary>
    public async Task<bool> IsMemberAsync(SegmentRule rule, long contactId, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        return await Task.Run(
            () =>
            {
                using var reader = SegmentReader.Asking(main.Path, rule, now);
                return reader.Count(contactId - 1, contactId, cancellationToken) == 1;
            },
            cancellationToken);
    }

    /// <summary>The members behind a contact, as many as are found before long.</summary>
    /// <param name="after">0 for the first.</param>
    public async Task<SegmentPage> PageAsync(SegmentRule rule, long after, int limit, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        return await Task.Run(
            () =>
            {
                using var reader = SegmentReader.Finding(main.Path, rule, now);
                return Page(reader, after, limit, s_longestSearch, SegmentReader.LastContact(main.Path), cancellationToken);
            },
            cancellationToken);
    }

    /// <summary>All members, by id, as of the moment reading begins.</summary>
    public async IAsyncEnumerable<long> MembersAsync(SegmentRule rule, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        const int chunk = 5_000;
        using var reader = SegmentReader.Finding(main.Path, rule, time.GetUtcNow());
        var last = await Task.Run(() => SegmentReader.LastContact(main.Path), cancellationToken);
        for (long? after = 0; after is { } from;)
        {
            var page = await Task.Run(() => Page(reader, from, chunk, s_longestSearch, last, cancellationToken), cancellationToken);
            foreach (var contact in page.Contacts)
            {
                yield return contact;
            }

            after = page.Next;
        }
    }

    private static SegmentPage Page(SegmentReader reader, long after, int limit, TimeSpan longest, long last, CancellationToken cancellationToken)
    {
        var found = new List<long>(Math.Min(limit, 1_000));
        var started = Stopwatch.GetTimestamp();

        // Growing, because nobody knows beforehand whether each second contact belongs or one in a million.
        for (var range = FirstRange; after < last; range = Math.Min(range * 2, Range))
        {
            var until = Math.Min(after + range, last);
            reader.Find(after, until, limit - found.Count, found, cancellationToken);
            if (found.Count == limit)
            {
                return new SegmentPage(found, found[^1] < last ? found[^1] : null);
            }

            after = until;
            if (after < last && Stopwatch.GetElapsedTime(started) > longest)
            {
                return new SegmentPage(found, after);
            }
        }

        return new SegmentPage(found, null);
    }

    private async Task CountAsync(SegmentRule rule, DateTimeOffset now, Count count, CancellationTokenSource failed)
    {
        var cancellationToken = failed.Token;
        try
        {
            using var reader = await Task.Run(() => SegmentReader.Counting(main.Path, rule, now, cancellationToken), cancellationToken);
            while (count.Take(out var after, out var until))
            {
                await s_processors.WaitAsync(cancellationToken);
                try
                {
                    count.Add(until - after, await Task.Run(() => reader.Count(after, until, cancellationToken), cancellationToken));
                }
                finally
                {
                    s_processors.Release();
                }
            }
        }
        catch
        {
            await failed.CancelAsync();
            throw;
        }
    }

    /// <summary>What several threads count together.</summary>
    private sealed class Count(long total, IProgress<SegmentProgress>? progress)
    {
        private readonly Lock _lock = new();
        private long _taken;
        private long _looked;

        public long Members { get; private set; }

        public bool Take(out long after, out long until)
        {
            lock (_lock)
            {
                (after, until) = (_taken, Math.Min(_taken + Range, total));
                _taken = until;
                return until > after;
            }
        }

        public void Add(long looked, long members)
        {
            lock (_lock)
            {
                _looked += looked;
                Members += members;
                progress?.Report(new SegmentProgress(_looked, total, Members));
            }
        }
    }
}
