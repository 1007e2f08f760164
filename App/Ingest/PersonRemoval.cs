using System.Text.Json;
using ScoreTracking.Data;
using ScoreTracking.Suppressions;

namespace ScoreTracking.Ingest;

/// <summary>
/// Takes a person out of the database and leaves what they count for: the rows of their mail and its events stay without
/// address, user agent, words of ESPs or anything that tells one reader from another, so every counter is still what the log
/// adds up to. A keyed hash of each address keeps them from ever being mailed again.
/// </summary>
internal sealed class PersonRemoval(WriteConnection connection, ErasedPeople erased)
{
    private readonly Statement _contact = connection.Prepare("SELECT email, customer_id FROM contacts WHERE id = ?1");
    private readonly Statement _messages = connection.Prepare("""
        SELECT m.id, m.email, coalesce(m.campaign_id, 0), coalesce(s.variant, -1) FROM messages m
        LEFT JOIN message_state s ON s.message_id = m.id WHERE m.contact_id = ?1
        """);
    private readonly Statement _events = connection.Prepare("SELECT id, fingerprint, user_agent_id FROM events WHERE message_id = ?1");
    private readonly Statement _sweeper = connection.Prepare("SELECT 1 FROM bursts WHERE campaign_id = ?1 AND fingerprint = ?2 LIMIT 1");
    private readonly Statement _clean = connection.Prepare("UPDATE events SET fingerprint = ?2, user_agent_id = 0, detail = NULL WHERE id = ?1");
    private readonly Statement _close = connection.Prepare("UPDATE message_state SET erased = 1, watched = 0 WHERE message_id = ?1");
    private readonly Statement _blank = connection.Prepare("UPDATE messages SET email = '', esp_message_id = NULL WHERE id = ?1");
    private readonly Statement _silence = connection.Prepare("""
        UPDATE mails SET subject = '' WHERE id = (SELECT mail_id FROM messages WHERE id = ?1)
            AND NOT EXISTS (SELECT 1 FROM messages m WHERE m.mail_id = mails.id AND m.email <> '')
        """);
    private readonly Statement[] _withdraw =
    [
        connection.Prepare("DELETE FROM deliveries WHERE message_id = ?1"),
        connection.Prepare("DELETE FROM mail_contents WHERE message_id = ?1"),
    ];
    private readonly Statement _dropState = connection.Prepare("DELETE FROM message_state WHERE message_id = ?1");
    private readonly Statement _dropMessage = connection.Prepare("DELETE FROM messages WHERE id = ?1");
    private readonly Statement[] _lift =
    [
        connection.Prepare("DELETE FROM suppressions WHERE email = ?1"),
        connection.Prepare("DELETE FROM suppression_grounds WHERE email = ?1"),
        connection.Prepare("DELETE FROM suppression_lifts WHERE email = ?1"),
    ];
    private readonly Statement _endStreak = connection.Prepare("UPDATE contact_state SET soft_streak = 0, soft_bounced = 0 WHERE contact_id = ?1");
    private readonly Statement _remember = connection.Prepare("INSERT INTO erased_people (hash, erased_at) VALUES (?1, ?2) ON CONFLICT (hash) DO UPDATE SET erased_at = excluded.erased_at");
    private readonly Statement _empty = connection.Prepare("""
        UPDATE contacts SET customer_id = NULL, email = '', attributes = '{}', tracking_consent = 0, consent_at = 0,
            consent_method = '', consent_wording = '', refused_topics = '[]', deleted_at = ?2 WHERE id = ?1
        """);
    private readonly Statement[] _leaveJourneys =
    [
        connection.Prepare($"""
            UPDATE journey_counts SET people = journey_counts.people - theirs.people FROM ({JourneyCount.FromWays("e.contact_id = ?1")}) AS theirs
            WHERE theirs.journey_id = journey_counts.journey_id AND theirs.version = journey_counts.version AND theirs.step = journey_counts.step AND theirs.outcome = journey_counts.outcome
            """),
        connection.Prepare("DELETE FROM step_calls WHERE enrollment_id IN (SELECT id FROM enrollments WHERE contact_id = ?1)"),
        connection.Prepare("DELETE FROM enrollment_steps WHERE enrollment_id IN (SELECT id FROM enrollments WHERE contact_id = ?1)"),
        connection.Prepare("DELETE FROM enrollments WHERE contact_id = ?1"),
        connection.Prepare("DELETE FROM journey_arrivals WHERE contact_id = ?1"),
        connection.Prepare("DELETE FROM segment_watch WHERE contact_id = ?1"),
        connection.Prepare("DELETE FROM contact_news WHERE contact_id = ?1"),
    ];
    private readonly Statement _leaveLists = connection.Prepare("DELETE FROM list_members WHERE contact_id = ?1");
    private readonly Statement _note = connection.Prepare("UPDATE erasures SET traces = ?2 WHERE id = ?1");
    private readonly HashSet<long> _agents = [];

