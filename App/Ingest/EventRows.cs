using System.Buffers;
using System.Text;
using System.Text.Json;
using ScoreTracking.Counters;
using ScoreTracking.Data;
using ScoreTracking.Events;

namespace ScoreTracking.Ingest;

/// <summary>The rows of the log and of what hangs on one message, as prepared statements.</summary>
internal sealed class EventRows(WriteConnection connection, Catalog catalog)
{
    private readonly Statement _state = connection.Prepare($"SELECT {MessageStateRow.Columns} FROM message_state WHERE message_id = ?1");
    private readonly Statement _updateState = connection.Prepare(MessageStateRow.Update);
    private readonly Statement _updateHits = connection.Prepare(MessageStateRow.UpdateHits);
    private readonly ActivityProjection _activity = new(connection);
    private readonly Statement _events = connection.Prepare($"SELECT {LogReader.Columns} FROM events WHERE message_id = ?1");
    private readonly Statement _insert = connection.Prepare("""
        INSERT INTO events (message_id, id, campaign_id, type, occurred_at, received_at, source, verdict, reasons, link_id, fingerprint, bounce, repeat, user_agent_id, detail, origin, place_id, client_id)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)
        """);
    private readonly Statement _hits = connection.Prepare($"""
        SELECT DISTINCT verdict, place_id, client_id FROM events
        WHERE message_id = ?1 AND type = ?2 AND repeat = 0 AND verdict IN ({(int)Verdict.Human}, {(int)Verdict.Proxy})
        """);
    private readonly Statement _mark = connection.Prepare("UPDATE events SET repeat = ?2, verdict = ?3, reasons = ?4 WHERE id = ?1");
    private readonly Statement _unlinkedClicks = connection.Prepare($"""
        SELECT count(*) FROM events WHERE message_id = ?1 AND type = {(int)EventType.Clicked} AND link_id = 0 AND repeat = 0
            AND verdict IN ({(int)Verdict.Human}, {(int)Verdict.Proxy})
        """);
    private readonly Statement _linkByUrl = connection.Prepare("SELECT id FROM links WHERE campaign_id = ?1 AND url = ?2 ORDER BY content, position LIMIT 1");
    private readonly Statement _click = connection.Prepare("""
        INSERT INTO link_clicks (link_id, message_id, clicks, first_at, last_at) VALUES (?1, ?2, 1, ?3, ?3)
        ON CONFLICT (link_id, message_id) DO UPDATE SET clicks = clicks + 1, last_at = excluded.last_at
        RETURNING clicks
        """);
    private readonly Statement _setClicks = connection.Prepare("""
        INSERT INTO link_clicks (link_id, message_id, clicks, first_at, last_at) VALUES (?1, ?2, ?3, ?4, ?5)
        ON CONFLICT (link_id, message_id) DO UPDATE SET clicks = excluded.clicks, first_at = excluded.first_at, last_at = excluded.last_at
        """);
    private readonly Statement _dropClicks = connection.Prepare("DELETE FROM link_clicks WHERE link_id = ?1 AND message_id = ?2");
    private readonly Statement _learnEsp = connection.Prepare("UPDATE messages SET esp_message_id = ?2 WHERE id = ?1 AND esp_message_id IS NULL");
    private (long MessageId, (long, long, long, long, long, long, BounceKind, long, long, long) BesideHits) _read;

    public MessageState? State(long messageId)
    {
        var state = _state.Bind(1, messageId).Step() ? MessageStateRow.Read(_state) : null;
        _state.Reset();
        _read = state is null ? default : (messageId, MessageStateRow.BesideHits(state));
        return state;
    }

    public void Update(MessageState state)
    {
        var onlyHits = _read == (state.MessageId, MessageStateRow.BesideHits(state));
        MessageStateRow.Bind(onlyHits ? _updateHits : _updateState, state).Run();
        _activity.Note(state);
    }

    /// <summary>All stored events of a message, and what is marked on each.</summary>
    public (List<StoredEvent> Events, Dictionary<long, Marks> Marks) Events(long messageId)
    {
        var events = new List<StoredEvent>();
        var marks = new Dictionary<long, Marks>();
        _events.Bind(1, messageId);
        while (_events.Step())
        {
            var stored = LogReader.Read(_events, catalog);
            events.Add(stored);
            marks[stored.Id] = new Marks(LogReader.IsRepeat(_events), stored.Verdict, stored.Reasons);
        }

        _events.Reset();
        return (events, marks);
    }

