namespace ScoreTracking.Ingest;

/// <summary>Who waits for the store to pass a position.</summary>
internal sealed class PositionWatchers
{
    private readonly List<(long Position, TaskCompletionSource Reached)> _waiting = [];

    public Task Add(long position)
    {
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_waiting)
        {
            _waiting.Add((position, reached));
        }

        return reached.Task;
    }

    /// <summary>Whether somebody waits for this position or one before it.</summary>
    public bool AnyUpTo(long position)
    {
        lock (_waiting)
        {
            return _waiting.Exists(waiting => waiting.Position <= position);
        }
    }

    public void Tell(long stored)
    {
        lock (_waiting)
        {
            foreach (var (position, reached) in _waiting)
            {
                if (position <= stored)
                {
                    reached.SetResult();
                }
            }

            _waiting.RemoveAll(waiting => waiting.Position <= stored);
        }
    }
}
