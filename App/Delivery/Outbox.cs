using System.Collections.Concurrent;
using System.Threading.Channels;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Options;
using ScoreTracking.Data;

namespace ScoreTracking.Delivery;

/// <summary>
/// What is on its way out, on disk: <c>outbox.db</c>. Before a mail's first byte leaves it is noted here, and noted means fsynced; what
/// came of it is written with whatever is noted next. So a crash leaves at most one mail per transport of which nobody knows whether it
/// went. One thread writes all that waits in one transaction.
/// </summary>
internal sealed partial class Outbox : IDisposable
{
    private const int MaxGroup = 2_000;
    private const int Deep = 2;
    private const int Gathering = 1;
    private const int Awake = 0;

    // What nobody waits for is written with the next note, or by itself after so long.
    private static readonly TimeSpan s_gather = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan s_retry = TimeSpan.FromMilliseconds(500);

    private readonly string _path;
    private readonly ILogger<Outbox> _logger;
    private readonly ConcurrentQueue<Entry> _waiting = new();
    private readonly Channel<AttemptOutcome> _told = Channel.CreateUnbounded<AttemptOutcome>(new UnboundedChannelOptions { SingleReader = true });
    private readonly AutoResetEvent _wake = new(false);
    private readonly List<Entry> _group = [];
    private readonly Thread _thread;
    private WriteConnection? _connection;
    private Statement? _note;
    private Statement? _end;
    private Statement? _delete;
    private Statement? _forget;
    private int _sleeping;
    private int _urgent;
    private long _rows;
    private volatile bool _stopping;

    public Outbox(IOptions<StorageOptions> storage, ILogger<Outbox> logger)
    {
        _path = storage.Value.PathOf("outbox.db");
        _logger = logger;
        Open();
        Left = Read();
        _rows = Left.Count;
        _thread = new Thread(Run) { IsBackground = true, Name = "outbox" };
        _thread.Start();
    }

    /// <summary>What the last process left behind.</summary>
    public IReadOnlyList<AttemptOutcome> Left { get; }

    /// <summary>Outcomes that are on disk, in order: to be stored in the log.</summary>
    public ChannelReader<AttemptOutcome> Told => _told.Reader;

    /// <summary>Attempts whose end the log does not have yet.</summary>
    public long Rows => Interlocked.Read(ref _rows);

    /// <summary>Completes once it is on disk that these mails are about to leave.</summary>
    /// <exception cref="IOException">It is not: they must not leave.</exception>
    public Task NoteAsync(IEnumerable<Attempt> attempts, long at)
    {
        var noted = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Add(new Entry([.. attempts.Select(attempt => new AttemptOutcome(attempt, AttemptEnd.Open, at))], noted), urgent: true);
        return noted.Task;
    }

    /// <summary>Notes what came of an attempt; <see cref="Told"/> has it once that is on disk.</summary>
    public void Tell(AttemptOutcome outcome) => Add(new Entry([outcome], null), urgent: false);

    /// <summary>Forgets an attempt: the log has its end, or the mail never left.</summary>
    public void Remove(IEnumerable<Attempt> attempts) => Add(new Entry([.. attempts.Select(attempt => new AttemptOutcome(attempt, AttemptEnd.Open, 0))], null, IsRemoval: true), urgent: false);

