using ScoreTracking.Data;
using ScoreTracking.Events;

namespace ScoreTracking.Suppressions;

/// <summary>The messages of a contact as a streak of soft bounces sees them, and what follows from it, on a connection of the ingest path.</summary>
internal sealed class StreakRows(WriteConnection connection, SuppressionRows rows)
{
    private readonly Statement _limit = connection.Prepare("SELECT soft_bounce_limit FROM organization");
    private readonly Statement _messages = connection.Prepare("""
        SELECT m.id, coalesce(m.campaign_id, 0), m.email, m.created_at, s.processed_at, s.sent_at, s.delivered_at, s.deferred_at, s.dropped_at,
               s.bounced_at, s.bounce, s.confirmed_at, s.watched
        FROM messages m JOIN message_state s ON s.message_id = m.id WHERE m.contact_id = ?1 AND m.email <> ''
        """);
    private readonly Statement _bounces = connection.Prepare($"SELECT source FROM events WHERE message_id = ?1 AND type = {(int)EventType.Bounced}");
    private readonly Statement _deferred = connection.Prepare($"""
        SELECT detail ->> 'reason' FROM events WHERE message_id = ?1 AND type = {(int)EventType.Deferred} ORDER BY occurred_at DESC, id DESC LIMIT 1
        """);
    private readonly Statement _source = connection.Prepare($"""
        SELECT source, occurred_at FROM events WHERE message_id = ?1 AND type = {(int)EventType.Bounced} ORDER BY occurred_at, source LIMIT 1
        """);
    private readonly Statement _watch = connection.Prepare("UPDATE message_state SET watched = ?2 WHERE message_id = ?1");
    private readonly Statement _state = connection.Prepare("SELECT soft_streak, soft_bounced FROM contact_state WHERE contact_id = ?1");
    private readonly Statement _setState = connection.Prepare("UPDATE contact_state SET soft_streak = ?2, soft_bounced = ?3 WHERE contact_id = ?1");

    /// <summary>Soft bounces in a row that suppress, as set now.</summary>
    public int Limit => (int)(_limit.Scalar() ?? SoftBounceStreak.DefaultLimit);

    /// <summary>What the contact's messages say now: the streak it stands in, and the ground against each address that reached the limit.</summary>
    public StreakReading Read(long contactId, int limit)
    {
        var messages = new List<StreakMessage>();
        var unwatched = new List<long>();
        _messages.Bind(1, contactId);
        while (_messages.Step())
        {
            messages.Add(Message());
            if (_messages.Number(12) == 0)
            {
                unwatched.Add(_messages.Number(0));
            }
        }

        _messages.Reset();
        Judge(messages);
        var soft = messages.Exists(message => message.Outcome == StreakOutcome.Soft);
        var emails = messages.Select(message => message.Email).Distinct(StringComparer.OrdinalIgnoreCase).ToList();
        var streak = soft ? SoftBounceStreak.Current(SinceLift(messages.MaxBy(message => (message.SentAt, message.MessageId)).Email, messages)) : 0;
        var reached = new List<SuppressionGround>();
        foreach (var email in soft ? emails : [])
        {
            reached.AddRange(SoftBounceStreak.Reached(SinceLift(email, messages), limit)
                .Where(message => string.Equals(message.Email, email, StringComparison.OrdinalIgnoreCase)).Select(Ground));
        }

        return new StreakReading(soft, streak, reached, unwatched, [.. messages.Select(message => message.MessageId)], emails);
    }

    /// <summary>Brings what is stored of a contact's streak up to date.</summary>
    /// <returns>Whether the list changed.</returns>
    public bool Settle(long contactId, int limit)
    {
        var reading = Read(contactId, limit);
        var (streak, known) = Stored(contactId);
        if (!reading.Soft && !known)
        {
            return false;
        }

        foreach (var messageId in reading.Soft ? reading.Unwatched : [.. reading.Messages])
        {
            _watch.Bind(1, messageId).Bind(2, reading.Soft ? 1 : 0).Run();
        }

        if (streak != reading.Streak || known != reading.Soft)
        {
            _setState.Bind(1, contactId).Bind(2, reading.Streak).Bind(3, reading.Soft ? 1 : 0).Run();
        }

        var changed = false;
        foreach (var email in reading.Emails)
        {
            changed |= Settle(email, reading);
        }

        return changed;
    }

    /// <summary>What of a contact's streak is stored otherwise than its messages say: what, as stored, as it should be.</summary>
    public IEnumerable<(string What, string Stored, string Right)> Compare(long contactId, int limit)
    {
        var reading = Read(contactId, limit);
        var (streak, known) = Stored(contactId);
        if (streak != reading.Streak)
        {
            yield return ("the soft bounces in a row", $"{streak}", $"{reading.Streak}");
        }

        var watched = reading.Messages.Count - reading.Unwatched.Count;
        var right = reading.Soft ? reading.Messages.Count : 0;
        if (known != reading.Soft || watched != right)
        {
            yield return ("the watched messages", $"{watched}", $"{right}");
        }

        foreach (var email in reading.Emails)
        {
            var (stored, wanted, _) = Ground(email, reading);
            if (stored is null ? wanted is not null : wanted is not { } ground || !Same(stored.Value, ground))
            {
                yield return ("the streak's ground", stored is { } a ? $"{a.MessageId} at {a.CreatedAt}" : "none", wanted is { } b ? $"{b.MessageId} at {b.CreatedAt}" : "none");
            }
        }
    }

