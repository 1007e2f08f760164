using ScoreTracking.Data;
using ScoreTracking.Events;

namespace ScoreTracking.Journeys;

/// <summary>
/// Asks the log what has happened, inside the transaction <paramref name="commands"/> has entered. Of opens and clicks only
/// counted ones of people; a click is an open, too. A bounce counts while it holds, as in reports: not one that was followed by a
/// delivery, nor a soft one while the mail is to be sent again. Events that have not settled yet have not happened yet.
/// </summary>
internal sealed class JourneyEvents(PreparedCommands commands)
{
    private const string Counted = "(e.type NOT IN (7, 8) OR (e.repeat = 0 AND e.verdict IN (1, 2)))";

    // A click tells of an open, whether or not one was seen.
    private const string OfType = "(e.type = $2 OR ($2 = 7 AND e.type = 8))";

    /// <summary>That a message counts as bounced, of message_state s.</summary>
    public const string BounceHolds = "s.bounced_at > 0 AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.message_id = s.message_id AND d.state = 1)";

    private const string BounceSettled = "EXISTS (SELECT 1 FROM events e WHERE e.message_id = s.message_id AND e.type = 6 AND e.id <= $2)";

    /// <summary>When it first happened to a message, in Unix milliseconds; null where it has not.</summary>
    /// <param name="settled">The last event that counts.</param>
    public long? FirstOf(long messageId, EventType type, string linkContains, long settled) => type == EventType.Bounced ? FirstBounce(messageId, settled) : commands.Command(
        $"""
        SELECT min(e.occurred_at) FROM events e
        WHERE e.message_id = $1 AND {OfType} AND {Counted} AND e.id <= $3
            AND ($4 = '' OR EXISTS (SELECT 1 FROM links l WHERE l.id = e.link_id AND instr(lower(l.url), lower($4)) > 0))
        """,
        messageId, (long)type, settled, linkContains).ExecuteScalar() as long?;

    /// <summary>Whether it happened to any mail of a contact since a moment.</summary>
    /// <param name="campaignId">0 for any mail.</param>
    /// <param name="since">Unix milliseconds.</param>
    public bool HasHappened(long contactId, EventType type, long campaignId, string linkContains, long since, long settled) => type == EventType.Bounced ? HasBounced(contactId, campaignId, since, settled) : commands.Command(
        $"""
        SELECT 1 FROM messages m JOIN events e ON e.message_id = m.id
        WHERE m.contact_id = $1 AND ($5 = 0 OR m.campaign_id = $5) AND {OfType} AND {Counted} AND e.id <= $3 AND e.occurred_at >= $6
            AND ($4 = '' OR EXISTS (SELECT 1 FROM links l WHERE l.id = e.link_id AND instr(lower(l.url), lower($4)) > 0))
        LIMIT 1
        """,
        contactId, (long)type, settled, linkContains, campaignId, since).ExecuteScalar() is not null;

    /// <summary>When a message was sent, or, until that is known, made; null where it is gone.</summary>
    public long? SentAt(long messageId) => commands.Command(
        "SELECT CASE WHEN coalesce(s.sent_at, 0) > 0 THEN s.sent_at ELSE m.created_at END FROM messages m LEFT JOIN message_state s ON s.message_id = m.id WHERE m.id = $1",
        messageId).ExecuteScalar() as long?;

    private long? FirstBounce(long messageId, long settled) => commands.Command(
        $"SELECT s.bounced_at FROM message_state s WHERE s.message_id = $1 AND {BounceHolds} AND {BounceSettled}", messageId, settled).ExecuteScalar() as long?;

    private bool HasBounced(long contactId, long campaignId, long since, long settled) => commands.Command(
        $"""
        SELECT 1 FROM messages m JOIN message_state s ON s.message_id = m.id
        WHERE m.contact_id = $1 AND ($3 = 0 OR m.campaign_id = $3) AND s.bounced_at >= $4 AND {BounceHolds} AND {BounceSettled} LIMIT 1
        """,
        contactId, settled, campaignId, since).ExecuteScalar() is not null;
}
