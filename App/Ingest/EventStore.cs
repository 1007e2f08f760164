using System.Net;
using ScoreTracking.Counters;
using ScoreTracking.Data;
using ScoreTracking.Events;
using ScoreTracking.Ingest.Enrichment;
using ScoreTracking.Settings;
using ScoreTracking.Suppressions;

namespace ScoreTracking.Ingest;

/// <summary>An event as it lies in the inbox.</summary>
internal readonly record struct InboxEvent(long Position, EmailEvent Reported);

/// <summary>The transaction: a batch of events, what they change about their messages, every counter they move, suppressions, engagement, and the inbox position reached. All of it or none.</summary>
internal sealed class EventStore(WriteConnection connection, Surroundings surroundings, TrackingPolicy policy, ErasedPeople erased)
{
    // A reporter's clock may run ahead; it is not trusted further than this when events are put in order.
    private const long ClockLead = 5 * 60 * 1000;
    private const long Day = 24 * 60 * 60 * 1000;

    // From this many events on more is coming, and ranks may be written later for less.
    private const int Large = 1_000;

    private readonly KnownOrigins _origins = new();
    private readonly MessageMatch _match = new(connection);
    private readonly UnmatchedRows _unmatched = new(connection);
    private readonly Forgotten _forgotten = new(connection, erased);
    private readonly ReceivedRows _received = new(connection);
    private readonly MessageUpdate _update = new(connection, surroundings);
    private readonly NamelessHits _nameless = new(connection);
    private readonly SuppressionProjection _suppressions = new(connection);
    private readonly Statement _mailOf = connection.Prepare("SELECT id, coalesce(campaign_id, 0) FROM messages WHERE contact_id = ?1");
    private readonly Statement _key = connection.Prepare("INSERT INTO event_keys (key, day) VALUES (?1, ?2) ON CONFLICT DO NOTHING");
    private readonly Statement _forgetAgent = connection.Prepare("DELETE FROM user_agents WHERE id = ?1");
    private readonly Statement _position = connection.Prepare(
        "INSERT INTO cursors (name, position) VALUES ('writer', ?1) ON CONFLICT (name) DO UPDATE SET position = excluded.position");