    /// <summary>What is stored of a contact: the streak, and whether anything ever softly bounced.</summary>
    public (long Streak, bool SoftBounced) Stored(long contactId)
    {
        var stored = _state.Bind(1, contactId).Step() ? (_state.Number(0), _state.Number(1) != 0) : default;
        _state.Reset();
        return stored;
    }

    private bool Settle(string email, StreakReading reading)
    {
        var (stored, right, ours) = Ground(email, reading);
        if (stored is null ? right is null : right is { } same && Same(stored.Value, same))
        {
            return false;
        }

        if (right is { } ground)
        {
            rows.Put(ground);
        }
        else if (ours)
        {
            rows.Drop(email, SuppressionReason.SoftBounce);
        }

        return true;
    }

    // Another person at the same address may have brought it onto the list: their ground stays unless ours is earlier.
    private (SuppressionGround? Stored, SuppressionGround? Right, bool Ours) Ground(string email, StreakReading reading)
    {
        var stored = SuppressionRows.Find(rows.Of(email), SuppressionReason.SoftBounce);
        var ours = stored is { } known && reading.Messages.Contains(known.MessageId);
        var mine = SuppressionRows.Find(reading.Reached.FindAll(ground => string.Equals(ground.Email, email, StringComparison.OrdinalIgnoreCase)), SuppressionReason.SoftBounce);
        return (stored, ours || stored is not { } theirs || (mine is { } earlier && earlier.IsBefore(theirs)) ? mine : stored, ours);
    }

    private static bool Same(in SuppressionGround a, in SuppressionGround b) => (a.MessageId, a.CreatedAt, a.Source) == (b.MessageId, b.CreatedAt, b.Source);

    private StreakMessage Message()
    {
        var (processed, sent, delivered) = (_messages.Number(4), _messages.Number(5), _messages.Number(6));
        var (deferred, dropped, bounce, confirmed) = (_messages.Number(7), _messages.Number(8), (BounceKind)_messages.Number(10), _messages.Number(11));
        var outcome = confirmed > 0 ? StreakOutcome.Good : (bounce, delivered, deferred + dropped, sent + processed) switch
        {
            (BounceKind.Soft, _, _, _) or (BounceKind.Block, _, _, _) => StreakOutcome.Soft,
            (BounceKind.Hard, _, _, _) => StreakOutcome.Nothing,
            (BounceKind.None, > 0, _, _) => StreakOutcome.Good,
            (BounceKind.None, _, 0, > 0) => StreakOutcome.Silent,
            _ => StreakOutcome.Nothing,
        };
        var orderedBy = sent > 0 ? sent : processed > 0 ? processed : _messages.Number(3);
        return new StreakMessage(
            _messages.Number(0), _messages.Number(1), _messages.Text(2), orderedBy, outcome,
            outcome == StreakOutcome.Soft ? _messages.Number(9) : 0, delivered > 0, bounce == BounceKind.Block);
    }

    // A block says nothing about the address, except our own: the message was put off until we gave up waiting.
    private void Judge(List<StreakMessage> messages)
    {
        for (var i = 0; i < messages.Count; i++)
        {
            if (messages[i] is { Outcome: StreakOutcome.Soft, Blocked: true } blocked && !IsDeferredTooLong(blocked.MessageId))
            {
                messages[i] = blocked with { Outcome = StreakOutcome.Nothing, EndedAt = 0 };
            }
        }
    }

    private bool IsDeferredTooLong(long messageId)
    {
        var ours = true;
        _bounces.Bind(1, messageId);
        while (_bounces.Step())
        {
            ours &= (EventSource)_bounces.Number(0) == EventSource.Rule;
        }

        _bounces.Reset();
        if (!ours)
        {
            return false;
        }

        // 4.7.x is the server's policy, not the mailbox.
        var policy = _deferred.Bind(1, messageId).Step() && !_deferred.IsNull(0) && SuppressionRules.IsPolicy(_deferred.Text(0));
        _deferred.Reset();
        return !policy;
    }

    // After a lift a streak begins anew with the messages sent since.
    private List<StreakMessage> SinceLift(string email, List<StreakMessage> messages)
    {
        var since = rows.Lifts(email).Where(lift => lift.Reason is "" or SuppressionReason.SoftBounce).Select(lift => lift.LiftedAt).DefaultIfEmpty().Max();
        return [.. messages.Where(message => message.SentAt > since)];
    }

    private SuppressionGround Ground(StreakMessage message)
    {
        var source = _source.Bind(1, message.MessageId).Step() ? (EventSource)_source.Number(0) : EventSource.Webhook;
        _source.Reset();
        return new SuppressionGround(
            message.Email, SuppressionReason.SoftBounce, SuppressionRules.SourceFor(source), message.CampaignId, message.MessageId, "", message.EndedAt);
    }
}

/// <param name="Soft">Some message softly bounced.</param>
/// <param name="Reached">A ground for each address whose streak reached the limit.</param>
/// <param name="Unwatched">Messages whose news would be missed so far.</param>
internal sealed record StreakReading(
    bool Soft, int Streak, List<SuppressionGround> Reached, List<long> Unwatched, HashSet<long> Messages, List<string> Emails);
