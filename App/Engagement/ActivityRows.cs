using ScoreTracking.Data;
using ScoreTracking.Events;

namespace ScoreTracking.Engagement;

/// <summary>What a contact's activity follows from, as prepared statements.</summary>
internal sealed class ActivityRows(WriteConnection connection)
{
    /// <summary>What a person's messages alone add up to, as <see cref="ReadMessages"/> reads it.</summary>
    public const string Sums = """
        max(s.sent_at), max(s.delivered_at), max(s.bounced_at), max(s.complained_at), max(s.unsubscribed_at),
        sum(s.sent_at > 0), sum(s.delivered_at > 0), max(CASE WHEN s.open_inferred THEN s.confirmed_at ELSE 0 END), sum(s.open_inferred)
        """;

    public const string Messages = "FROM messages m INDEXED BY messages_contact CROSS JOIN message_state s ON s.message_id = m.id";

    private readonly Statement _messages = connection.Prepare($"SELECT {Sums} {Messages} WHERE m.contact_id = ?1");
    private readonly Statement _events = connection.Prepare($"SELECT e.type, count(*), max(e.occurred_at) {EngagementRows.Engaging} WHERE m.contact_id = ?1 GROUP BY e.type");

    /// <summary>Everything that happened to a contact's mail.</summary>
    public ContactActivity Of(long contactId)
    {
        _messages.Bind(1, contactId).Step();
        var activity = ReadMessages(_messages, 0);
        _messages.Reset();
        _events.Bind(1, contactId);
        while (_events.Step())
        {
            activity = With(activity, (EventType)_events.Number(0), _events.Number(1), _events.Number(2));
        }

        _events.Reset();
        return activity;
    }

    /// <summary>Reads <see cref="Sums"/>.</summary>
    public static ContactActivity ReadMessages(Statement row, int column) => new(
        SentAt: row.Number(column), DeliveredAt: row.Number(column + 1), OpenedAt: row.Number(column + 7), ClickedAt: 0, RepliedAt: 0,
        BouncedAt: row.Number(column + 2), ComplainedAt: row.Number(column + 3), UnsubscribedAt: row.Number(column + 4),
        Sends: row.Number(column + 5), Deliveries: row.Number(column + 6), Opens: row.Number(column + 8), Clicks: 0);

    /// <summary>With so many opens, clicks or replies, the last of them then.</summary>
    public static ContactActivity With(ContactActivity activity, EventType type, long count, long lastAt)
    {
        var added = activity.With(type, lastAt);
        return type switch
        {
            EventType.Opened => added with { Opens = activity.Opens + count },
            EventType.Clicked => added with { Clicks = activity.Clicks + count },
            _ => added,
        };
    }
}
