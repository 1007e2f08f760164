namespace ScoreTracking.Live;

/// <summary>
/// Turns any number of signals into reads: the first at once, then never two at a time nor sooner than one rest after the
/// last began. The last signal always leads to a read that began after it.
/// </summary>
/// <param name="read">Reads once. Must not throw.</param>
/// <param name="rest">The shortest time between the starts of two reads.</param>
internal sealed class LiveThrottle(Func<CancellationToken, Task> read, Func<CancellationToken, Task> rest) : IDisposable
{
    private const int Idle = 0;
    private const int Reading = 1;
    private const int ReadAgain = 2;

    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _firstRead = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _state = Idle;

    /// <summary>Completes with the first read, or when stopped before it.</summary>
    public Task FirstRead => _firstRead.Task;

    /// <summary>Returns at once, from any thread.</summary>
    public void Signal()
    {
        if (!_stop.IsCancellationRequested && Interlocked.Exchange(ref _state, ReadAgain) == Idle)
        {
            _ = Task.Run(RunAsync, CancellationToken.None); // Must start even while stopping: it completes FirstRead.
        }
    }

    public void Dispose()
    {
        _stop.Cancel();
        _firstRead.TrySetResult();
    }

    private async Task RunAsync()
    {
        var token = _stop.Token;
        try
        {
            do
            {
                // From here on a signal asks for one more read: this one may already have passed what it is about.
                Volatile.Write(ref _state, Reading);
                var resting = rest(token);
                await read(token);
                _firstRead.TrySetResult();
                await resting;
            }
            while (Interlocked.CompareExchange(ref _state, Idle, Reading) != Reading);
        }
        catch (OperationCanceledException) when (token.IsCancellationRequested)
        {
            // The viewer left.
        }
    }
}
