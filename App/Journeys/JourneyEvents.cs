using ScoreTracking.Data;
using ScoreTracking.Events;

namespace ScoreTracking.Journeys;

/// <summary>
/// Asks the log what has happened, inside the transaction <paramref name="commands"/> has entered. Of opens and clicks only
/// counted ones of people; a click is an open, too. Events that have not settled yet have not happened yet.
/// </summary>
internal sealed class JourneyEvents(PreparedCommands commands)
{
    private const string Counted = "(e.type NOT IN (7, 8) OR (e.repeat = 0 AND e.verdict IN (1, 2)))";

    // A click tells of an open, whether or not one was seen.
    private const string OfType = "(e.type = $2 OR ($2 = 7 AND e.type = 8))";

    /// <summary>When it first happened to a message, in Unix milliseconds; null where it has not.</summary>
    /// <param name="settled">The last event that counts.</param>
    public long? FirstOf(long messageId, EventType type, string linkContains, long settled) => commands.Command(
        $"""
        SELECT min(e.occurred_at) FROM events e
        WHERE e.message_id = $1 AND {OfType} AND {Counted} AND e.id <= $3
            AND ($4 = '' OR EXISTS (SELECT 1 FROM links l WHERE l.id = e.link_id AND instr(lower(l.url), lower($4)) > 0))
        """,
        messageId, (long)type, settled, linkContains).ExecuteScalar() as long?;

    /// <summary>Whether it happened to any mail of a contact since a moment.</summary>
    /// <param name="campaignId">0 for any mail.</param>
    /// <param name="since">Unix milliseconds.</param>
    public bool HasHappened(long contactId, EventType type, long campaignId, string linkContains, long since, long settled) => commands.Command(
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
}
