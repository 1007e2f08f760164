using System.Runtime.InteropServices;
using ScoreTracking.Counters;
using ScoreTracking.Data;
using ScoreTracking.Events;
using ScoreTracking.Ingest.Enrichment;
using ScoreTracking.Settings;
using ScoreTracking.Suppressions;

namespace ScoreTracking.Ingest;

/// <summary>The transaction: a batch of events, what they change about their messages, every counter they move, suppressions, engagement, and the inbox position reached. All of it or none.</summary>
internal sealed class EventStore
{
    // From this many events on more is coming, and ranks may be written later for less.
    private const int Large = 1_000;

    private readonly WriteConnection _connection;
    private readonly Surroundings _surroundings;
    private readonly ErasedPeople _erased;
    private readonly MessageMatch _match;
    private readonly UnmatchedRows _unmatched;
    private readonly Forgotten _forgotten;
    private readonly ReceivedRows _received;
    private readonly MessageUpdate _update;
    private readonly NamelessHits _nameless;
    private readonly MessageNews _news;
    private readonly SuppressionProjection _suppressions;
    private readonly Statement _mailOf;
    private readonly Statement _forgetAgent;
    private readonly Statement _position;

    private readonly List<(long MessageId, InboxEvent Event)> _matched = [];
    private PersonRemoval? _removal;

    public EventStore(WriteConnection connection, Surroundings surroundings, TrackingPolicy policy, ErasedPeople erased)
    {
        (_connection, _surroundings, _erased) = (connection, surroundings, erased);
        _match = new(connection);
        _unmatched = new(connection);
        _forgotten = new(connection, erased);
        _received = new(connection);
        _update = new(connection, surroundings);
        _nameless = new(connection);
        _news = new(connection, surroundings, policy, _received, _nameless, _update.Rows);
        _suppressions = new(connection);
        _mailOf = connection.Prepare("SELECT id, coalesce(campaign_id, 0) FROM messages WHERE contact_id = ?1");
        _forgetAgent = connection.Prepare("DELETE FROM user_agents WHERE id = ?1");
        _position = connection.Prepare(
            "INSERT INTO cursors (name, position) VALUES ('writer', ?1) ON CONFLICT (name) DO UPDATE SET position = excluded.position");
    }

    /// <summary>Messages and campaigns the last batch touched.</summary>
    public HashSet<(long MessageId, long CampaignId)> Touched { get; } = [];

    /// <summary>Contacts whose engagement the last batch changed.</summary>
    public IReadOnlyCollection<long> Contacts => _update.Engagement.Touched;

    /// <summary>Whether the last batch touched any mail of a contact.</summary>
    public bool HasTouchedMailOf(long contactId)
    {
        var found = false;
        _mailOf.Bind(1, contactId);
        while (!found && _mailOf.Step())
        {
            found = Touched.Contains((_mailOf.Number(0), _mailOf.Number(1)));
        }

        _mailOf.Reset();
        return found;
    }

    /// <summary>Messages folded as a whole since the start.</summary>
    public long Refolds => _update.Refolds;

    /// <summary>Whether the last batch changed the suppression list.</summary>
    public bool Suppressed => _suppressions.Changed;

    /// <summary>Ranks made again from a contact's messages since the start.</summary>
    public long RankRebuilds => _update.Engagement.Rebuilds;

    /// <summary>Whether ranks of stored events are still to be written.</summary>
    public bool RanksWait => _update.Engagement.Waits;

    /// <summary>Brings ranks up to the log after a kill, in short steps; before anything else, until it returns false.</summary>
    public bool CatchUp() => _update.Engagement.CatchUp();

    /// <summary>Connections the last batch came through.</summary>
    public IReadOnlyCollection<long> Connections => _received.Connections;

    /// <summary>Stores a batch.</summary>
    /// <param name="position">Where the inbox stands after it, stored with it.</param>
    /// <param name="awaited">Somebody waits to read what it changes: ranks too are written now.</param>
    /// <exception cref="Microsoft.Data.Sqlite.SqliteException">Nothing was stored.</exception>
    public void Store(IReadOnlyList<InboxEvent> batch, long position, bool awaited)
    {
        Begin();
        _surroundings.Clients.Begin();
        _connection.Begin();
        try
        {
            Match(batch);
            for (var from = 0; from < _matched.Count;)
            {
                var to = from + 1;
                while (to < _matched.Count && _matched[to].MessageId == _matched[from].MessageId)
                {
                    to++;
                }

                StoreMessage(from, to);
                from = to;
            }

            JudgeFleets();
            _suppressions.Settle();
            _update.Counters.Write();
            _update.Engagement.Write(position, mayWait: batch.Count >= Large && !awaited);
            _nameless.Write();
            _received.Touch();
            _position.Bind(1, position).Run();
            _connection.Commit();
            _update.Engagement.Keep();
        }
        catch
        {
            _update.Counters.Discard();
            _update.Engagement.Discard();
            _nameless.Discard();
            _update.Fleets.Discard();
            _update.Rows.Discard();
            _surroundings.Discard();
            _received.Discard();
            _connection.Rollback();
            throw;
        }
    }

