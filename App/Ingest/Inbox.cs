using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Options;
using ScoreTracking.Data;

namespace ScoreTracking.Ingest;

/// <summary>
/// The fsynced queue in front of the store: <c>inbox.db</c>, append-only. One thread appends all that waits in one
/// transaction, and only then are the waiting senders answered. Rows go once the main database holds them durably.
/// </summary>
public sealed partial class Inbox : IDisposable
{
    private const int MaxGroup = 1024;

    private static readonly TimeSpan s_retry = TimeSpan.FromSeconds(1);
    private static readonly int s_lanes = Enum.GetValues<Lane>().Length;

    private readonly InboxFile _file;
    private readonly ILogger<Inbox> _logger;
    private readonly ConcurrentQueue<Waiting>[] _waiting = [.. Enumerable.Range(0, s_lanes).Select(_ => new ConcurrentQueue<Waiting>())];
    private readonly AutoResetEvent _wake = new(false);
    private readonly List<Waiting> _group = [];
    private readonly Thread _thread;
    private int _sleeping;
    private long _last;
    private long _durable;
    private bool _trimFailed;
    private readonly ConcurrentQueue<TaskCompletionSource<bool>> _truncations = new();
    private volatile bool _stopping;

    public Inbox(IOptions<StorageOptions> storage, SqliteFile main, ILogger<Inbox> logger)
    {
        _file = new InboxFile(storage.Value.PathOf("inbox.db"));
        _logger = logger;
        using var reader = new WriteConnection(main.Path, "query_only=1");
        var stored = reader.Prepare("SELECT position FROM cursors WHERE name = 'writer'").Scalar() ?? 0;

        // Positions are never reused, so a trimmed inbox goes on behind what the main database has seen.
        _last = Math.Max(_file.Last, stored);
        Stored = stored;
        _thread = new Thread(Run) { IsBackground = true, Name = "inbox" };
        _thread.Start();
    }

    /// <summary>Called on the inbox's thread after each group is on disk.</summary>
    public event Action? Appended;

    /// <summary>Position of the newest event on disk.</summary>
    public long Last => Volatile.Read(ref _last);

    /// <summary>Position the main database has reached; set by the writer.</summary>
    public long Stored { get; private set; }

    /// <summary>Events on disk that the main database does not hold yet.</summary>
    public long Backlog => Last - Stored;

    /// <summary>Completes, with the last position, once all payloads are on disk.</summary>
    /// <exception cref="EventNotStoredException">They are not, and the caller must say so.</exception>
    internal Task<long> AppendAsync(byte[][] payloads, Lane lane)
    {
        if (payloads.Length == 0)
        {
            return Task.FromResult(Last);
        }

        var waiting = new Waiting(payloads);
        _waiting[(int)lane].Enqueue(waiting);
        if (_stopping)
        {
            throw new EventNotStoredException("The server is stopping.");
        }

        // One system call per sleep, not per event.
        if (Interlocked.Exchange(ref _sleeping, 0) == 1)
        {
            _wake.Set();
        }

        return waiting.Task;
    }

    /// <summary>Tells how far the main database has come.</summary>
    /// <param name="stored">Committed there.</param>
    /// <param name="durable">Committed and synced: rows up to here are deleted.</param>
    internal void Advance(long stored, long durable)
    {
        Stored = stored;
        if (Interlocked.Exchange(ref _durable, durable) != durable && Interlocked.Exchange(ref _sleeping, 0) == 1)
        {
            _wake.Set();
        }
    }

    /// <summary>Deletes what the main database holds durably and empties the WAL: nothing of those events is left in either file.</summary>
    /// <returns>False where something kept it from that.</returns>
    internal Task<bool> TruncateAsync()
    {
        var done = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        _truncations.Enqueue(done);
        _wake.Set();
        if (_stopping)
        {
            done.TrySetResult(false);
        }

        return done.Task;
    }

    /// <summary>A connection that reads what was appended.</summary>
    internal WriteConnection OpenReader() => _file.OpenReader();

    /// <summary>Appends what still waits, refuses what comes later, and ends the thread.</summary>
    public void Dispose()
    {
        if (_stopping)
        {
            return;
        }

        _stopping = true;
        _wake.Set();
        _thread.Join();
        _file.Dispose();
        _wake.Dispose();
    }

    private void Run()
    {
        while (true)
        {
            Collect();
            if (_group.Count > 0)
            {
                AppendGroup();
                continue;
            }

            if (_stopping)
            {
                Truncate();
                return;
            }

            if (Trim())
            {
                continue;
            }

            Truncate();

            // A full fence: were the look at the lanes to overtake it, a sender could see us awake and we its lane empty.
            Interlocked.Exchange(ref _sleeping, 1);
            if (_waiting.All(lane => lane.IsEmpty) && _truncations.IsEmpty && !_stopping && (_trimFailed || Volatile.Read(ref _durable) <= _file.Trimmed))
            {
                _wake.WaitOne(_trimFailed ? s_retry : Timeout.InfiniteTimeSpan);
            }

            Volatile.Write(ref _sleeping, 0);
        }
    }

    // In the lanes' order; a large batch counts with all its events.
    private void Collect()
    {
        _group.Clear();
        var events = 0;
        foreach (var lane in _waiting)
        {
            while (events < MaxGroup && lane.TryDequeue(out var waiting))
            {
                _group.Add(waiting);
                events += waiting.Payloads.Length;
            }
        }
    }

    private void AppendGroup()
    {
        var position = _last;
        try
        {
            _file.Append(() =>
            {
                foreach (var waiting in _group)
                {
                    foreach (var payload in waiting.Payloads)
                    {
                        _file.Add(++position, payload);
                    }

                    waiting.Position = position;
                }
            });
        }
        catch (SqliteException exception)
        {
            LogNotAppended(_logger, exception, _group.Count);
            foreach (var waiting in _group)
            {
                waiting.SetException(new EventNotStoredException("The inbox could not be written.", exception));
            }

            return;
        }

        Volatile.Write(ref _last, position);
        foreach (var waiting in _group)
        {
            waiting.SetResult(waiting.Position);
        }

        Appended?.Invoke();
    }

    private bool Trim()
    {
        try
        {
            var trimmed = _file.Trim(Volatile.Read(ref _durable));
            _trimFailed = _trimFailed && !trimmed;
            return trimmed;
        }
        catch (SqliteException exception)
        {
            _trimFailed = true;
            LogNotTrimmed(_logger, exception);
            return false;
        }
    }

    private void Truncate()
    {
        while (_truncations.TryDequeue(out var asked))
        {
            try
            {
                asked.TrySetResult(!_trimFailed && _file.Truncate());
            }
            catch (SqliteException exception)
            {
                LogNotTrimmed(_logger, exception);
                asked.TrySetResult(false);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{Requests} waiting requests could not be written to the inbox and were refused")]
    private static partial void LogNotAppended(ILogger logger, Exception exception, int requests);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The inbox could not be trimmed; it will be tried again")]
    private static partial void LogNotTrimmed(ILogger logger, Exception exception);

    // Continuations run elsewhere: the inbox's thread only writes.
    private sealed class Waiting(byte[][] payloads) : TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        public byte[][] Payloads { get; } = payloads;

        public long Position { get; set; }
    }
}