    /// <param name="agentId">Row of the user agent as it was sent.</param>
    public void Insert(long campaignId, in StoredEvent stored, EmailEvent reported, long agentId, bool repeat) => _insert
        .Bind(1, stored.MessageId).Bind(2, stored.Id).Bind(3, campaignId).Bind(4, (long)stored.Type).Bind(5, stored.OccurredAt)
        .Bind(6, stored.ReceivedAt).Bind(7, (long)stored.Source).Bind(8, (long)stored.Verdict).Bind(9, (long)stored.Reasons)
        .Bind(10, stored.LinkId).Bind(11, stored.Fingerprint).Bind(12, (long)stored.Bounce).Bind(13, repeat ? 1 : 0)
        .Bind(14, agentId).Bind(15, Detail(stored, reported)).Bind(16, (long)stored.Origin)
        .Bind(17, stored.Place.Id).Bind(18, stored.Client.Id).Run();

    /// <summary>Writes what the other events of its message made of a stored one.</summary>
    public void Mark(in StoredEvent stored, bool repeat) =>
        _mark.Bind(1, stored.Id).Bind(2, repeat ? 1 : 0).Bind(3, (long)stored.Verdict).Bind(4, (long)stored.Reasons).Run();

    /// <returns>Counted clicks of the message on the link, this one included.</returns>
    public int Click(in StoredEvent clicked)
    {
        _click.Bind(1, clicked.LinkId).Bind(2, clicked.MessageId).Bind(3, clicked.OccurredAt).Step();
        var clicks = (int)_click.Number(0);
        _click.Reset();
        return clicks;
    }

    /// <summary>Stored clicks by people on links we do not know.</summary>
    public int UnlinkedClicks(long messageId) => (int)_unlinkedClicks.Bind(1, messageId).Scalar()!;

    /// <summary>The buckets in which no stored, counted hit of the same message and type lies yet.</summary>
    public BucketKinds Firsts(in StoredEvent hit)
    {
        var buckets = MessageFold.BucketsOf(hit);
        var firsts = BucketKinds.All;
        _hits.Bind(1, hit.MessageId).Bind(2, (long)hit.Type);
        while (firsts != BucketKinds.None && _hits.Step())
        {
            firsts &= buckets.Unlike(Buckets.Of((Verdict)_hits.Number(0), catalog.Place(_hits.Number(1)), catalog.Client(_hits.Number(2))));
        }

        _hits.Reset();
        return firsts;
    }

    public void SetClicks(long linkId, long messageId, LinkTally tally) =>
        _setClicks.Bind(1, linkId).Bind(2, messageId).Bind(3, tally.Clicks).Bind(4, tally.FirstAt).Bind(5, tally.LastAt).Run();

    public void DropClicks(long linkId, long messageId) => _dropClicks.Bind(1, linkId).Bind(2, messageId).Run();

    /// <summary>The link a click reported from outside means, by its URL; 0 when the campaign has none such.</summary>
    public long LinkByUrl(long campaignId, string url)
    {
        var found = _linkByUrl.Bind(1, campaignId).Bind(2, url).Scalar();
        if (found is null && Uri.TryCreate(url, UriKind.Absolute, out var uri) && uri.AbsoluteUri != url)
        {
            found = _linkByUrl.Bind(1, campaignId).Bind(2, uri.AbsoluteUri).Scalar();
        }

        return found ?? 0;
    }

    public void LearnEspMessageId(long messageId, string espMessageId) => _learnEsp.Bind(1, messageId).Bind(2, espMessageId).Run();

    /// <summary>Forgets what was marked in a transaction that was rolled back.</summary>
    public void Discard() => _activity.Discard();

    // What only some events carry. Never the IP address.
    private static string? Detail(in StoredEvent stored, EmailEvent reported)
    {
        var clamped = reported.OccurredAt.ToUnixTimeMilliseconds() != stored.OccurredAt;
        if (reported.SourceKey is null && reported.Reason is null && reported.Url is null && reported.EspMessageId is null && reported.Metadata is null && !clamped)
        {
            return null;
        }

        var buffer = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            Member(json, "source_key", reported.SourceKey);
            Member(json, "reason", reported.Reason);
            Member(json, "url", reported.Url);
            Member(json, "esp_message_id", reported.EspMessageId);
            Member(json, "reported_at", clamped ? reported.OccurredAt.ToString("O") : null);
            if (reported.Metadata is { } metadata)
            {
                json.WritePropertyName("metadata");
                json.WriteRawValue(metadata);
            }

            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static void Member(Utf8JsonWriter json, string name, string? value)
    {
        if (value is not null)
        {
            json.WriteString(name, value);
        }
    }
}

/// <summary>What the other events of a message make of one of them.</summary>
internal readonly record struct Marks(bool Repeat, Verdict Verdict, VerdictReasons Reasons);