    /// <summary>Writes the ranks that wait, in a transaction of its own.</summary>
    /// <returns>False where none did.</returns>
    public bool WriteRanks()
    {
        if (!RanksWait)
        {
            return false;
        }

        Begin();
        _connection.Begin();
        try
        {
            _update.Engagement.Write();
            _connection.Commit();
            _update.Engagement.Keep();
            return true;
        }
        catch
        {
            _update.Engagement.Discard();
            _connection.Rollback();
            throw;
        }
    }

    /// <summary>Keeps an event the schema refuses where the operator finds it, and passes it by.</summary>
    public void SetAside(InboxEvent waiting) => InTransaction(() =>
    {
        _unmatched.Keep(waiting);
        _position.Bind(1, waiting.Position).Run();
    });

    /// <summary>Takes a person out of the database, in a transaction of its own.</summary>
    /// <returns>What is left to look for; null where there is no such person any more.</returns>
    public PersonTraces? Erase(long erasureId, long contactId, DateTimeOffset now)
    {
        WriteRanks();
        return (_removal ??= new PersonRemoval(_connection, _erased)).Run(erasureId, contactId, now);
    }

    /// <summary>Drops user agents as they were sent; hits that still point to one then point to nothing, as they do when it has become old.</summary>
    public void ForgetAgents(IEnumerable<long> ids)
    {
        InTransaction(() =>
        {
            foreach (var id in ids)
            {
                _forgetAgent.Bind(1, id).Run();
            }
        });
        _surroundings.Discard();
    }

    private void InTransaction(Action work)
    {
        _connection.Begin();
        try
        {
            work();
            _connection.Commit();
        }
        catch
        {
            _connection.Rollback();
            throw;
        }
    }

    private void Begin()
    {
        Touched.Clear();
        _suppressions.Begin();
        _received.Discard();
    }

    // In order of message, because a batch that walks the tables in their own order touches each page once.
    private void Match(IReadOnlyList<InboxEvent> batch)
    {
        _matched.Clear();
        foreach (var waiting in batch)
        {
            var messageId = _match.Find(waiting.Reported);
            if (messageId == 0)
            {
                KeepUnmatched(waiting);
            }
            else
            {
                _matched.Add((messageId, waiting));
            }
        }

        _matched.Sort((a, b) => a.MessageId != b.MessageId ? a.MessageId.CompareTo(b.MessageId) : a.Event.Position.CompareTo(b.Event.Position));
    }

    private void StoreMessage(int from, int to)
    {
        var messageId = _matched[from].MessageId;
        // A message without a variant belongs to a campaign that has not started: its events wait until it has.
        if (_update.Rows.State(messageId) is not { Variant: >= 0 } state)
        {
            for (var i = from; i < to; i++)
            {
                KeepUnmatched(_matched[i].Event);
            }

            return;
        }

        if (_news.Take(CollectionsMarshal.AsSpan(_matched)[from..to], state))
        {
            Touched.Add((state.MessageId, state.CampaignId));
        }

        if (!_news.Any)
        {
            return;
        }

        Apply(ref state);
        foreach (var (stored, reported) in _news.Events)
        {
            _suppressions.Add(stored);
            if (reported.EspMessageId is { } esp && reported.MessageId != 0)
            {
                _update.Rows.LearnEspMessageId(messageId, esp);
            }
        }
    }

    // Once all messages of the batch have their own verdicts: a fleet is seen by bursts, which no fleet changes, so one pass does.
    private void JudgeFleets()
    {
        _news.Clear();
        foreach (var messageId in _update.Fleets.Suspects())
        {
            var state = _update.Rows.State(messageId)!;
            Apply(ref state);
        }
    }

    private void Apply(ref MessageState state)
    {
        var before = StreakMark.Of(state);
        _update.Apply(ref state, _news.Events, _news.ByHand);
        _suppressions.Note(before, state, refused: _news.Events.Exists(piece => piece.Stored.Type is EventType.Bounced or EventType.Deferred));
        Touched.Add((state.MessageId, state.CampaignId));
    }

    private void KeepUnmatched(InboxEvent waiting)
    {
        // A verdict for a message that is gone, or something late about a person who is.
        if (waiting.Reported.Reclassifies != 0 || _forgotten.Has(waiting.Reported))
        {
            return;
        }

        _received.Keep(waiting.Position, waiting.Reported, messageId: 0);
        _unmatched.Keep(waiting);
    }
}
