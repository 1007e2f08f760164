using ScoreTracking.Events;

namespace ScoreTracking.Segments;

/// <summary>What happened to a person's mail, in SQL.</summary>
internal sealed class EventSql(SegmentParameters parameters, DateTimeOffset now)
{
    private static readonly string s_person = $"({(int)Verdict.Human}, {(int)Verdict.Proxy})";

    /// <summary>That it happened so often.</summary>
    public string Write(EventRule rule)
    {
        // 0 is never, so that any time is behind it.
        var since = parameters.Add(rule.Within is { } within ? Math.Max(0, (now - within).ToUnixTimeMilliseconds()) : 0L);
        return rule switch
        {
            { Event: EventType.Opened } => Often(rule, Opens(since), $"segs.confirmed_at > {since} OR (segs.confirmed_opens > 0 AND segs.last_open_at > {since} AND {Any(EventType.Opened, since)})"),
            { Event: EventType.Clicked, LinkContains: { } link } => OnLink(rule, $"{Events(EventType.Clicked, since)} AND {Link(link)}"),
            { Event: EventType.Clicked } => Often(rule, Clicks(since), $"segs.clicked_at > {since} OR (segs.clicks > 0 AND segs.last_click_at > {since} AND {Any(EventType.Clicked, since)})"),
            { Event: EventType.Replied } => Often(rule, $"CASE WHEN segs.replied_at > 0 THEN ({Number(EventType.Replied, since)}) ELSE 0 END", $"segs.replied_at > {since} OR (segs.replied_at > 0 AND {Any(EventType.Replied, since)})"),
            _ => Often(rule, $"segs.{Column(rule.Event)} > {since}", $"segs.{Column(rule.Event)} > {since}"),
        };
    }

    /// <summary>When a message first saw the event; 0 for never.</summary>
    private static string Column(EventType type) => type switch
    {
        EventType.Sent => "sent_at",
        EventType.Delivered => "delivered_at",
        EventType.Bounced => "bounced_at",
        EventType.Complained => "complained_at",
        EventType.Unsubscribed => "unsubscribed_at",
        EventType.Replied => "replied_at",
        EventType.Opened => "confirmed_at",
        EventType.Clicked => "clicked_at",
        EventType.Processed or EventType.Deferred or EventType.Dropped => throw new ArgumentException($"no rule asks for {type.Name()}", nameof(type)),
    };

    // The first confirmed open lies within: so do all, the inferred one included.
    private static string Opens(string since) => $"""
        CASE WHEN segs.confirmed_at > {since} THEN segs.confirmed_opens + segs.open_inferred
            WHEN segs.confirmed_opens > 0 AND segs.last_open_at > {since} THEN ({Number(EventType.Opened, since)}) ELSE 0 END
        """;

    private static string Clicks(string since) => $"""
        CASE WHEN segs.clicked_at > {since} THEN segs.clicks
            WHEN segs.clicks > 0 AND segs.last_click_at > {since} THEN ({Number(EventType.Clicked, since)}) ELSE 0 END
        """;

    private static string Any(EventType type, string since) => $"EXISTS (SELECT 1 {Events(type, since)})";

    private static string Number(EventType type, string since) => $"SELECT count(*) {Events(type, since)}";

    // Of the message at hand; verdicts and repeats as they are marked.
    private static string Events(EventType type, string since)
    {
        var person = type.IsHit() ? $" AND sege.verdict IN {s_person}" : "";
        return $"FROM events sege INDEXED BY events_message WHERE sege.message_id = segs.message_id AND sege.type = {(int)type}{person} AND sege.repeat = 0 AND sege.occurred_at > {since}";
    }

    private string OnLink(EventRule rule, string clicks) =>
        Often(rule, $"CASE WHEN segs.clicks > 0 THEN (SELECT count(*) {clicks}) ELSE 0 END", $"segs.clicks > 0 AND EXISTS (SELECT 1 {clicks})");

    private string Link(string text)
    {
        var url = SegmentText.Lower("segu.url", text, parameters);
        return $"sege.link_id IN (SELECT segu.id FROM links segu WHERE instr({url.Sql}, {url.Value}) > 0)";
    }

    private string Often(EventRule rule, string number, string any)
    {
        var messages = rule.CampaignId is { } campaign
            ? $"FROM messages segm INDEXED BY messages_recipient CROSS JOIN message_state segs ON segs.message_id = segm.id WHERE segm.campaign_id = {parameters.Add(campaign)} AND segm.contact_id = segk.contact_id"
            : "FROM messages segm INDEXED BY messages_contact CROSS JOIN message_state segs ON segs.message_id = segm.id WHERE segm.contact_id = segk.contact_id";
        return rule.AtLeast == 1
            ? $"EXISTS (SELECT 1 {messages} AND ({any}))"
            : $"(SELECT ifnull(sum({number}), 0) {messages}) >= {parameters.Add(rule.AtLeast)}";
    }
}
