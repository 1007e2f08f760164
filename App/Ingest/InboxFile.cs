using Microsoft.Data.Sqlite;
using ScoreTracking.Data;

namespace ScoreTracking.Ingest;

/// <summary>The file <c>inbox.db</c>: rows appended at one end and deleted at the other.</summary>
/// <exception cref="SqliteException">From every call: nothing of it was done.</exception>
internal sealed class InboxFile : DurableFile
{
    // Small, so that a trim never keeps senders waiting long.
    private const int TrimStep = 4_000;

    private readonly string _path;
    private Statement _insert = null!;
    private Statement _delete = null!;

    public InboxFile(string path)
        : base(path, checkpointPages: 4_000, keptWal: 64 * 1024 * 1024)
    {
        _path = path;
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
        Connection.Begin();
        add();
        Connection.Commit();
    });

    public void Add(long position, byte[] payload) => _insert.Bind(1, position).Bind(2, payload).Run();

    /// <summary>Deletes some of the rows up to a position.</summary>
    /// <returns>False where there is nothing more to delete.</returns>
    public bool Trim(long durable)
    {
        var until = Math.Min(durable, Trimmed + TrimStep);
        if (until <= Trimmed)
        {
            return false;
        }

        Guarded(() => _delete.Bind(1, until).Run());
        Trimmed = until;
        return true;
    }

    protected override void Prepare(WriteConnection connection)
    {
        connection.Execute("CREATE TABLE IF NOT EXISTS inbox (id INTEGER PRIMARY KEY, payload BLOB NOT NULL)");
        _insert = connection.Prepare("INSERT INTO inbox (id, payload) VALUES (?1, ?2)");
        _delete = connection.Prepare("DELETE FROM inbox WHERE id <= ?1");
    }

    private long Scalar(string sql)
    {
        long value = 0;
        Guarded(() =>
        {
            using var statement = Connection.Prepare(sql);
            value = statement.Scalar()!.Value;
        });
        return value;
    }
}
