namespace ScoreTracking.Hooks;

/// <summary>When a delivery that failed is tried again: after 30 seconds, then ever more rarely, the last time after a further 24 hours. Pure.</summary>
public static class HookSchedule
{
    private static readonly TimeSpan[] s_waits =
    [
        TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(2), TimeSpan.FromMinutes(10), TimeSpan.FromHours(1), TimeSpan.FromHours(4), TimeSpan.FromHours(12), TimeSpan.FromHours(24),
    ];

    /// <summary>The longest an endpoint may ask to be left alone.</summary>
    private static readonly TimeSpan s_longest = TimeSpan.FromHours(24);

    public static int MaxAttempts => s_waits.Length + 1;

    /// <param name="attempts">Made so far, at least one.</param>
    /// <param name="asked">What the endpoint asked for by Retry-After.</param>
    /// <returns>Null after the last.</returns>
    public static TimeSpan? After(int attempts, TimeSpan? asked)
    {
        if (attempts > s_waits.Length)
        {
            return null;
        }

        var wait = s_waits[attempts - 1];
        return asked > wait ? asked < s_longest ? asked : s_longest : wait;
    }

    /// <summary>A wait in milliseconds, a tenth more or less, so that what failed together does not come back together.</summary>
    internal static long Spread(TimeSpan wait) => (long)(wait.TotalMilliseconds * (0.9 + (Random.Shared.NextDouble() * 0.2)));
}
