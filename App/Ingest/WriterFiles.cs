using ScoreTracking.Data;
using ScoreTracking.Geo;
using ScoreTracking.Ingest.Enrichment;
using ScoreTracking.Settings;
using ScoreTracking.Suppressions;

namespace ScoreTracking.Ingest;

/// <summary>What the writer has open: the main database, the inbox it reads, and how much of what it stored is durable. Opened anew after trouble.</summary>
internal sealed class WriterFiles(
    Inbox inbox, SqliteFile main, GeoDatabase geo, TrackingPolicy policy, ErasedPeople erased, TimeProvider time, IngestOptions options) : IDisposable
{
    // 64 MB: a longer interval rewrites hot pages less often. speed.md has the measurement.
    private const int CheckpointPages = 16_000;

    private WriteConnection? _connection;
    private WriteConnection? _reader;
    private Statement? _next;
    private EventStore? _store;
    private Housekeeping? _housekeeping;

    /// <summary>Of what is open now.</summary>
    public EventStore Store => _store!;

    /// <summary>Position up to which the main database is synced.</summary>
    public long Durable { get; private set; }

    /// <summary>So much was written that it is time for a checkpoint.</summary>
    public bool CheckpointDue => _connection!.PagesWritten >= CheckpointPages;

    /// <summary>Ranks made again from a contact's messages since the start.</summary>
    public long RankRebuilds => _store?.RankRebuilds ?? 0;

    public void Open()
    {
        if (_connection is not null)
        {
            return;
        }

        // NORMAL, because the inbox still has what a power cut takes back here; never checkpointing by itself, because
        // only a checkpoint we asked for tells which position is durable.
        _connection = new WriteConnection(main, "journal_mode=WAL", "synchronous=NORMAL", "wal_autocheckpoint=0", "secure_delete=ON", "temp_store=MEMORY", "cache_size=-64000", "journal_size_limit=67108864");
        _reader = inbox.OpenReader();
        _next = _reader.Prepare("SELECT id, payload FROM inbox WHERE id > ?1 ORDER BY id LIMIT ?2");
        _store = new EventStore(_connection, new Surroundings(_connection, geo), policy, erased);
        _housekeeping = new Housekeeping(_connection, inbox, time, options);
    }

    public void Close()
    {
        _connection?.Dispose();
        _reader?.Dispose();
        _connection = null;
    }

    /// <summary>Takes what waits behind the stored position, up to a batch.</summary>
    /// <param name="unreadable">Told of what is no event of any version; it is passed by.</param>
    public void Read(List<InboxEvent> batch, Action<InvalidDataException, long> unreadable)
    {
        batch.Clear();
        _next!.Bind(1, inbox.Stored).Bind(2, options.MaxBatch);
        while (_next.Step())
        {
            try
            {
                batch.Add(new InboxEvent(_next.Number(0), EventCodec.Read(_next.Blob(1))));
            }
            catch (InvalidDataException exception)
            {
                unreadable(exception, _next.Number(0));
            }
        }

        _next.Reset();
    }

    /// <summary>Makes durable what was stored, so that the inbox, which still holds addresses, can be trimmed.</summary>
    public void Checkpoint()
    {
        if (Durable == inbox.Stored)
        {
            return;
        }

        var stored = inbox.Stored;
        if (_connection!.Checkpoint())
        {
            Durable = stored;
            inbox.Advance(stored, stored);
        }
    }

    /// <summary>Empties the WAL too.</summary>
    /// <returns>False where a reader kept it from that.</returns>
    public bool Truncate()
    {
        var emptied = _connection?.Checkpoint(truncate: true) == true;
        if (emptied)
        {
            Durable = inbox.Stored;
            inbox.Advance(Durable, Durable);
        }

        return emptied;
    }

    public void Tidy() => _housekeeping!.Run();

    public void Dispose() => Close();
}
