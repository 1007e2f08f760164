namespace ScoreTracking.Delivery;

/// <summary>What the groups of the outbox say together: the last word on each attempt that is not forgotten, and up to which group nothing is needed any more.</summary>
internal sealed class OutboxState
{
    private readonly Dictionary<(long MessageId, int Number), (AttemptOutcome Outcome, long Group)> _attempts = [];

    // Attempts whose last word stands in a group; a group without any has no entry.
    private readonly SortedDictionary<long, int> _groups = [];

    public int Attempts => _attempts.Count;

    /// <summary>By message and attempt.</summary>
    public IEnumerable<AttemptOutcome> Outcomes => _attempts.OrderBy(attempt => attempt.Key).Select(attempt => attempt.Value.Outcome);

    /// <summary>The oldest group that is needed; null where none is.</summary>
    public long? First => _groups.Count > 0 ? _groups.First().Key : null;

    /// <summary>Takes a group in. What it says counts from here on, whatever was said before.</summary>
    public void Add(long group, IEnumerable<OutboxRecord> records)
    {
        foreach (var (outcome, isRemoval) in records)
        {
            var key = (outcome.Attempt.MessageId, outcome.Attempt.Number);
            if (_attempts.Remove(key, out var before))
            {
                Count(before.Group, -1);
            }

            if (!isRemoval)
            {
                _attempts[key] = (outcome, group);
                Count(group, 1);
            }
        }
    }

    public void Clear()
    {
        _attempts.Clear();
        _groups.Clear();
    }

    private void Count(long group, int change)
    {
        var left = _groups.GetValueOrDefault(group) + change;
        if (left > 0)
        {
            _groups[group] = left;
        }
        else
        {
            _groups.Remove(group);
        }
    }
}
