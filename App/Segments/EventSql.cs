using ScoreTracking.Events;

namespace ScoreTracking.Segments;

/// <summary>What happened to a person's mail, in SQL. The contact's row says when each thing last happened; only what that leaves open is looked for among the messages.</summary>
/// <param name="sets">Where what is the same for all ranges of a count is noted; null except in one.</param>
internal sealed class EventSql(SegmentParameters parameters, DateTimeOffset now, SegmentScope scope, SegmentSets? sets)
{
    private static readonly string s_person = $"({(int)Verdict.Human}, {(int)Verdict.Proxy})";

    /// <summary>That it happened so often.</summary>
    public string Write(EventRule rule)
    {
        var since = Since(rule);
        var may = $"segk.{Last(rule.Event)} > {since}";
        if (rule.AtLeast > 1 && Count(rule.Event) is { } count)
        {
            may += $" AND segk.{count} >= {parameters.Add(rule.AtLeast)}";
            if (rule is { CampaignId: null, LinkContains: null, Within: null })
            {
                return may;
            }
        }

        return rule is { CampaignId: null, LinkContains: null, AtLeast: 1 } ? may : $"{may} AND {Found(rule, since)}";
    }

    /// <summary>The messages of one campaign, to begin with them instead of with everybody: one row, named segm, for each contact in range to whose mail it happened.</summary>
    /// <param name="rule">Of a campaign, and done.</param>
    public (string From, string Where)? Begin(EventRule rule)
    {
        if (rule is not { CampaignId: { } campaign, LinkContains: null, Done: true })
        {
            return null;
        }

        var since = Since(rule);
        var (number, any) = OfMessage(rule, since);
        var happened = rule.AtLeast == 1 ? $"({any})" : $"({number}) >= {parameters.Add(rule.AtLeast)}";
        return ($"messages segm INDEXED BY messages_recipient {State}", $"segm.campaign_id = {parameters.Add(campaign)} AND {SegmentSql.InRange("segm.contact_id")} AND {happened}");
    }

    // 0 is never, so that any time is behind it.
    private string Since(EventRule rule) => parameters.Add(rule.Within is { } within ? Math.Max(0, (now - within).ToUnixTimeMilliseconds()) : 0L);

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

    private const string State = "CROSS JOIN message_state segs ON segs.message_id = segm.id";

    private string Found(EventRule rule, string since)
    {
        if (rule.LinkContains is { } link)
        {
            return sets is not null ? sets.Add(OnLinkOfAll(rule, link, since)) : OnLink(rule, link, since);
        }

        var (number, any) = OfMessage(rule, since);
        return Often(rule, number, any);
    }

    /// <summary>How often it happened to the message at hand, and whether it did at all.</summary>
    private static (string Number, string Any) OfMessage(EventRule rule, string since) => rule.Event switch
    {
        EventType.Opened => (Opens(since), $"segs.confirmed_at > {since} OR (segs.confirmed_opens > 0 AND segs.last_open_at > {since} AND {Any(EventType.Opened, since)})"),
        EventType.Clicked => (Clicks(since), $"segs.clicked_at > {since} OR (segs.clicks > 0 AND segs.last_click_at > {since} AND {Any(EventType.Clicked, since)})"),
        EventType.Replied => ($"CASE WHEN segs.replied_at > 0 THEN ({Number(EventType.Replied, since)}) ELSE 0 END", $"segs.replied_at > {since} OR (segs.replied_at > 0 AND {Any(EventType.Replied, since)})"),
        _ => ($"segs.{Last(rule.Event)} > {since}", $"segs.{Last(rule.Event)} > {since}"),
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
    private static string Events(EventType type, string since, string messageId = "segs.message_id")
    {
        var person = type.IsHit() ? $" AND sege.verdict IN {s_person}" : "";
        return $"FROM events sege INDEXED BY events_message WHERE sege.message_id = {messageId} AND sege.type = {(int)type}{person} AND sege.repeat = 0 AND sege.occurred_at > {since}";
    }

    private string OnLink(EventRule rule, string text, string since)
    {
        var url = SegmentText.Lower("segu.url", text, parameters);
        var clicks = $"{Events(EventType.Clicked, since)} AND EXISTS (SELECT 1 FROM links segu WHERE segu.id = sege.link_id AND instr({url.Sql}, {url.Value}) > 0)";
        return Often(rule, $"CASE WHEN segs.clicks > 0 THEN (SELECT count(*) {clicks}) ELSE 0 END", $"segs.clicks > 0 AND EXISTS (SELECT 1 {clicks})");
    }

    /// <summary>The contacts who clicked it, found by way of the links: those that do are few among all that was clicked.</summary>
    private string OnLinkOfAll(EventRule rule, string text, string since)
    {
        var url = SegmentText.Lower("segu.url", text, parameters);
        var (links, messages) = ("", "");
        if (rule.CampaignId is { } id)
        {
            var campaign = parameters.Add(id);
            (links, messages) = ($" AND segu.campaign_id = {campaign}", $" AND segm.campaign_id = {campaign}");
        }

        // In the order of the messages, so that each of their pages is read once for all links.
        var contacts = $"""
            SELECT segm.contact_id FROM (
                SELECT segv.message_id, segv.link_id, segv.clicks, segv.first_at FROM links segu
                CROSS JOIN link_clicks segv NOT INDEXED ON segv.link_id = segu.id AND segv.last_at > {since}
                WHERE instr({url.Sql}, {url.Value}) > 0{links} ORDER BY segv.message_id) segw
            CROSS JOIN messages segm ON segm.id = segw.message_id{messages}
            """;
        return rule.AtLeast == 1 ? contacts : $"""
            {contacts} GROUP BY segm.contact_id HAVING sum(CASE WHEN segw.first_at > {since} THEN segw.clicks ELSE (
                SELECT count(*) {Events(EventType.Clicked, since, "segw.message_id")} AND sege.link_id = segw.link_id) END) >= {parameters.Add(rule.AtLeast)}
            """;
    }

    private string Often(EventRule rule, string number, string any)
    {
        if (rule.CampaignId is not { } campaign)
        {
            var messages = $"FROM messages segm INDEXED BY messages_contact {State}";

            // Nearly everybody was sent that much, so that all would be asked one by one: together, in the order of the index, is less.
            return scope == SegmentScope.Count && rule is { AtLeast: > 1, Event: EventType.Sent or EventType.Delivered }
                ? $"segk.contact_id IN (SELECT segm.contact_id {messages} WHERE {SegmentSql.InRange("segm.contact_id")} AND {any} GROUP BY segm.contact_id HAVING count(*) >= {parameters.Add(rule.AtLeast)})"
                : Compare(rule, number, any, $"{messages} WHERE segm.contact_id = segk.contact_id");
        }

        var recipients = $"FROM messages segm INDEXED BY messages_recipient {State} WHERE segm.campaign_id = {parameters.Add(campaign)}";

        // One message for each: read once for a whole range, in the order of the index, instead of looked up for each contact.
        return scope != SegmentScope.Contact && rule.AtLeast == 1
            ? $"segk.contact_id IN (SELECT segm.contact_id {recipients} AND {SegmentSql.InRange("segm.contact_id")} AND ({any}))"
            : Compare(rule, number, any, $"{recipients} AND segm.contact_id = segk.contact_id");
    }

    private string Compare(EventRule rule, string number, string any, string messages) => rule.AtLeast == 1
        ? $"EXISTS (SELECT 1 {messages} AND ({any}))"
        : $"(SELECT ifnull(sum({number}), 0) {messages}) >= {parameters.Add(rule.AtLeast)}";
}
