using System.Collections.Concurrent;

namespace ScoreTracking.Segments;

/// <summary>How many belong to a rule, and when that was.</summary>
/// <param name="Took">Counting it.</param>
internal sealed record SegmentCounted(long People, DateTimeOffset At, TimeSpan Took)
{
    private const int RestFactor = 20;

    private static readonly TimeSpan s_shortest = TimeSpan.FromSeconds(10);

    /// <summary>How long it is shown before it is counted again: counting shall take a twentieth of one core at most.</summary>
    public TimeSpan Holds => Took * RestFactor > s_shortest ? Took * RestFactor : s_shortest;
}

/// <summary>Counts of rules, each kept for a while and made one at a time: a page of fifty segments, open ten times, is no load.</summary>
internal sealed class SegmentCounts(SegmentQueries queries, TimeProvider time) : IDisposable
{
    private const int MostKept = 1_000;

    private readonly ConcurrentDictionary<string, SegmentCounted> _kept = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _turn = new(1);

    /// <summary>What was counted last; null where nothing was.</summary>
    /// <param name="rule">As stored.</param>
    public SegmentCounted? Find(string rule) => _kept.GetValueOrDefault(rule);

    /// <summary>Counts, unless what was counted still holds.</summary>
    public async Task<SegmentCounted> CountAsync(string rule, CancellationToken cancellationToken)
    {
        if (Fresh(rule) is { } fresh)
        {
            return fresh;
        }

        await _turn.WaitAsync(cancellationToken);
        try
        {
            if (Fresh(rule) is { } counted)
            {
                return counted;
            }

            var started = time.GetTimestamp();
            var people = await queries.CountAsync(SegmentRuleJson.Stored(rule), progress: null, cancellationToken);
            if (_kept.Count >= MostKept)
            {
                _kept.Clear();
            }

            return _kept[rule] = new SegmentCounted(people, time.GetUtcNow(), time.GetElapsedTime(started));
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose() => _turn.Dispose();

    private SegmentCounted? Fresh(string rule) => Find(rule) is { } kept && (time.GetUtcNow() - kept.At).Duration() < kept.Holds ? kept : null;
}
