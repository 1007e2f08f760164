using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace ScoreTracking.Data;

/// <summary>A small database of its own, for one thread, in which what is committed is on disk. After an error it is opened anew where it cannot be trusted.</summary>
/// <param name="checkpointPages">The WAL is copied into the file from so many pages on.</param>
/// <param name="keptWal">What is kept of the WAL's file after that, in bytes.</param>
/// <exception cref="SqliteException">From every call: nothing of it was done, or the last of it not for certain.</exception>
internal abstract class DurableFile(string path, int checkpointPages, long keptWal) : IDisposable
{
    private WriteConnection? _connection;

    protected WriteConnection Connection => _connection!;

    /// <summary>Empties the WAL.</summary>
    /// <returns>False where a reader kept it from that.</returns>
    public bool Truncate()
    {
        var emptied = false;
        Guarded(() => emptied = Connection.Checkpoint(truncate: true));
        return emptied;
    }

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Makes the tables, where there are none yet, and the statements.</summary>
    protected abstract void Prepare(WriteConnection connection);

    protected virtual void Dispose(bool disposing) => _connection?.Dispose();

    /// <summary>Does something to the file, which is open then.</summary>
    protected void Guarded(Action work)
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

        // FULL, because others act upon what is committed: with NORMAL a power cut could still take it back.
        // Rows carry addresses until they are deleted, hence secure_delete.
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var connection = new WriteConnection(path, "journal_mode=WAL", "synchronous=FULL", "secure_delete=ON", $"wal_autocheckpoint={checkpointPages}", $"journal_size_limit={keptWal}");
        try
        {
            Prepare(connection);
            _connection = connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
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
}
