namespace ScoreTracking.Data;

/// <summary>Tells whether the wall clock still runs beside the monotonic one. Nothing may be deleted, sent or declared overdue on the word of a clock that jumped.</summary>
internal sealed class ClockGuard(TimeProvider time)
{
    private static readonly TimeSpan s_slack = TimeSpan.FromMinutes(5);

    private readonly DateTimeOffset _startedAt = time.GetUtcNow();
    private readonly long _started = time.GetTimestamp();

    public bool IsSane => (time.GetUtcNow() - _startedAt - time.GetElapsedTime(_started)).Duration() < s_slack;
}
