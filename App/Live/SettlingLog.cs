namespace ScoreTracking.Live;

/// <summary>Which part of the log has lain long enough to be followed. Monotonic, so that a clock set back or forth changes nothing.</summary>
internal sealed class SettlingLog(TimeProvider time)
{
    // Oldest first: the log had this length when it was looked at.
    private readonly Queue<(long Position, long SeenAt)> _seen = [];

    /// <summary>Looks at the log as long as it is now.</summary>
    /// <param name="head">Position of its newest event.</param>
    /// <param name="followed">Up to here it was followed before.</param>
    /// <param name="settle">How long an event must have lain there.</param>
    /// <returns>Up to where it may be followed now, and when more of what is known today may be; the longest time where none is left.</returns>
    public (long Due, TimeSpan Next) Look(long head, long followed, TimeSpan settle)
    {
        if (settle == TimeSpan.Zero)
        {
            return (head, TimeSpan.MaxValue);
        }

        var now = time.GetTimestamp();
        if (head > (_seen.Count > 0 ? _seen.Last().Position : followed))
        {
            _seen.Enqueue((head, now));
        }

        var due = followed;
        while (_seen.TryPeek(out var oldest))
        {
            var left = settle - time.GetElapsedTime(oldest.SeenAt, now);
            if (left > TimeSpan.Zero)
            {
                return (due, left);
            }

            due = _seen.Dequeue().Position;
        }

        return (due, TimeSpan.MaxValue);
    }
}
