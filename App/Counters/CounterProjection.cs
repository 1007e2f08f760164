using System.Runtime.InteropServices;
using ScoreTracking.Data;
using ScoreTracking.Events;

namespace ScoreTracking.Counters;

/// <summary>Folds the changes of a batch in memory, then moves each touched counter once, in the batch's transaction.</summary>
public sealed class CounterProjection(WriteConnection connection)
{
    private readonly CounterSums _sums = new();
    private readonly Statement _move = connection.Prepare("""
        INSERT INTO counters (campaign_id, dimension, key, type, verdict, total, uniq) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
        ON CONFLICT (campaign_id, dimension, key, type, verdict) DO UPDATE SET total = total + excluded.total, uniq = uniq + excluded.uniq
        """);

    /// <param name="sign">−1 takes a change back.</param>
    public void Add(CountedMessage message, CountChange change, int sign = 1) => _sums.Add(message, change, sign);

    /// <summary>Writes what was added since the last time.</summary>
    public void Write()
    {
        foreach (var (key, count) in _sums)
        {
            if (count != default)
            {
                _move.Bind(1, key.CampaignId).Bind(2, key.Dimension.Name).Bind(3, key.Dimension.Text(key.Key))
                    .Bind(4, (long)key.Type).Bind(5, (long)key.Group).Bind(6, count.Total).Bind(7, count.Unique).Run();
            }
        }

        _sums.Clear();
    }

    /// <summary>Forgets what was added, after the batch was rolled back.</summary>
    public void Discard() => _sums.Clear();
}

/// <summary>Which counter.</summary>
public readonly record struct CounterKey(long CampaignId, Dimension Dimension, long Key, EventType Type, VerdictGroup Group);

/// <summary>What it counts.</summary>
public readonly record struct CounterSum(long Total, long Unique);

/// <summary>Counters in memory: a batch of the writer, or a recount of the whole log.</summary>
public sealed class CounterSums
{
    private readonly Dictionary<CounterKey, CounterSum> _sums = [];

    public int Count => _sums.Count;

    public void Add(CountedMessage message, CountChange change, int sign)
    {
        // Single messages belong to no campaign's report.
        if (message.CampaignId == 0)
        {
            return;
        }

        foreach (var dimension in Dimension.All)
        {
            if (dimension.TryKey(change, message, out var key))
            {
                ref var sum = ref CollectionsMarshal.GetValueRefOrAddDefault(
                    _sums, new CounterKey(dimension.IsOfAllCampaigns ? 0 : message.CampaignId, dimension, key, change.Type, change.Group), out _);
                sum = new CounterSum(sum.Total + (sign * change.Total), sum.Unique + (sign * dimension.Unique(change)));
            }
        }
    }

    public void Clear() => _sums.Clear();

    public Dictionary<CounterKey, CounterSum>.Enumerator GetEnumerator() => _sums.GetEnumerator();
}