    /// <summary>Forgets messages altogether and empties the WAL: nothing of them is left in the file.</summary>
    /// <returns>False where something kept it from that.</returns>
    public async Task<bool> ForgetAsync(IEnumerable<long> messageIds)
    {
        var forgotten = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Add(new Entry([], forgotten, Forgets: [.. messageIds]), urgent: true);
        try
        {
            await forgotten.Task;
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>Writes what still waits and ends the thread.</summary>
    public void Dispose()
    {
        if (_stopping)
        {
            return;
        }

        _stopping = true;
        _wake.Set();
        _thread.Join();
        _connection?.Dispose();
        _wake.Dispose();
    }

    private void Add(Entry entry, bool urgent)
    {
        if (_stopping)
        {
            // What is not on disk is uncertain at the next start: true, if less than we know.
            entry.Done?.TrySetException(new IOException("The server is stopping."));
            return;
        }

        if (urgent)
        {
            Interlocked.Increment(ref _urgent);
        }

        _waiting.Enqueue(entry);
        if (urgent ? Interlocked.Exchange(ref _sleeping, Awake) != Awake : Interlocked.CompareExchange(ref _sleeping, Awake, Deep) == Deep)
        {
            _wake.Set();
        }
    }

    private void Run()
    {
        while (true)
        {
            if (_waiting.IsEmpty && _group.Count == 0)
            {
                if (_stopping)
                {
                    _told.Writer.TryComplete();
                    return;
                }

                Sleep(Deep, Timeout.InfiniteTimeSpan);
                continue;
            }

            if (Volatile.Read(ref _urgent) == 0 && !_stopping)
            {
                Sleep(Gathering, s_gather);
            }

            Collect();
            Write();
        }
    }

    private void Sleep(int how, TimeSpan longest)
    {
        // A full fence: were the look at the queue to overtake it, a sender could see us awake and we an empty queue.
        Interlocked.Exchange(ref _sleeping, how);
        var missed = how == Deep ? !_waiting.IsEmpty : Volatile.Read(ref _urgent) > 0;
        if (!missed && !_stopping)
        {
            _wake.WaitOne(longest);
        }

        Volatile.Write(ref _sleeping, Awake);
    }

    private void Collect()
    {
        while (_group.Count < MaxGroup && _waiting.TryDequeue(out var entry))
        {
            _group.Add(entry);
            if (entry.Done is not null)
            {
                Interlocked.Decrement(ref _urgent);
            }
        }
    }

    private void Write()
    {
        long rows = 0;
        try
        {
            Open();
            _connection!.Begin();
            foreach (var entry in _group)
            {
                rows += Write(entry);
            }

            _connection.Commit();
        }
        catch (SqliteException exception)
        {
            LogNotWritten(_logger, exception, _group.Count);
            Recover(exception);

            // A note must not wait: its mail has not left and may go another time. What happened must be kept.
            foreach (var entry in _group)
            {
                entry.Done?.TrySetException(new IOException("The outbox could not be written.", exception));
            }

            _group.RemoveAll(entry => entry.Done is not null);
            if (_stopping)
            {
                _group.Clear();
            }
            else
            {
                _wake.WaitOne(s_retry);
            }

            return;
        }

        Interlocked.Add(ref _rows, rows);
        foreach (var entry in _group)
        {
            if (entry.Forgets is null)
            {
                entry.Done?.TrySetResult();
            }
            else
            {
                Truncate(entry.Done!);
            }

            if (entry is { Done: null, IsRemoval: false })
            {
                _told.Writer.TryWrite(entry.Outcomes[0]);
            }
        }

        _group.Clear();
    }

    private void Truncate(TaskCompletionSource done)
    {
        try
        {
            if (_connection!.Checkpoint(truncate: true))
            {
                done.TrySetResult();
                return;
            }
        }
        catch (SqliteException exception)
        {
            LogNotWritten(_logger, exception, 1);
            Recover(exception);
        }

        done.TrySetException(new IOException("The outbox could not be emptied."));
    }

    // Returns how many rows more there are.
    private long Write(Entry entry)
    {
        long rows = 0;
        foreach (var id in entry.Forgets ?? [])
        {
            _forget!.Bind(1, id).Run();
            rows -= _connection!.Changes;
        }

        foreach (var outcome in entry.Outcomes)
        {
            rows += entry.IsRemoval ? -Run(_delete!.Bind(1, outcome.Attempt.MessageId).Bind(2, outcome.Attempt.Number))
                : outcome.End == AttemptEnd.Open ? WriteNote(outcome)
                : WriteEnd(outcome);
        }

        return rows;
    }

    // By attempt, so that what is late can never change a later one. Each is one step into the table unless something was done before.
    private long WriteNote(AttemptOutcome outcome)
    {
        var (attempt, _, at, _, _, _, _) = outcome;
        var added = Run(_note!.Bind(1, attempt.MessageId).Bind(2, attempt.Number).Bind(3, attempt.CampaignId).Bind(4, attempt.ConnectionId).Bind(5, attempt.FirstAt).Bind(6, attempt.MimeId).Bind(7, at));
        if (added == 0)
        {
            End(outcome);
        }

        return added;
    }

    private long WriteEnd(AttemptOutcome outcome)
    {
        if (End(outcome) > 0)
        {
            return 0;
        }

        var added = WriteNote(outcome);
        End(outcome);
        return added;
    }

    private long End(AttemptOutcome outcome) => Run(_end!.Bind(1, outcome.Attempt.MessageId).Bind(2, outcome.Attempt.Number)
        .Bind(3, (long)outcome.End).Bind(4, outcome.At).Bind(5, outcome.Code).Bind(6, outcome.Status).Bind(7, outcome.Text).Bind(8, outcome.EspMessageId));

    private long Run(Statement statement)
    {
        statement.Run();
        return _connection!.Changes;
    }

    private List<AttemptOutcome> Read()
    {
        using var read = _connection!.Prepare("SELECT message_id, attempt, campaign_id, connection_id, first_at, mime_id, outcome, at, code, status, text, esp_message_id FROM outbox ORDER BY message_id, attempt");
        var left = new List<AttemptOutcome>();
        while (read.Step())
        {
            var attempt = new Attempt(read.Number(0), read.Number(2), read.Number(3), (int)read.Number(1), read.Number(4), read.Text(5));
            left.Add(new AttemptOutcome(attempt, (AttemptEnd)read.Number(6), read.Number(7), (int)read.Number(8), read.Text(9), read.Text(10), read.Text(11)));
        }

        read.Reset();
        return left;
    }

    private void Open()
    {
        if (_connection is not null)
        {
            return;
        }

        // FULL, because a mail leaves once its note is committed. secure_delete, because servers' words may quote addresses.
        Directory.CreateDirectory(Path.GetDirectoryName(_path)!);
        _connection = new WriteConnection(_path, "journal_mode=WAL", "synchronous=FULL", "secure_delete=ON", "wal_autocheckpoint=1000", "journal_size_limit=4194304");
        _connection.Execute("""
            CREATE TABLE IF NOT EXISTS outbox (
                message_id INTEGER NOT NULL, attempt INTEGER NOT NULL, campaign_id INTEGER NOT NULL, connection_id INTEGER NOT NULL,
                first_at INTEGER NOT NULL, mime_id TEXT NOT NULL, outcome INTEGER NOT NULL, at INTEGER NOT NULL, code INTEGER NOT NULL,
                status TEXT NOT NULL, text TEXT NOT NULL, esp_message_id TEXT NOT NULL, PRIMARY KEY (message_id, attempt)) WITHOUT ROWID
            """);
        _note = _connection.Prepare("""
            INSERT INTO outbox (message_id, attempt, campaign_id, connection_id, first_at, mime_id, outcome, at, code, status, text, esp_message_id)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0, ?7, 0, '', '', '') ON CONFLICT DO NOTHING
            """);
        _end = _connection.Prepare("UPDATE outbox SET outcome = ?3, at = ?4, code = ?5, status = ?6, text = ?7, esp_message_id = ?8 WHERE message_id = ?1 AND attempt = ?2");
        _delete = _connection.Prepare("DELETE FROM outbox WHERE message_id = ?1 AND attempt = ?2");
        _forget = _connection.Prepare("DELETE FROM outbox WHERE message_id = ?1");
    }

    // After an I/O error nothing this connection believes about the file can be trusted: the next group opens it anew.
    private void Recover(SqliteException exception)
    {
        if (exception.SqliteErrorCode is SQLitePCL.raw.SQLITE_FULL or SQLitePCL.raw.SQLITE_BUSY)
        {
            _connection?.Rollback();
            return;
        }

        _connection?.Dispose();
        _connection = null;
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The outbox could not be written; {Entries} entries are tried again, and no mail leaves without its note")]
    private static partial void LogNotWritten(ILogger logger, Exception exception, int entries);

    /// <param name="Done">Who waits for it; only what somebody waits for is urgent.</param>
    private sealed record Entry(IReadOnlyList<AttemptOutcome> Outcomes, TaskCompletionSource? Done, bool IsRemoval = false, IReadOnlyList<long>? Forgets = null);
}
