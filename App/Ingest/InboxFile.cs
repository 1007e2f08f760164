using Microsoft.Data.Sqlite;
using ScoreTracking.Data;
using SQLitePCL;

namespace ScoreTracking.Ingest;

/// <summary>The file <c>inbox.db</c>, for one thread: rows appended at one end and deleted at the other. After an error it is opened anew where it cannot be trusted.</summary>
/// <exception cref="SqliteException">From every call: nothing of it was done.</exception>
internal sealed class InboxFile : IDisposable
{
    // Small, so that a trim never keeps senders waiting long.
    private const int TrimStep = 4_000;

    private readonly string _path;
    private WriteConnection? _connection;
    private Statement? _insert;
    private Statement? _delete;

    public InboxFile(string path)
    {
        _path = path;
        Open();
        Trimmed = Scalar("SELECT coalesce(min(id), 1) - 1 FROM inbox");
    }

    /// <summary>Position of the newest row, 0 without any.</summary>
    public long Last => Scalar("SELECT coalesce(max(id), 0) FROM inbox");

    /// <summary>Rows up to here are deleted.</summary>
    public long Trimmed { get; private set; }

    /// <summary>A connection that reads what was appended.</summary>
    public WriteConnection OpenReader() => new(_path, "query_only=1");

    /// <summary>Runs calls of <see cref="Add"/> in one transaction, on disk when it returns.</summary>
    public void Append(Action add) => Guarded(() =>
    {
        _connection!.Begin();
        add();
        _connection.Commit();
    });

    public void Add(long position, byte[] payload) => _insert!.Bind(1, position).Bind(2, payload).Run();

    /// <summary>Deletes some of the rows up to a position.</summary>
    /// <returns>False where there is nothing more to delete.</returns>
    public bool Trim(long durable)
    {
        var until = Math.Min(durable, Trimmed + TrimStep);
        if (until <= Trimmed)
        {
            return false;
        }

        Guarded(() => _delete!.Bind(1, until).Run());
        Trimmed = until;
        return true;
    }

    /// <summary>Empties the WAL.</summary>
    /// <returns>False where a reader kept it from that.</returns>
    public bool Truncate()
    {
        var emptied = false;
        Guarded(() => emptied = _connection!.Checkpoint(truncate: true));
        return emptied;
    }

    public void Dispose() => _connection?.Dispose();

    private void Guarded(Action work)
    {
        try
        {
            Open();
            work();
        }
        catch (SqliteException exception)
        {
            Recover(exception);
            throw;
        }
    }

    private void Open()
    {
        if (_connection is not null)
        {
            return;
        }

        // FULL, because a sender is answered once its event is committed: with NORMAL a power cut could still take it back.
        // Rows carry addresses until they are stored, hence secure_delete.
        Directory.CreateDirectory(Path.GetDirectoryName(_path)!);
        _connection = new WriteConnection(_path, "journal_mode=WAL", "synchronous=FULL", "secure_delete=ON", "wal_autocheckpoint=4000", "journal_size_limit=67108864");
        _connection.Execute("CREATE TABLE IF NOT EXISTS inbox (id INTEGER PRIMARY KEY, payload BLOB NOT NULL)");
        _insert = _connection.Prepare("INSERT INTO inbox (id, payload) VALUES (?1, ?2)");
        _delete = _connection.Prepare("DELETE FROM inbox WHERE id <= ?1");
    }

    // After an I/O error nothing this connection believes about the file can be trusted: the next call opens it anew.
    private void Recover(SqliteException exception)
    {
        if (exception.SqliteErrorCode is raw.SQLITE_FULL or raw.SQLITE_BUSY)
        {
            _connection?.Rollback();
            return;
        }

        _connection?.Dispose();
        _connection = null;
    }

    private long Scalar(string sql)
    {
        using var statement = _connection!.Prepare(sql);
        return statement.Scalar()!.Value;
    }
}
