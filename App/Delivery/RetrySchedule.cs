namespace ScoreTracking.Delivery;

/// <summary>When a message a server would not take for now is tried again: soon, then ever more rarely, for 72 hours (numbers.md 7). Pure.</summary>
public static class RetrySchedule
{
    /// <summary>From the first attempt on; the last attempt is made then.</summary>
    public static readonly TimeSpan GiveUpAfter = TimeSpan.FromHours(72);

    private static readonly TimeSpan[] s_waits =
    [
        TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(15), TimeSpan.FromHours(1), TimeSpan.FromHours(4), TimeSpan.FromHours(12),
    ];

    /// <param name="attempts">Made so far, at least one.</param>
    /// <param name="firstAt">Of the first of them.</param>
    /// <param name="now">Of the last of them.</param>
    /// <returns>Null after the last.</returns>
    public static DateTimeOffset? Next(int attempts, DateTimeOffset firstAt, DateTimeOffset now)
    {
        var end = firstAt + GiveUpAfter;
        if (now >= end)
        {
            return null;
        }

        var next = now + s_waits[Math.Min(attempts, s_waits.Length) - 1];
        return next < end ? next : end;
    }
}
