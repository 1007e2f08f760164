using Microsoft.Data.Sqlite;
using ScoreTracking.Data;

namespace ScoreTracking.Delivery;

/// <summary>What the outbox is told.</summary>
/// <param name="Done">Who waits for it; only what somebody waits for is urgent.</param>
/// <param name="IsRemoval">The attempts are to be forgotten.</param>
/// <param name="Forgets">Messages of which nothing is to be left.</param>
internal sealed record OutboxEntry(IReadOnlyList<AttemptOutcome> Outcomes, TaskCompletionSource? Done, bool IsRemoval = false, IReadOnlyList<long>? Forgets = null);

/// <summary>
/// <c>outbox.db</c> itself: one row for each group that was written together, appended at one end and deleted at the other: a mail then
/// costs no step into a table of its own, neither for its note nor for its end.
/// </summary>
/// <param name="maxGroups">An attempt that does not end would keep everything behind it: from so many groups on what is needed is written anew.</param>
internal sealed class OutboxFile(string path, long maxGroups = 10_000) : DurableFile(path, checkpointPages: 1_000, keptWal: 4 * 1024 * 1024)
{
    // Deleting costs a sync of its own, or a few pages with the next group.
    private const long MaxSpent = 256;

    private readonly OutboxCodec _codec = new();
    private readonly OutboxState _state = new();
    private Statement _insert = null!;
    private Statement _delete = null!;
    private long _first = 1;
    private long _last;

    /// <summary>Attempts that are not forgotten.</summary>
    public int Attempts => _state.Attempts;

    /// <summary>Whether there are groups nobody needs.</summary>
    public bool HasSpent => Needed > _first;

    /// <summary>Whether attempts that do not end keep too much behind them.</summary>
    public bool IsLong => _last - Needed >= maxGroups;

    private long Needed => _state.First ?? _last + 1;

    /// <summary>All there is, by message and attempt.</summary>
    /// <exception cref="SqliteException">The file cannot be read.</exception>
    public List<AttemptOutcome> Read()
    {
        Guarded(() => { });
        return [.. _state.Outcomes];
    }

    /// <summary>Writes entries in one transaction, synced.</summary>
    /// <exception cref="SqliteException">Nothing of it was written, or the last of it not for certain; all may be written again.</exception>
    public void Write(IReadOnlyList<OutboxEntry> entries)
    {
        var records = entries.SelectMany(entry => entry.Outcomes.Select(outcome => new OutboxRecord(outcome, entry.IsRemoval))).ToList();
        Guarded(() => Append(records, first: Needed - _first >= MaxSpent ? Needed : _first));
        _state.Add(_last, records);
    }

    /// <summary>Forgets messages: what is needed of the others is written in one group, and nothing else is kept.</summary>
    /// <exception cref="SqliteException">It could not be done.</exception>
    public void Forget(IReadOnlySet<long> messageIds)
    {
        List<OutboxRecord> records = [];
        Guarded(() =>
        {
            records = [.. _state.Outcomes.Where(outcome => !messageIds.Contains(outcome.Attempt.MessageId)).Select(outcome => new OutboxRecord(outcome))];
            Append(records, first: _last + 1);
        });
        _state.Clear();
        _state.Add(_last, records);
    }

    /// <summary>Deletes what nobody needs.</summary>
    /// <exception cref="SqliteException">It could not be done.</exception>
    public void Tidy()
    {
        if (IsLong)
        {
            Forget(new HashSet<long>());
        }
        else if (HasSpent)
        {
            Guarded(() => _delete.Bind(1, Needed).Run());
            _first = Needed;
        }
    }

    protected override void Prepare(WriteConnection connection)
    {
        connection.Execute("CREATE TABLE IF NOT EXISTS groups (id INTEGER PRIMARY KEY, records BLOB NOT NULL)");
        _insert = connection.Prepare("INSERT INTO groups (id, records) VALUES (?1, ?2)");
        _delete = connection.Prepare("DELETE FROM groups WHERE id < ?1");
        FormerOutbox.Move(connection, _insert, _codec);
        Load(connection);
    }

    protected override void Dispose(bool disposing)
    {
        _codec.Dispose();
        base.Dispose(disposing);
    }

    private void Append(List<OutboxRecord> records, long first)
    {
        Connection.Begin();
        _insert.Bind(1, _last + 1).Bind(2, _codec.Write(records)).Run();
        if (first > _first)
        {
            _delete.Bind(1, first).Run();
        }

        Connection.Commit();
        (_first, _last) = (first, _last + 1);
    }

    // Also after a failure: of the last group it is not certain whether it was written.
    private void Load(WriteConnection connection)
    {
        (_first, _last) = (1, 0);
        _state.Clear();
        using var read = connection.Prepare("SELECT id, records FROM groups ORDER BY id");
        while (read.Step())
        {
            _first = _last == 0 ? read.Number(0) : _first;
            _last = read.Number(0);
            _state.Add(_last, OutboxCodec.Read(read.Blob(1).ToArray()));
        }
    }
}
