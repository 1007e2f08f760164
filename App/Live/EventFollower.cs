using System.Threading.Channels;
using Microsoft.Data.Sqlite;
using ScoreTracking.Data;
using ScoreTracking.Events;

namespace ScoreTracking.Live;

/// <summary>
/// Background work that reads the log in order of arrival from a cursor of its own, at least once. What it writes with the
/// connection it is given is committed together with the cursor, and so happens exactly once. Woken after each commit of
/// the writer; a signal that is lost delays it by <see cref="LongestSleep"/> and no more.
/// </summary>
public abstract partial class EventFollower : BackgroundService
{
    private const int Page = 2_000;

    private static readonly TimeSpan LongestSleep = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan s_rest = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_saveEvery = TimeSpan.FromSeconds(10);

    private readonly SettlingLog _settling;
    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly string _name;
    private readonly SqliteFile _file;
    private readonly LiveUpdates _updates;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly List<FollowedEvent> _wanted = [];
    private WriteConnection? _connection;
    private Statement? _head;
    private Statement? _read;
    private Statement? _save;
    private long _position = -1;
    private long _saved = -1;
    private long _savedAt;
    private int _page = Page;

    /// <param name="name">Of its cursor: never changes.</param>
    protected EventFollower(string name, SqliteFile file, LiveUpdates updates, TimeProvider time, ILogger logger) =>
        (_name, _file, _updates, _time, _logger, _settling) = (name, file, updates, time, logger, new SettlingLog(time));

    /// <summary>Everything up to here has been followed.</summary>
    public long Position => Volatile.Read(ref _position);

    /// <summary>How long an event lies in the log before it is followed: verdicts may turn within the first seconds.</summary>
    protected virtual TimeSpan SettleFor => TimeSpan.Zero;

    /// <summary>Nobody waits for what it does: the log is passed by unread.</summary>
    protected virtual bool IsIdle => false;

    /// <summary>The clock to go by.</summary>
    protected TimeProvider Time => _time;

    /// <summary>Looks again at once, as after a commit.</summary>
    public void Wake() => _wake.Writer.TryWrite(true);

    /// <summary>Prepares what <see cref="Handle"/> uses. Called for each new connection.</summary>
    protected abstract void Prepare(WriteConnection connection);

    /// <summary>Whether an event concerns it. Called for every event of the log: nothing but a look.</summary>
    protected abstract bool Wants(in FollowedEvent followed);

    /// <summary>Writes what follows from events it wants, in a transaction that holds the write lock: short, and nothing but SQL.</summary>
    protected abstract void Handle(IReadOnlyList<FollowedEvent> wanted);

    /// <summary>After the commit: signals.</summary>
    /// <param name="committed">False where the transaction was taken back: what was noted for signals is void.</param>
    protected virtual void Handled(bool committed)
    {
    }

