namespace ScoreTracking.Delivery;

/// <summary>Keeps the lanes of a connection to so many messages a second, evenly spread. By the monotonic clock.</summary>
internal sealed class SendPace(double perSecond, TimeProvider time)
{
    // Timers are late by a few milliseconds: what was lost that way may be made up for.
    private static readonly TimeSpan s_slack = TimeSpan.FromMilliseconds(100);

    private readonly Lock _lock = new();
    private readonly long _started = time.GetTimestamp();
    private TimeSpan _next;

    /// <summary>As fast as the other side takes them.</summary>
    public bool IsFree => perSecond <= 0;

    /// <summary>Completes when so many messages may leave.</summary>
    public Task TurnAsync(int messages, CancellationToken cancellationToken)
    {
        if (IsFree)
        {
            return Task.CompletedTask;
        }

        TimeSpan wait;
        lock (_lock)
        {
            var now = time.GetElapsedTime(_started);
            var turn = _next > now - s_slack ? _next : now - s_slack;
            _next = turn + TimeSpan.FromSeconds(messages / perSecond);
            wait = turn - now;
        }

        return wait <= TimeSpan.Zero ? Task.CompletedTask : Task.Delay(wait, time, cancellationToken);
    }
}
