using Microsoft.Data.Sqlite;
using ScoreTracking.Data;

namespace ScoreTracking.Delivery;

/// <summary>What the outbox is told.</summary>
/// <param name="Done">Who waits for it; only what somebody waits for is urgent.</param>
/// <param name="IsRemoval">The attempts are to be forgotten.</param>
/// <param name="Forgets">Messages of which nothing is to be left.</param>
internal sealed record OutboxEntry(IReadOnlyList<AttemptOutcome> Outcomes, TaskCompletionSource? Done, bool IsRemoval = false, IReadOnlyList<long>? Forgets = null);

/// <summary><c>outbox.db</c> itself. For one thread at a time; opened anew after a failure.</summary>
internal sealed class OutboxFile(string path) : IDisposable
{
    private WriteConnection? _connection;
    private Statement? _note;
    private Statement? _end;
    private Statement? _delete;
    private Statement? _forget;

    /// <summary>All there is, by message and attempt.</summary>
    /// <exception cref="SqliteException">The file cannot be read.</exception>
    public List<AttemptOutcome> Read()
    {
        Open();
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

    /// <summary>Writes entries in one transaction, synced.</summary>
    /// <returns>How many rows more there are.</returns>
    /// <exception cref="SqliteException">Nothing of it was written, or the last of it not for certain; all may be written again.</exception>
    public long Write(IReadOnlyList<OutboxEntry> entries)
    {
        try
        {
            Open();
            _connection!.Begin();
            var rows = entries.Sum(Write);
            _connection.Commit();
            return rows;
        }
        catch (SqliteException exception)
        {
            Recover(exception);
            throw;
        }
    }

    /// <summary>Empties the WAL.</summary>
    /// <returns>False where somebody reads.</returns>
    /// <exception cref="SqliteException">It could not be done.</exception>
    public bool Truncate()
    {
        try
        {
            Open();
            return _connection!.Checkpoint(truncate: true);
        }
        catch (SqliteException exception)
        {
            Recover(exception);
            throw;
        }
    }

    public void Dispose() => _connection?.Dispose();

    // Returns how many rows more there are.
    private long Write(OutboxEntry entry)
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

    private void Open()
    {
        if (_connection is not null)
        {
            return;
        }

        // FULL, because a mail leaves once its note is committed. secure_delete, because servers' words may quote addresses.
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        _connection = new WriteConnection(path, "journal_mode=WAL", "synchronous=FULL", "secure_delete=ON", "wal_autocheckpoint=1000", "journal_size_limit=4194304");
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
}
