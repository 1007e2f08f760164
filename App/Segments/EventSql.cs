using ScoreTracking.Events;

namespace ScoreTracking.Segments;

/// <summary>What happened to a person's mail, in SQL. The contact's row says when each thing last happened; only what that leaves open is looked for among the messages.</summary>
/// <param name="ranged">Whether the statement looks at a range of contacts.</param>
internal sealed class EventSql(SegmentParameters parameters, DateTimeOffset now, bool ranged)
{
    private static readonly string s_person = $"({(int)Verdict.Human}, {(int)Verdict.Proxy})";

    /// <summary>That it happened so often.</summary>
    public string Write(EventRule rule)
    {
        // 0 is never, so that any time is behind it.
        var since = parameters.Add(rule.Within is { } within ? Math.Max(0, (now - within).ToUnixTimeMilliseconds()) : 0L);
        var ever = $"segk.{Last(rule.Event)} > {since}";
        if (rule is { CampaignId: null, LinkContains: null })
        {
            if (rule.AtLeast == 1)
            {
                return ever;
            }

            if (Count(rule.Event) is { } count)
            {
                var often = $"segk.{count} >= {parameters.Add(rule.AtLeast)}";
                return rule.Within is null ? often : $"{ever} AND {often} AND {Found(rule, since)}";
            }
        }

        return $"{ever} AND {Found(rule, since)}";
    }

    /// <summary>When it last happened to any mail of the contact; 0 for never.</summary>
    private static string Last(EventType type) => type switch
    {
        EventType.Sent => "sent_at",
        EventType.Delivered => "delivered_at",
        EventType.Opened => "opened_at",
        EventType.Clicked => "clicked_at",
        EventType.Replied => "replied_at",
        EventType.Bounced => "bounced_at",
        EventType.Complained => "complained_at",
        EventType.Unsubscribed => "unsubscribed_at",
        EventType.Processed or EventType.Deferred or EventType.Dropped => throw new ArgumentException($"no rule asks for {type.Name()}", nameof(type)),
    };

    /// <summary>How often it ever happened; null for what happens seldom, and is counted where it did.</summary>
    private static string? Count(EventType type) => type switch
    {
        EventType.Sent => "sends",
        EventType.Delivered => "deliveries",
        EventType.Opened => "opens",
        EventType.Clicked => "clicks",
        _ => null,
    };

    private string Found(EventRule rule, string since) => rule switch
    {
        { Event: EventType.Opened } => Often(rule, Opens(since), $"segs.confirmed_at > {since} OR (segs.confirmed_opens > 0 AND segs.last_open_at > {since} AND {Any(EventType.Opened, since)})"),
        { Event: EventType.Clicked, LinkContains: { } link } => OnLink(rule, $"{Events(EventType.Clicked, since)} AND {Link(link)}"),
        { Event: EventType.Clicked } => Often(rule, Clicks(since), $"segs.clicked_at > {since} OR (segs.clicks > 0 AND segs.last_click_at > {since} AND {Any(EventType.Clicked, since)})"),
        { Event: EventType.Replied } => Often(rule, $"CASE WHEN segs.replied_at > 0 THEN ({Number(EventType.Replied, since)}) ELSE 0 END", $"segs.replied_at > {since} OR (segs.replied_at > 0 AND {Any(EventType.Replied, since)})"),
        _ => Often(rule, $"segs.{Last(rule.Event)} > {since}", $"segs.{Last(rule.Event)} > {since}"),
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
        if (rule.CampaignId is not { } campaign)
        {
            return Compare(rule, number, any, "FROM messages segm INDEXED BY messages_contact CROSS JOIN message_state segs ON segs.message_id = segm.id WHERE segm.contact_id = segk.contact_id");
        }

        var recipients = $"FROM messages segm INDEXED BY messages_recipient CROSS JOIN message_state segs ON segs.message_id = segm.id WHERE segm.campaign_id = {parameters.Add(campaign)}";

        // One message for each: read once for a whole range, in the order of the index, instead of looked up for each contact.
        return ranged && rule.AtLeast == 1
            ? $"segk.contact_id IN (SELECT segm.contact_id {recipients} AND {SegmentSql.Range("segm.contact_id", ranged)} AND ({any}))"
            : Compare(rule, number, any, $"{recipients} AND segm.contact_id = segk.contact_id");
    }

    private string Compare(EventRule rule, string number, string any, string messages) => rule.AtLeast == 1
        ? $"EXISTS (SELECT 1 {messages} AND ({any}))"
        : $"(SELECT ifnull(sum({number}), 0) {messages}) >= {parameters.Add(rule.AtLeast)}";
}
