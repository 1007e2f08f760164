using ScoreTracking.Data;
using ScoreTracking.Events;

namespace ScoreTracking.Suppressions;

/// <summary>The grounds against addresses, their lifts, and the list that follows from them, on a connection that writes. Every call belongs into a transaction.</summary>
internal sealed class SuppressionRows(WriteConnection connection)
{
    private const string GroundColumns = "email, reason, source, campaign_id, message_id, note, created_at";

    private readonly Statement _grounds = connection.Prepare($"SELECT {GroundColumns} FROM suppression_grounds WHERE email = ?1");
    private readonly Statement _put = connection.Prepare($"""
        INSERT INTO suppression_grounds ({GroundColumns}) VALUES (lower(?1), ?2, ?3, ?4, ?5, ?6, ?7)
        ON CONFLICT (email, reason) DO UPDATE SET source = excluded.source, campaign_id = excluded.campaign_id,
            message_id = excluded.message_id, note = excluded.note, created_at = excluded.created_at
        """);
    private readonly Statement _drop = connection.Prepare("DELETE FROM suppression_grounds WHERE email = ?1 AND reason = ?2");
    private readonly Statement _list = connection.Prepare("""
        INSERT INTO suppressions (email, reason, source, campaign_id, note, created_at) VALUES (lower(?1), ?2, ?3, ?4, ?5, ?6)
        ON CONFLICT (email) DO UPDATE SET reason = excluded.reason, source = excluded.source, campaign_id = excluded.campaign_id,
            note = excluded.note, created_at = excluded.created_at
        """);
    private readonly Statement _listed = connection.Prepare("SELECT email, reason, source, campaign_id, note, created_at FROM suppressions WHERE email = ?1");
    private readonly Statement _unlist = connection.Prepare("DELETE FROM suppressions WHERE email = ?1");
    private readonly Statement _lifts = connection.Prepare("SELECT reason, lifted_at, after_event, reported FROM suppression_lifts WHERE email = ?1");
    private readonly Statement _lift = connection.Prepare("""
        INSERT INTO suppression_lifts (email, reason, note, lifted_by, lifted_at, after_event, reported)
        VALUES (lower(?1), ?2, ?3, ?4, ?5, coalesce((SELECT position FROM cursors WHERE name = 'writer'), 0), ?6)
        """);

    // An address has few messages in each of few campaigns, and an index for each pair; one over addresses alone would be
    // written for every recipient ever added, to be read for a lift.
    private readonly Statement _events = connection.Prepare("""
        SELECT e.id, e.message_id, e.campaign_id, e.source, e.occurred_at FROM (
            SELECT m.id FROM campaigns c JOIN messages m ON m.campaign_id = c.id AND m.email = ?1
            UNION ALL SELECT id FROM messages WHERE campaign_id IS NULL AND email = ?1) mine
        JOIN events e ON e.message_id = mine.id
        WHERE e.type = ?2 AND (?3 = 0 OR e.bounce = ?3)
        """);

    private readonly Statement _recipients = connection.Prepare("""
        SELECT m.contact_id FROM campaigns c JOIN messages m ON m.campaign_id = c.id AND m.email = ?1
        UNION SELECT contact_id FROM messages WHERE campaign_id IS NULL AND email = ?1
        """);

    /// <summary>Every ground of an address.</summary>
    public List<SuppressionGround> Of(string email)
    {
        var grounds = new List<SuppressionGround>();
        _grounds.Bind(1, email);
        while (_grounds.Step())
        {
            grounds.Add(new SuppressionGround(
                _grounds.Text(0), _grounds.Text(1), _grounds.Text(2), _grounds.Number(3), _grounds.Number(4), _grounds.Text(5), _grounds.Number(6)));
        }

        _grounds.Reset();
        return grounds;
    }

    public List<SuppressionLift> Lifts(string email)
    {
        var lifts = new List<SuppressionLift>();
        _lifts.Bind(1, email);
        while (_lifts.Step())
        {
            lifts.Add(new SuppressionLift(_lifts.Text(0), _lifts.Number(1), _lifts.Number(2), _lifts.Number(3) != 0));
        }

        _lifts.Reset();
        return lifts;
    }

    /// <summary>Adds a ground, unless one for the same reason is older or a lift has done away with it.</summary>
    /// <returns>Whether it changed anything.</returns>
    public bool Add(in SuppressionGround ground)
    {
        var grounds = Of(ground.Email);
        var before = Find(grounds, ground.Reason);
        if ((before is { } known && !ground.IsBefore(known)) || SuppressionRules.IsLifted(ground, Lifts(ground.Email)))
        {
            return false;
        }

        Put(ground);
        return true;
    }

