namespace ScoreTracking.Delivery;

/// <summary>How a connection is doing.</summary>
public enum LineStatus
{
    /// <summary>Disabled, or it cannot send.</summary>
    Off,
    Ready,

    /// <summary>The server could not be reached; it is tried again by itself.</summary>
    Resting,

    /// <summary>Trying again is useless until somebody changes a setting, or says so.</summary>
    Stopped,
}

/// <summary>A connection's standing at a moment.</summary>
/// <param name="Because">The server's words or ours; null where it is ready.</param>
/// <param name="RestsFor">What is left of a rest.</param>
public sealed record LineStanding(LineStatus Status, string? Because, TimeSpan RestsFor)
{
    public static readonly LineStanding Off = new(LineStatus.Off, null, TimeSpan.Zero);
}

/// <summary>When the lanes of one connection may go on: at once, after a rest, or when somebody says so. Rests get longer from 1 s to 5 min while nothing works.</summary>
internal sealed class LineState(int lanes, TimeProvider time, Action changed)
{
    private const int MaxDoublings = 9;

    private static readonly TimeSpan s_longest = TimeSpan.FromMinutes(5);

    private readonly Lock _lock = new();
    private readonly long _started = time.GetTimestamp();
    private TaskCompletionSource _moved = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TimeSpan _restsUntil;
    private TimeSpan _failedAt = TimeSpan.MinValue;
    private int _failures;
    private int _unanswered;
    private string? _because;
    private bool _stopped;

    private TimeSpan Now => time.GetElapsedTime(_started);

    public LineStanding Standing
    {
        get
        {
            lock (_lock)
            {
                var left = _restsUntil - Now;
                return _stopped ? new LineStanding(LineStatus.Stopped, _because, TimeSpan.Zero)
                    : left > TimeSpan.Zero ? new LineStanding(LineStatus.Resting, _because, left)
                    : new LineStanding(LineStatus.Ready, null, TimeSpan.Zero);
            }
        }
    }

    /// <summary>A moment of this line's own clock, to tell <see cref="Failed"/> when the attempt began.</summary>
    public TimeSpan Begin() => Now;

    /// <summary>Completes once lanes may hand over.</summary>
    public async Task ReadyAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            Task moved;
            lock (_lock)
            {
                moved = _moved.Task;
            }

            var standing = Standing;
            if (standing.Status == LineStatus.Ready)
            {
                return;
            }

            if (standing.Status == LineStatus.Stopped)
            {
                await moved.WaitAsync(cancellationToken);
                continue;
            }

            using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            await Task.WhenAny(moved, Task.Delay(standing.RestsFor + TimeSpan.FromMilliseconds(1), time, enough.Token));
            await enough.CancelAsync();
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    /// <summary>The server answered about a message, whatever it said.</summary>
    public void Answered()
    {
        lock (_lock)
        {
            (_failures, _unanswered) = (0, 0);
        }
    }

    /// <summary>The server could not be reached, or broke off. The first time in a row it is tried again at once: servers end conversations for reasons of their own.</summary>
    /// <param name="began">Lanes that fail together fail once.</param>
    public void Failed(TimeSpan began, string because)
    {
        lock (_lock)
        {
            if (_stopped || began < _failedAt)
            {
                return;
            }

            _failedAt = Now;
            _because = because;
            if (_failures++ > 0)
            {
                var rest = TimeSpan.FromSeconds(1L << Math.Min(_failures - 2, MaxDoublings));
                _restsUntil = _failedAt + (rest < s_longest ? rest : s_longest);
            }
        }

        changed();
    }

    /// <summary>A mail went out and no answer came. A server that does so again and again would leave a whole campaign in doubt.</summary>
    public void Unanswered(TimeSpan began, string because)
    {
        Failed(began, because);
        bool enough;
        lock (_lock)
        {
            enough = ++_unanswered >= lanes + 3;
        }

        if (enough)
        {
            Stop($"Mail after mail went out without an answer, so that nobody knows whether it arrived. The last time: {because}");
        }
    }

    /// <summary>Nothing goes until <see cref="TryAgain"/>.</summary>
    public void Stop(string because)
    {
        lock (_lock)
        {
            (_stopped, _because) = (true, because);
        }

        changed();
    }

    public void TryAgain()
    {
        TaskCompletionSource moved;
        lock (_lock)
        {
            (_stopped, _because, _failures, _unanswered, _restsUntil) = (false, null, 0, 0, TimeSpan.Zero);
            moved = _moved;
            _moved = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        moved.TrySetResult();
        changed();
    }
}
