namespace ScoreTracking.Delivery;

/// <summary>
/// For work that waits for the disk or for the database's write lock. The thread pool has a thread per core and adds others only after half a
/// second of standstill: two such waits on two cores and no lane hears what its server says.
/// </summary>
internal static class OwnThread
{
    public static Task RunAsync(Action work) =>
        Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default); // None: the work itself knows when to end.

    public static Task<T> RunAsync<T>(Func<Task<T>> work) =>
        Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).Unwrap(); // None: likewise.
}