    private readonly List<(long MessageId, InboxEvent Event)> _matched = [];
    private readonly List<Piece> _news = [];
    private readonly Dictionary<long, Verdict> _byHand = [];
    private PersonRemoval? _removal;

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
        surroundings.Clients.Begin();
        connection.Begin();
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
            connection.Commit();
            _update.Engagement.Keep();
        }
        catch
        {
            _update.Counters.Discard();
            _update.Engagement.Discard();
            _nameless.Discard();
            _update.Fleets.Discard();
            _update.Rows.Discard();
            surroundings.Discard();
            _received.Discard();
            connection.Rollback();
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
        connection.Begin();
        try
        {
            _update.Engagement.Write();
            connection.Commit();
            _update.Engagement.Keep();
            return true;
        }
        catch
        {
            _update.Engagement.Discard();
            connection.Rollback();
            throw;
        }
    }

    /// <summary>Keeps an event the schema refuses where the operator finds it, and passes it by.</summary>
    public void SetAside(InboxEvent waiting)
    {
        connection.Begin();
        _unmatched.Keep(waiting);
        _position.Bind(1, waiting.Position).Run();
        connection.Commit();
    }

    /// <summary>Takes a person out of the database, in a transaction of its own.</summary>
    /// <returns>What is left to look for; null where there is no such person any more.</returns>
    public PersonTraces? Erase(long erasureId, long contactId, DateTimeOffset now)
    {
        WriteRanks();
        return (_removal ??= new PersonRemoval(connection, erased)).Run(erasureId, contactId, now);
    }

    /// <summary>Drops user agents as they were sent; hits that still point to one then point to nothing, as they do when it has become old.</summary>
    public void ForgetAgents(IEnumerable<long> ids)
    {
        connection.Begin();
        try
        {
            foreach (var id in ids)
            {
                _forgetAgent.Bind(1, id).Run();
            }

            connection.Commit();
        }
        catch
        {
            connection.Rollback();
            throw;
        }

        surroundings.Discard();
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

        TakeNews(from, to, state);
        if (_news.Count == 0 && _byHand.Count == 0)
        {
            return;
        }

        Apply(ref state);
        foreach (var (stored, reported) in _news)
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
        _byHand.Clear();
        foreach (var messageId in _update.Fleets.Suspects())
        {
            var state = _update.Rows.State(messageId)!;
            Apply(ref state);
        }
    }

    private void Apply(ref MessageState state)
    {
        var before = StreakMark.Of(state);
        _update.Apply(ref state, _news, _byHand);
        _suppressions.Note(before, state, refused: _news.Exists(piece => piece.Stored.Type is EventType.Bounced or EventType.Deferred));
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

    // Leaves out what was stored before, and an ESP's opens and clicks where our own pixel and links see them already.
    private void TakeNews(int from, int to, MessageState state)
    {
        _news.Clear();
        _byHand.Clear();
        for (var i = from; i < to; i++)
        {
            var (position, reported) = _matched[i].Event;
            if (reported.Reclassifies != 0)
            {
                _byHand[reported.Reclassifies] = reported.KnownVerdict;
                continue;
            }

            // Late news of somebody who was erased.
            if (state.Erased)
            {
                continue;
            }

            // Who is not to be tracked leaves no trace, neither in our log nor in what the ESP was heard to say.
            if (reported.Type.IsHit() && policy.For(state.Consent) is var level and not TrackingLevel.Individual)
            {
                CountNameless(level, reported, state);
                continue;
            }

            _received.Keep(position, reported, state.MessageId);
            if (SeenByUs(reported, state) || IsKnown(reported))
            {
                continue;
            }

            var (verdict, reasons) = _origins.Judge(reported);
            var address = reported.Type.IsHit() && IPAddress.TryParse(reported.IpAddress, out var parsed) ? parsed : null;
            var receivedAt = reported.ReceivedAt.ToUnixTimeMilliseconds();
            _news.Add(new Piece(new StoredEvent(
                position,
                state.MessageId,
                reported.Type,
                // Never 0, which means "did not happen".
                Math.Clamp(reported.OccurredAt.ToUnixTimeMilliseconds(), 1, receivedAt + ClockLead),
                receivedAt,
                reported.Source,
                verdict,
                verdict,
                reasons,
                LinkOf(reported, state.CampaignId),
                reported.Type.IsHit() ? Fingerprint.Of(address, reported.UserAgent) : 0,
                reported.Type == EventType.Bounced && reported.Bounce == BounceKind.None ? BounceKind.Soft : reported.Bounce,
                surroundings.Places.Of(reported, address, verdict),
                surroundings.Clients.Of(reported)), reported));
        }
    }

    private void CountNameless(TrackingLevel level, EmailEvent reported, MessageState state)
    {
        if (level == TrackingLevel.Nameless && state.CampaignId != 0 && !SeenByUs(reported, state) && !IsKnown(reported))
        {
            _nameless.Add(state.CampaignId, reported.Type, LinkOf(reported, state.CampaignId), _origins.Judge(reported).Verdict);
            Touched.Add((state.MessageId, state.CampaignId));
        }
    }

    private static bool SeenByUs(EmailEvent reported, MessageState state) =>
        reported.Source == EventSource.Webhook && reported.Type.IsHit() && state.Tracked;

    private bool IsKnown(EmailEvent reported)
    {
        if (reported.SourceKey is not { } key)
        {
            return false;
        }

        Span<byte> stored = stackalloc byte[SourceKeys.Length];
        SourceKeys.Write(key, stored);
        _key.Bind(1, stored).Bind(2, reported.ReceivedAt.ToUnixTimeMilliseconds() / Day).Run();
        return connection.Changes == 0;
    }

    private long LinkOf(EmailEvent reported, long campaignId) => reported switch
    {
        { Type: not EventType.Clicked } => 0,
        { LinkId: > 0 } => reported.LinkId,
        { Url: { } url } when campaignId != 0 => _update.Rows.LinkByUrl(campaignId, url),
        _ => 0,
    };
}