    /// <summary>Writes a ground over whichever the address has for this reason.</summary>
    public void Put(in SuppressionGround ground)
    {
        _put.Bind(1, ground.Email).Bind(2, ground.Reason).Bind(3, ground.Source).Bind(4, ground.CampaignId).Bind(5, ground.MessageId)
            .Bind(6, ground.Note).Bind(7, ground.CreatedAt).Run();
        List(ground.Email);
    }

    public void Drop(string email, string reason)
    {
        _drop.Bind(1, email).Bind(2, reason).Run();
        List(email);
    }

    /// <summary>Takes an address off the list, on a person's word.</summary>
    /// <returns>Whether it stood there.</returns>
    public bool Lift(string email, string note, string by, long now)
    {
        var grounds = Of(email);
        if (grounds.Count == 0)
        {
            return false;
        }

        _lift.Bind(1, email).Bind(2, "").Bind(3, note).Bind(4, by).Bind(5, now).Bind(6, 0).Run();
        foreach (var ground in grounds)
        {
            _drop.Bind(1, email).Bind(2, ground.Reason).Run();
        }

        List(email);
        SettleStreaks(email);
        return true;
    }

    /// <summary>Takes back one reason because an ESP says so. What happened after it still holds.</summary>
    /// <param name="at">Unix milliseconds, when it happened there.</param>
    public bool LiftReported(string email, string reason, string by, long at)
    {
        if (Lifts(email).Exists(lift => lift.Reported && lift.Reason == reason && lift.LiftedAt >= at))
        {
            return false;
        }

        _lift.Bind(1, email).Bind(2, reason).Bind(3, "").Bind(4, by).Bind(5, at).Bind(6, 1).Run();
        if (Find(Of(email), reason) is not { } ground || ground.CreatedAt > at)
        {
            return false;
        }

        if (FirstOf(email, reason) is { } later)
        {
            Put(later);
        }
        else
        {
            Drop(email, reason);
        }

        return true;
    }

    /// <summary>The first event of an address's messages that is a ground for a reason and that no lift covers.</summary>
    public SuppressionGround? FirstOf(string email, string reason)
    {
        var (type, bounce) = reason switch
        {
            SuppressionReason.HardBounce => (EventType.Bounced, BounceKind.Hard),
            SuppressionReason.Complaint => (EventType.Complained, BounceKind.None),
            SuppressionReason.Unsubscribed => (EventType.Unsubscribed, BounceKind.None),
            _ => default,
        };
        SuppressionGround? first = null;
        var lifts = Lifts(email);
        _events.Bind(1, email).Bind(2, (long)type).Bind(3, (long)bounce);
        while (_events.Step())
        {
            var ground = new SuppressionGround(
                email, reason, SuppressionRules.SourceFor((EventSource)_events.Number(3)), _events.Number(2), _events.Number(1), "", _events.Number(4), _events.Number(0));
            if (!SuppressionRules.IsLifted(ground, lifts) && (first is not { } best || ground.IsBefore(best)))
            {
                first = ground;
            }
        }

        _events.Reset();
        return first;
    }

    // A streak begins anew after a lift, for every person at the address.
    private void SettleStreaks(string email)
    {
        var contacts = new HashSet<long>();
        _recipients.Bind(1, email);
        while (_recipients.Step())
        {
            contacts.Add(_recipients.Number(0));
        }

        _recipients.Reset();
        var streaks = new StreakRows(connection, this);
        foreach (var contactId in contacts)
        {
            streaks.Settle(contactId, streaks.Limit);
        }
    }

    public static SuppressionGround? Find(List<SuppressionGround> grounds, string reason)
    {
        foreach (var ground in grounds)
        {
            if (ground.Reason == reason)
            {
                return ground;
            }
        }

        return null;
    }

    /// <summary>What the list says of an address.</summary>
    public SuppressionGround? Listed(string email)
    {
        SuppressionGround? listed = _listed.Bind(1, email).Step()
            ? new SuppressionGround(_listed.Text(0), _listed.Text(1), _listed.Text(2), _listed.Number(3), 0, _listed.Text(4), _listed.Number(5))
            : null;
        _listed.Reset();
        return listed;
    }

    /// <summary>Lists an address by its grounds, or takes it off the list without any.</summary>
    public void List(string email)
    {
        var grounds = Of(email);
        if (grounds.Count == 0)
        {
            _unlist.Bind(1, email).Run();
            return;
        }

        var shown = SuppressionRules.Gravest(grounds);
        _list.Bind(1, email).Bind(2, shown.Reason).Bind(3, shown.Source).Bind(4, shown.CampaignId).Bind(5, shown.Note).Bind(6, shown.CreatedAt).Run();
    }
}
