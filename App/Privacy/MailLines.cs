using ScoreTracking.Api;
using ScoreTracking.Data;
using ScoreTracking.Events;

namespace ScoreTracking.Privacy;

/// <summary>A message and everything that happened to it, as lines of <see cref="PersonExport"/>.</summary>
internal sealed class MailLines(WriteConnection connection)
{
    private static readonly (string Name, int Column)[] s_times =
    [
        ("processed_at", 7), ("sent_at", 8), ("delivered_at", 9), ("deferred_at", 10), ("dropped_at", 11), ("bounced_at", 12),
        ("opened_at", 13), ("confirmed_open_at", 14), ("clicked_at", 15), ("complained_at", 16), ("unsubscribed_at", 17), ("replied_at", 18),
    ];

    private readonly Statement _message = connection.Prepare("""
        SELECT m.email, m.campaign_id, c.name, v.key, m.esp_message_id, m.created_at, s.status,
            s.processed_at, s.sent_at, s.delivered_at, s.deferred_at, s.dropped_at, s.bounced_at, s.opened_at, s.confirmed_at, s.clicked_at,
            s.complained_at, s.unsubscribed_at, s.replied_at, s.opens, s.confirmed_opens, s.clicks, s.tracked, s.bounce, o.subject, o.from_email
        FROM messages m LEFT JOIN campaigns c ON c.id = m.campaign_id LEFT JOIN message_state s ON s.message_id = m.id LEFT JOIN mails o ON o.id = m.mail_id
        LEFT JOIN variants v ON v.campaign_id = m.campaign_id AND v.position = s.variant WHERE m.id = ?1
        """);

    private readonly Statement _events = connection.Prepare("""
        SELECT e.id, e.type, e.occurred_at, e.received_at, e.source, e.verdict, e.reasons, e.repeat, e.link_id, l.url, l.label, e.bounce, a.value,
            p.country, p.region, p.city, t.client, t.device, t.browser, t.os, e.detail
        FROM events e LEFT JOIN links l ON l.id = e.link_id LEFT JOIN user_agents a ON a.id = e.user_agent_id
        LEFT JOIN places p ON p.id = e.place_id LEFT JOIN clients t ON t.id = e.client_id WHERE e.message_id = ?1 ORDER BY e.occurred_at, e.id
        """);

    private readonly Statement _delivery = connection.Prepare("SELECT state, next_at, attempts, tried_at, code, status, text FROM deliveries WHERE message_id = ?1");

    public void Write(long messageId, PersonExport.Lines lines)
    {
        if (_message.Bind(1, messageId).Step())
        {
            WriteMessage(messageId, lines);
        }

        _message.Reset();
        if (_delivery.Bind(1, messageId).Step())
        {
            WriteDelivery(messageId, lines);
        }

        _delivery.Reset();
        _events.Bind(1, messageId);
        while (_events.Step())
        {
            WriteEvent(messageId, lines);
        }

        _events.Reset();
    }

    private void WriteMessage(long messageId, PersonExport.Lines lines)
    {
        lines.Begin("message");
        lines.Text("id", PublicId.Message(messageId));
        lines.Text("email", _message.Text(0));
        lines.Text("campaign_id", _message.IsNull(1) ? null : PublicId.Campaign(_message.Number(1)));
        lines.Text("campaign", TextOrNull(_message, 2));
        lines.Text("variant", TextOrNull(_message, 3));
        lines.Text("subject", TextOrNull(_message, 24));
        lines.Text("from", TextOrNull(_message, 25));
        lines.Text("esp_message_id", TextOrNull(_message, 4));
        lines.Time("created_at", _message.Number(5));
        lines.Text("status", ((MessageStatus)_message.Number(6)).Name());
        foreach (var (name, column) in s_times)
        {
            lines.Time(name, _message.Number(column));
        }

        lines.Text("bounce_type", ((BounceKind)_message.Number(23)).Name());
        lines.Number("opens", _message.Number(19));
        lines.Number("confirmed_opens", _message.Number(20));
        lines.Number("clicks", _message.Number(21));
        lines.Flag("tracked", _message.Number(22) != 0);
        lines.End();
    }

    // Where it waits to be handed over, or was not.
    private void WriteDelivery(long messageId, PersonExport.Lines lines)
    {
        lines.Begin("delivery");
        lines.Text("message_id", PublicId.Message(messageId));
        lines.Text("state", ((DeliveryState)_delivery.Number(0)).ToString().ToLowerInvariant());
        lines.Time("next_at", _delivery.Number(1));
        lines.Number("attempts", _delivery.Number(2));
        lines.Time("tried_at", _delivery.Number(3));
        lines.Number("code", _delivery.Number(4));
        lines.Text("status", _delivery.Text(5));
        lines.Text("text", _delivery.Text(6));
        lines.End();
    }

    private void WriteEvent(long messageId, PersonExport.Lines lines)
    {
        lines.Begin("event");
        lines.Text("id", PublicId.Event(_events.Number(0)));
        lines.Text("message_id", PublicId.Message(messageId));
        lines.Text("event_type", ((EventType)_events.Number(1)).Name());
        lines.Time("occurred_at", _events.Number(2));
        lines.Time("received_at", _events.Number(3));
        lines.Text("source", ((EventSource)_events.Number(4)).ToString().ToLowerInvariant());
        lines.Text("verdict", ((Verdict)_events.Number(5)).Name());
        lines.Words("reasons", ((VerdictReasons)_events.Number(6)).Names());
        lines.Flag("counted", _events.Number(7) == 0);
        lines.Text("link_id", _events.Number(8) == 0 ? null : PublicId.Link(_events.Number(8)));
        lines.Text("url", TextOrNull(_events, 9));
        lines.Text("link_label", TextOrNull(_events, 10));
        lines.Text("bounce_type", ((BounceKind)_events.Number(11)).Name());
        lines.Text("user_agent", TextOrNull(_events, 12));
        lines.Text("country", TextOrNull(_events, 13));
        lines.Text("region", TextOrNull(_events, 14));
        lines.Text("city", TextOrNull(_events, 15));
        lines.Text("client", TextOrNull(_events, 16));
        lines.Text("device", TextOrNull(_events, 17));
        lines.Text("browser", TextOrNull(_events, 18));
        lines.Text("os", TextOrNull(_events, 19));
        lines.Json("detail", TextOrNull(_events, 20));
        lines.End();
    }

    private static string? TextOrNull(Statement row, int column) => row.IsNull(column) ? null : row.Text(column);
}