    /// <summary>In one transaction; the traces are noted with the erasure, so that the search for them survives a crash.</summary>
    /// <returns>Null where there is no such person, or none any more.</returns>
    public PersonTraces? Run(long erasureId, long contactId, DateTimeOffset now)
    {
        connection.Begin();
        try
        {
            var traces = Remove(contactId, now.ToUnixTimeMilliseconds());
            if (traces is not null)
            {
                _note.Bind(1, erasureId).Bind(2, JsonSerializer.Serialize(traces)).Run();
            }

            connection.Commit();
            return traces;
        }
        catch
        {
            connection.Rollback();
            throw;
        }
    }

    private PersonTraces? Remove(long contactId, long now)
    {
        if (!TryContact(contactId, out var email, out var customerId))
        {
            return null;
        }

        _agents.Clear();
        var addresses = new SortedSet<string>(StringComparer.OrdinalIgnoreCase) { email };
        var messages = Messages(contactId);
        foreach (var message in messages)
        {
            if (message.Email.Length > 0)
            {
                addresses.Add(message.Email);
            }

            Clean(message);
        }

        foreach (var address in addresses)
        {
            foreach (var list in _lift)
            {
                list.Bind(1, address).Run();
            }

            _remember.Bind(1, erased.HashOf(address)).Bind(2, now).Run();
        }

        if (customerId is not null)
        {
            _remember.Bind(1, erased.HashOfCustomer(customerId)).Bind(2, now).Run();
        }

        _leaveLists.Bind(1, contactId).Run();
        foreach (var way in _leaveJourneys)
        {
            way.Bind(1, contactId).Run();
        }

        _endStreak.Bind(1, contactId).Run();
        _empty.Bind(1, contactId).Bind(2, now).Run();
        return new PersonTraces(contactId, [.. addresses], customerId, [.. messages.Select(message => message.Id)], [.. _agents]);
    }

    private bool TryContact(long contactId, out string email, out string? customerId)
    {
        var found = _contact.Bind(1, contactId).Step();
        email = found ? _contact.Text(0) : "";
        customerId = found && !_contact.IsNull(1) ? _contact.Text(1) : null;
        _contact.Reset();
        return email.Length > 0;
    }

    private List<(long Id, string Email, long CampaignId, bool Dealt)> Messages(long contactId)
    {
        var messages = new List<(long, string, long, bool)>();
        _messages.Bind(1, contactId);
        while (_messages.Step())
        {
            messages.Add((_messages.Number(0), _messages.Text(1), _messages.Number(2), _messages.Number(3) >= 0));
        }

        _messages.Reset();
        return messages;
    }

    private void Clean((long Id, string Email, long CampaignId, bool Dealt) message)
    {
        foreach (var queue in _withdraw)
        {
            queue.Bind(1, message.Id).Run();
        }

        // Of a campaign that has not started: nothing was sent, and nothing shall be.
        if (!message.Dealt)
        {
            _dropState.Bind(1, message.Id).Run();
            _dropMessage.Bind(1, message.Id).Run();
            return;
        }

        var events = new List<(long Id, long Fingerprint)>();
        var fingerprints = new SortedDictionary<long, long>();
        _events.Bind(1, message.Id);
        while (_events.Step())
        {
            events.Add((_events.Number(0), _events.Number(1)));
            fingerprints[_events.Number(1)] = _events.Number(1);
            _agents.Add(_events.Number(2));
        }

        _events.Reset();
        _agents.Remove(0);
        Blur(message.CampaignId, fingerprints);
        foreach (var (id, fingerprint) in events)
        {
            _clean.Bind(1, id).Bind(2, fingerprints[fingerprint]).Run();
        }

        _close.Bind(1, message.Id).Run();
        _blank.Bind(1, message.Id).Run();

        // The subject of a mail to nobody else may well speak of them.
        _silence.Bind(1, message.Id).Run();
    }

    // What counts is which hits of a message share a fingerprint, and among hits of one moment their order: other numbers in the
    // same order keep every count. The one of a scanner that swept the campaign is nobody's own, and its neighbours are judged by it.
    private void Blur(long campaignId, SortedDictionary<long, long> fingerprints)
    {
        var (below, run) = (long.MinValue, new List<long>());
        foreach (var fingerprint in fingerprints.Keys.ToList())
        {
            if (fingerprint != 0 && (campaignId == 0 || _sweeper.Bind(1, campaignId).Bind(2, fingerprint).Scalar() is null))
            {
                run.Add(fingerprint);
                continue;
            }

            Replace(run, below, fingerprint, fingerprints);
            (below, run) = (fingerprint, []);
        }

        Replace(run, below, long.MaxValue, fingerprints);
    }

    private static void Replace(List<long> run, long below, long above, SortedDictionary<long, long> fingerprints)
    {
        // Neighbours so close that there is no room between them do not come from different readers.
        if (run.Count == 0 || (Int128)above - below < run.Count * 2)
        {
            return;
        }

        var others = new SortedSet<long>();
        while (others.Count < run.Count)
        {
            others.Add(Random.Shared.NextInt64(below + 1, above));
        }

        foreach (var (fingerprint, other) in run.Zip(others))
        {
            fingerprints[fingerprint] = other;
        }
    }
}
