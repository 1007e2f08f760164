using System.Collections.Concurrent;

namespace ScoreTracking.Ingest;

/// <summary>Work of others for the writer's thread and connection, done between two batches in the order it was asked for.</summary>
internal sealed class WriterErrands
{
    private readonly ConcurrentQueue<Errand> _waiting = new();

    /// <returns>Completes with the work's result, or with what it threw.</returns>
    public Task<T> Add<T>(Func<EventStore, T> work)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiting.Enqueue(new Errand(store => done.SetResult(work(store)), done.SetException));
        return done.Task;
    }

    public void Run(EventStore store)
    {
        while (_waiting.TryDequeue(out var errand))
        {
            try
            {
                errand.Run(store);
            }
#pragma warning disable CA1031 // Whoever asked is told; the writer goes on.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                errand.Fail(exception);
            }
        }
    }

    /// <summary>Once the writer has stopped: nobody waits for ever.</summary>
    public void Refuse()
    {
        while (_waiting.TryDequeue(out var errand))
        {
            errand.Fail(new EventNotStoredException("The server is stopping."));
        }
    }

    private sealed record Errand(Action<EventStore> Run, Action<Exception> Fail);
}
