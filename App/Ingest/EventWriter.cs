using System.Diagnostics;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Options;
using ScoreTracking.Data;
using ScoreTracking.Geo;
using ScoreTracking.Live;
using ScoreTracking.Settings;
using ScoreTracking.Suppressions;

namespace ScoreTracking.Ingest;

/// <summary>Takes all that waits in the inbox, stores it, signals. One instance on one thread, because SQLite has one writer; its connection is the only one that ever checkpoints the main database.</summary>
public sealed partial class EventWriter(
    Inbox inbox, SqliteFile main, GeoDatabase geo, TrackingPolicy policy, ErasedPeople erased, LiveUpdates live, TimeProvider time, IOptions<IngestOptions> options, ILogger<EventWriter> logger) : IHostedService, IDisposable
{
    // A batch this large means that more is coming, and waiting makes the next one cheaper. While very large batches follow
    // each other the wait doubles up to twelvefold: half the cost, and figures still come within about a second.
    private const int Busy = 200;
    private const int VeryBusy = 1_000;
    private const int LongestWait = 12;

    private static readonly TimeSpan s_idle = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_tendEvery = TimeSpan.FromSeconds(5);

    private readonly AutoResetEvent _wake = new(false);
    private readonly ManualResetEvent _stop = new(false);
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly PositionWatchers _watchers = new();
    private readonly PositionWatchers _logged = new();
    private readonly WriterErrands _errands = new();
    private readonly List<InboxEvent> _batch = [];
    private readonly BatchSignal _signal = new(live);
    private readonly WriterFiles _files = new(inbox, main, geo, policy, erased, time, options.Value);
    private long _tendedAt = Stopwatch.GetTimestamp();
    private long _aliveAt = Stopwatch.GetTimestamp();
    private int _wait = 1;
    private Thread? _thread;
    private volatile bool _stopping;
    private int _stopCalls;

    /// <summary>How long ago the writer last committed or found nothing to do: long while it is stuck.</summary>
    public TimeSpan SilentFor => Stopwatch.GetElapsedTime(Volatile.Read(ref _aliveAt));

    /// <summary>Ranks made again from a contact's messages since the start, instead of folded on.</summary>
    internal long RankRebuilds => _files.RankRebuilds;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        inbox.Appended += Wake;
        _thread = new Thread(Run) { IsBackground = true, Name = "event writer" };
        _thread.Start();
        return Task.CompletedTask;
    }

    /// <summary>After HTTP has stopped: what waits is appended and stored, then both files are closed.</summary>
    public Task StopAsync(CancellationToken cancellationToken)
    {
        BeginStop();
        return _stopped.Task.WaitAsync(cancellationToken);
    }

    /// <summary>Completes once the store has passed a position and all that follows from it can be read.</summary>
    public Task ReachedAsync(long position)
    {
        var reached = _watchers.Add(position);
        _wake.Set();
        return reached;
    }

    /// <summary>Completes once the log has passed a position; ranks may follow a little later. Hurries nobody: for whoever stores much.</summary>
    public Task LoggedAsync(long position)
    {
        var logged = _logged.Add(position);
        _wake.Set(); // The log may have passed it before.
        return logged;
    }

    /// <summary>Runs work on the writer's thread and connection, between two batches. It must leave no transaction open.</summary>
    /// <exception cref="EventNotStoredException">The server is stopping.</exception>
    internal Task<T> BetweenBatchesAsync<T>(Func<EventStore, T> work)
    {
        var done = _errands.Add(work);
        _wake.Set();
        if (_stopped.Task.IsCompleted)
        {
            _errands.Refuse();
        }

        return done;
    }

    /// <summary>Copies the whole WAL into the database and empties it: nothing of what rows held before is left in either.</summary>
    /// <returns>False where a reader kept it from that for five seconds.</returns>
    internal Task<bool> TruncateAsync() => BetweenBatchesAsync(_ => _files.Truncate());

    public void Dispose()
    {
        // Not every host is stopped before it is disposed: one whose start failed is not. The thread closes what it opened.
        if (_thread is { IsAlive: true } thread)
        {
            BeginStop();
            thread.Join();
        }

        _files.Dispose();
        _wake.Dispose();
        _stop.Dispose();
    }

    // A host may be stopped from two sides at once, and the later call come after Dispose.
    private void BeginStop()
    {
        if (Interlocked.Exchange(ref _stopCalls, 1) == 0)
        {
            inbox.Dispose();
            _stopping = true;
            _stop.Set();
            _wake.Set();
        }
    }

    private void Wake() => _wake.Set();

    private void Run()
    {
        while (true)
        {
            try
            {
                _files.Open();
                CatchUp();
                _errands.Run(_files.Store);
                _files.Read(_batch, (exception, position) => LogUnreadable(logger, exception, position));
                if (_batch.Count > 0)
                {
                    Store();
                    continue;
                }

                // Nothing to do: time for what was put off.
                if (_files.Store.WriteRanks())
                {
                    _signal.Send(_files.Store);
                }

                Volatile.Write(ref _aliveAt, Stopwatch.GetTimestamp());
                _logged.Tell(inbox.Stored);
                _watchers.Tell(inbox.Stored);
                if (_stopping)
                {
                    break;
                }

                if (!_wake.WaitOne(s_idle))
                {
                    Tend();
                }
            }
            catch (Exception exception) when (StoreFaults.IsPassing(exception))
            {
                // The inbox still has everything: wait, and try the same batch again.
                LogRetry(logger, exception, inbox.Backlog);
                if (!StoreFaults.LeavesConnection(exception))
                {
                    _files.Close();
                }

                if (_stopping)
                {
                    break;
                }

                _wake.WaitOne(s_idle);
            }
        }

        Finish();
    }

    private void Finish()
    {
        try
        {
            _files.Truncate();
        }
        catch (SqliteException exception)
        {
            LogRetry(logger, exception, inbox.Backlog);
        }

        _files.Close();
        _stopped.SetResult();
        _errands.Refuse();
    }

    private void CatchUp()
    {
        while (_files.Store.CatchUp())
        {
            Volatile.Write(ref _aliveAt, Stopwatch.GetTimestamp());
        }
    }

    private void Store()
    {
        var started = Stopwatch.GetTimestamp();
        var position = _batch[^1].Position;
        try
        {
            _files.Store.Store(_batch, position, _watchers.AnyUpTo(position));
        }
        catch (Exception exception) when (StoreFaults.IsPoison(exception))
        {
            StoreOneByOne();
        }

        inbox.Advance(position, _files.Durable);
        Volatile.Write(ref _aliveAt, Stopwatch.GetTimestamp());
        _signal.Send(_files.Store);
        _logged.Tell(inbox.Stored);
        if (!_files.Store.RanksWait)
        {
            _watchers.Tell(inbox.Stored);
        }

        if (_files.CheckpointDue || Stopwatch.GetElapsedTime(_tendedAt) > s_tendEvery)
        {
            Tend();
        }

        _wait = _batch.Count >= VeryBusy ? Math.Min(_wait * 2, LongestWait) : 1;
        var rest = (options.Value.BatchEvery * _wait) - Stopwatch.GetElapsedTime(started);
        if (_batch.Count >= Busy && _batch.Count < options.Value.MaxBatch && rest > TimeSpan.Zero && !_stopping)
        {
            _stop.WaitOne(rest);
        }
    }

    // One event that cannot be stored costs only itself. Each is a batch of its own, also when another has to be tried again.
    private void StoreOneByOne()
    {
        foreach (var waiting in _batch)
        {
            try
            {
                _files.Store.Store([waiting], waiting.Position, awaited: true);
                _signal.Send(_files.Store);
            }
            catch (Exception exception) when (StoreFaults.IsPoison(exception))
            {
                LogSetAside(logger, exception, waiting.Position);
                _files.Store.SetAside(waiting);
            }

            inbox.Advance(waiting.Position, _files.Durable);
        }
    }

    // Also under a steady trickle that leaves no second idle.
    private void Tend()
    {
        _tendedAt = Stopwatch.GetTimestamp();
        _files.Checkpoint();
        if (!_stopping)
        {
            _files.Tidy();
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Events could not be stored and will be tried again; {Backlog} wait in the inbox")]
    private static partial void LogRetry(ILogger logger, Exception exception, long backlog);

    [LoggerMessage(Level = LogLevel.Error, Message = "The event at {Position} could not be read and was left out")]
    private static partial void LogUnreadable(ILogger logger, Exception exception, long position);

    [LoggerMessage(Level = LogLevel.Error, Message = "The event at {Position} could not be stored and was set aside")]
    private static partial void LogSetAside(ILogger logger, Exception exception, long position);
}
