using ScoreTracking.Data;
using ScoreTracking.Events;

namespace ScoreTracking.Engagement;

/// <summary>A contact's rank and what it follows from, as prepared statements.</summary>
internal sealed class EngagementRows(WriteConnection connection)
{
    /// <summary>What the log has of people's opens, clicks and replies, found by way of the states so that messages nobody touched cost one look.</summary>
    public static readonly string Engaging = $"""
        FROM messages m INDEXED BY messages_contact
        CROSS JOIN message_state s ON s.message_id = m.id AND (s.confirmed_opens > 0 OR s.clicks > 0 OR s.replied_at > 0)
        CROSS JOIN events e INDEXED BY events_message ON e.message_id = m.id AND e.repeat = 0
            AND (e.type = {(int)EventType.Replied} OR (e.type IN ({(int)EventType.Opened}, {(int)EventType.Clicked}) AND e.verdict IN ({(int)Verdict.Human}, {(int)Verdict.Proxy})))
        """;

    private readonly Statement _weights = connection.Prepare(
        "SELECT id, half_life_days, opened, clicked, replied FROM score_weights WHERE ranked_at > 0 ORDER BY id DESC LIMIT 1");
    private readonly Statement _pending = connection.Prepare("SELECT ranked_at = 0 FROM score_weights ORDER BY id DESC LIMIT 1");
    private readonly Statement _state = connection.Prepare($"SELECT rank, rank_at, {ContactActivity.Columns} FROM contact_state WHERE contact_id = ?1");
    private readonly Statement _update = connection.Prepare("UPDATE contact_state SET rank = ?2, rank_at = ?3 WHERE contact_id = ?1");

    // What does not name the rank leaves its index alone.
    private readonly Statement _updateActivity = connection.Prepare(
        $"UPDATE contact_state SET ({ContactActivity.Columns}) = (?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13) WHERE contact_id = ?1");
    private readonly Statement _updateBoth = connection.Prepare(
        $"UPDATE contact_state SET (rank, rank_at, {ContactActivity.Columns}) = (?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15) WHERE contact_id = ?1");
    private readonly Statement _addSent = connection.Prepare("UPDATE contact_state SET sent_at = max(sent_at, ?2), sends = sends + ?3 WHERE contact_id = ?1");
    private readonly Statement _addDelivered = connection.Prepare("UPDATE contact_state SET delivered_at = max(delivered_at, ?2), deliveries = deliveries + ?3 WHERE contact_id = ?1");
    private readonly Statement _events = connection.Prepare($"SELECT e.message_id, e.type, e.link_id, e.occurred_at {Engaging} WHERE m.contact_id = ?1");

    private readonly Statement _rankedTo = connection.Prepare("SELECT position FROM cursors WHERE name = 'engagement'");
    private readonly Statement _setRankedTo = connection.Prepare(
        "INSERT INTO cursors (name, position) VALUES ('engagement', ?1) ON CONFLICT (name) DO UPDATE SET position = excluded.position");
    private readonly Statement _stored = connection.Prepare("SELECT position FROM cursors WHERE name = 'writer'");
    private readonly Statement _since = connection.Prepare("SELECT m.contact_id FROM events e CROSS JOIN messages m ON m.id = e.message_id WHERE e.id > ?1");

    private readonly List<(long MessageId, long At, EventType Type, long LinkId)> _read = [];
    private readonly NthOf _nth = new();

    /// <summary>What the ranks are by; null before they were first made.</summary>
    public ScoreWeights? InEffect()
    {
        var weights = _weights.Step() ? ReadWeights(_weights) : null;
        _weights.Reset();
        return weights;
    }

    /// <summary>Whether ranks by other weights are being gathered.</summary>
    public bool IsPending() => _pending.Scalar() == 1;

    /// <summary>False for a contact that is gone.</summary>
    public bool TryState(long contactId, out (double? Rank, long At) state, out ContactActivity activity)
    {
        var known = _state.Bind(1, contactId).Step();
        state = known ? (_state.Real(0), _state.Number(1)) : default;
        activity = known ? ContactActivity.Read(_state, 2) : default;
        _state.Reset();
        return known;
    }

    public void Update(long contactId, (double? Rank, long At) state) =>
        _update.Bind(1, contactId).BindReal(2, state.Rank).Bind(3, state.At).Run();

    public void Update(long contactId, in ContactActivity activity) => activity.Bind(_updateActivity.Bind(1, contactId), 2).Run();

    public void Update(long contactId, (double? Rank, long At) state, in ContactActivity activity) =>
        activity.Bind(_updateBoth.Bind(1, contactId).BindReal(2, state.Rank).Bind(3, state.At), 4).Run();

    /// <summary>Adds mail that was sent and delivered. A contact that is gone stays so.</summary>
    public void Add(long contactId, in ContactActivity handed)
    {
        if (handed.Sends > 0)
        {
            _addSent.Bind(1, contactId).Bind(2, handed.SentAt).Bind(3, handed.Sends).Run();
        }

        if (handed.Deliveries > 0)
        {
            _addDelivered.Bind(1, contactId).Bind(2, handed.DeliveredAt).Bind(3, handed.Deliveries).Run();
        }
    }

    /// <summary>The last event up to which all ranks hold; null in a database that has never been ranked by a release that gathers.</summary>
    public long? RankedTo() => _rankedTo.Scalar();

    public void SetRankedTo(long position) => _setRankedTo.Bind(1, position).Run();

    /// <summary>Where the log ends.</summary>
    public long Stored() => _stored.Scalar() ?? 0;

    /// <summary>Contacts with events behind this one.</summary>
    public SortedSet<long> Since(long position)
    {
        var contacts = new SortedSet<long>();
        _since.Bind(1, position);
        while (_since.Step())
        {
            contacts.Add(_since.Number(0));
        }

        _since.Reset();
        return contacts;
    }

    /// <summary>Everything a contact did, from the log; verdicts and repeats as they are marked.</summary>
    public void Read(long contactId, List<EngagingEvent> into)
    {
        _read.Clear();
        _events.Bind(1, contactId);
        while (_events.Step())
        {
            _read.Add((_events.Number(0), _events.Number(3), (EventType)_events.Number(1), _events.Number(2)));
        }

        _events.Reset();
        Count(_read, into);
    }

    public static ScoreWeights ReadWeights(Statement row) => new()
    {
        Id = row.Number(0),
        HalfLifeDays = row.Real(1) ?? 0,
        Opened = row.Real(2) ?? 0,
        Clicked = row.Real(3) ?? 0,
        Replied = row.Real(4) ?? 0,
    };

    /// <summary>Numbers opens and clicks within each message.</summary>
    public void Count(List<(long MessageId, long At, EventType Type, long LinkId)> read, List<EngagingEvent> into)
    {
        into.Clear();
        read.Sort();
        var message = 0L;
        foreach (var (messageId, at, type, linkId) in read)
        {
            if (messageId != message)
            {
                message = messageId;
                _nth.Clear();
            }

            into.Add(new EngagingEvent(at, type, _nth.Next(type, linkId)));
        }
    }
}