    /// <summary>Before the first event can arrive the cursor stands where the log ends, so that a new follower neither digs up the past nor misses what comes.</summary>
    public override Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            Open();
        }
        catch (SqliteException exception)
        {
            LogRetry(exception, _name);
            Close();
        }

        return base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var following = _updates.FollowLog(Wake);
        await Task.Yield();
        while (!stoppingToken.IsCancellationRequested)
        {
            var sleep = LongestSleep;
            try
            {
                sleep = Follow(stoppingToken);
            }
            catch (SqliteException exception)
            {
                // What was read is read again.
                LogRetry(exception, _name);
                Close();
                sleep = TimeSpan.FromSeconds(1);
            }

            await SleepAsync(sleep, stoppingToken);
        }

        Finish();
    }

    // Returns how long nothing more is due, unless woken.
    private TimeSpan Follow(CancellationToken stoppingToken)
    {
        Open();
        var (due, next) = _settling.Look(_head!.Scalar() ?? 0, _position, SettleFor);
        while (_position < due && !stoppingToken.IsCancellationRequested)
        {
            if (IsIdle)
            {
                Volatile.Write(ref _position, due);
                break;
            }

            var last = Read(due);
            if (_wanted.Count == 0)
            {
                Volatile.Write(ref _position, last);
            }
            else if (!TryHandle(last))
            {
                _page = 1;
                continue;
            }

            _page = Math.Min(Page, _page * 4);
        }

        // Where nothing was written, reading a little twice after a restart costs less than a commit each time.
        if (_position != _saved && _time.GetElapsedTime(_savedAt) >= s_saveEvery)
        {
            Save();
        }

        return next < LongestSleep ? next : LongestSleep;
    }

    // Reads up to a page; returns how far it came.
    private long Read(long due)
    {
        _wanted.Clear();
        var (rows, last) = (0, due);
        _read!.Bind(1, _position).Bind(2, due).Bind(3, _page);
        while (_read.Step())
        {
            var followed = new FollowedEvent(
                _read.Number(0), _read.Number(1), _read.Number(2), (EventType)_read.Number(3), _read.Number(4), (Verdict)_read.Number(5), _read.Number(6) != 0);
            if (++rows == _page)
            {
                last = followed.Id;
            }

            if (Wants(followed))
            {
                _wanted.Add(followed);
            }
        }

        _read.Reset();
        return last;
    }

    // An event that cannot be followed must not hold up all that come after it: false asks for a smaller page, and one by itself is passed by.
    private bool TryHandle(long last)
    {
        _connection!.Begin();
        try
        {
            Handle(_wanted);
            _save!.Bind(1, _name).Bind(2, last).Run();
            _connection.Commit();
        }
        catch (Exception exception)
        {
            _connection.Rollback();
            Handled(committed: false);
            if (exception is SqliteException)
            {
                throw;
            }

            if (_page > 1)
            {
                return false;
            }

            LogSkipped(exception, _name, _wanted[0].Id);
            Volatile.Write(ref _position, last);
            return true;
        }

        (_saved, _savedAt) = (last, _time.GetTimestamp());
        Volatile.Write(ref _position, last);
        Handled(committed: true);
        return true;
    }

    private async Task SleepAsync(TimeSpan longest, CancellationToken stoppingToken)
    {
        try
        {
            // Batches of a busy writer come many times a second; several are followed at once.
            await Task.Delay(longest < s_rest ? longest : s_rest, _time, stoppingToken);
            using var enough = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
            enough.CancelAfter(longest);
            await _wake.Reader.ReadAsync(enough.Token);
        }
        catch (OperationCanceledException)
        {
            // Slept enough, or stopping.
        }
    }

    private void Open()
    {
        if (_connection is not null)
        {
            return;
        }

        // Only the event writer checkpoints.
        _connection = new WriteConnection(_file, "synchronous=FULL", "wal_autocheckpoint=0", "secure_delete=ON", "temp_store=MEMORY", "cache_size=-4000");
        _head = _connection.Prepare("SELECT position FROM cursors WHERE name = 'writer'");
        _read = _connection.Prepare("""
            SELECT id, message_id, campaign_id, type, occurred_at, verdict, repeat FROM events WHERE id > ?1 AND id <= ?2 ORDER BY id LIMIT ?3
            """);
        _save = _connection.Prepare("INSERT INTO cursors (name, position) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET position = excluded.position");
        Prepare(_connection);
        using var cursor = _connection.Prepare("SELECT position FROM cursors WHERE name = ?1");
        var stored = cursor.Bind(1, _name).Scalar();
        Volatile.Write(ref _position, Math.Max(_position, stored ?? _head.Scalar() ?? 0));
        _savedAt = _time.GetTimestamp();
        if (stored is null)
        {
            Save();
        }
        else
        {
            _saved = stored.Value;
        }
    }

    private void Save()
    {
        _save!.Bind(1, _name).Bind(2, _position).Run();
        (_saved, _savedAt) = (_position, _time.GetTimestamp());
    }

    private void Finish()
    {
        try
        {
            if (_connection is not null && _position != _saved)
            {
                Save();
            }
        }
        catch (SqliteException exception)
        {
            LogRetry(exception, _name);
        }

        Close();
    }

    private void Close()
    {
        _connection?.Dispose();
        _connection = null;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The follower {Name} could not read or write the database and goes on where it was")]
    private partial void LogRetry(Exception exception, string name);

    [LoggerMessage(Level = LogLevel.Error, Message = "The follower {Name} could not follow event {Id} and passed it by")]
    private partial void LogSkipped(Exception exception, string name, long id);
}
