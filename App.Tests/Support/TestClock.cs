namespace ScoreTracking.Tests.Support;

/// <summary>A clock the test moves. Timers still run on real time: only "what time is it" is the test's.</summary>
public sealed class TestClock : TimeProvider
{
    private long _passed;
    private long _ticks = new DateTimeOffset(2026, 9, 1, 10, 0, 0, TimeSpan.Zero).Ticks;

    public override DateTimeOffset GetUtcNow() => new(Interlocked.Read(ref _ticks), TimeSpan.Zero);

    /// <summary>Monotonic: what <see cref="Advance"/> does to the wall clock it does not see, what passes it does.</summary>
    public override long GetTimestamp() => base.GetTimestamp() + Interlocked.Read(ref _passed);

    /// <summary>Time passes, by every clock there is.</summary>
    public void Pass(TimeSpan by)
    {
        Interlocked.Add(ref _passed, (long)(by.TotalSeconds * TimestampFrequency));
        Advance(by);
    }

    /// <summary>The wall clock alone jumps.</summary>
    public void Advance(TimeSpan by) => Interlocked.Add(ref _ticks, by.Ticks);

    public void Set(DateTimeOffset now) => Interlocked.Exchange(ref _ticks, now.UtcTicks);
}
