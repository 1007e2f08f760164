using System.Globalization;
using ScoreTracking.Events;

namespace ScoreTracking.EventLog;

/// <summary>
/// How the log is walked: along its ids, a campaign's, or its index by type and verdict, whose few ranges are merged. Looks at
/// a bounded number of events, so a filter on times that few fit ends a page early and the next goes on behind it.
/// </summary>
internal static class EventWalk
{
    /// <summary>Most events looked at in one read.</summary>
    public const int Visits = 4_000;

    private const string Everything = "SELECT * FROM events WHERE id {before} $from ORDER BY id{order} LIMIT $visits";

    private const string OfCampaign = """
        SELECT * FROM events INDEXED BY events_campaign WHERE campaign_id = $campaign AND id {before} $from ORDER BY id{order} LIMIT $visits
        """;

    // Each range gives no more than could be shown, so merging them sorts a few hundred ids at most.
    private const string Range = """
        SELECT id FROM (SELECT id FROM events INDEXED BY events_kind WHERE campaign_id = $campaign AND type = {type} AND verdict = {verdict}
            AND id {before} $from ORDER BY id{order} LIMIT $visits)
        """;

    private const string Merged = """
        SELECT e.* FROM (SELECT id FROM ({ranges}) ORDER BY id{order} LIMIT $visits) k CROSS JOIN events e ON e.id = k.id
        """;

    private const string OfMessages = """
        SELECT * FROM events WHERE message_id IN ({messages}) AND id {before} $from ORDER BY id{order} LIMIT $visits
        """;

    private const string Persons = """
        SELECT pm.id FROM contacts pc JOIN messages pm ON pm.contact_id = pc.id
        WHERE ($customer IS NULL OR pc.customer_id = $customer) AND ($email IS NULL OR pc.email = $email OR pm.email = $email)
        """;

    // A verdict of what is never judged: no range at all.
    private const string Nothing = "SELECT id FROM events WHERE 0";

    /// <summary>Rows of the log, newest first, or oldest first from a place upwards.</summary>
    public static string Rows(EventFilter filter, bool upwards)
    {
        // Only constants of this program come together here; values travel as parameters.
        var sql = filter switch
        {
            { MessageId: not null } => OfMessages.Replace("{messages}", "$message", StringComparison.Ordinal),
            { CustomerId: not null } or { CustomerEmail: not null } => OfMessages.Replace("{messages}", Persons, StringComparison.Ordinal),
            { CampaignId: null } => Everything,
            { Type: null, Verdict: null } => OfCampaign,
            _ => Merged.Replace("{ranges}", string.Join(" UNION ALL ", Kinds(filter).Select(OfKind).DefaultIfEmpty(Nothing)), StringComparison.Ordinal),
        };
        return sql.Replace("{before}", upwards ? ">" : "<", StringComparison.Ordinal).Replace("{order}", upwards ? "" : " DESC", StringComparison.Ordinal);
    }

    /// <summary>Whether everything the walk gives fits the filter, so that nothing is looked at in vain.</summary>
    public static bool IsExact(EventFilter filter) =>
        filter is { MessageId: null, CustomerId: null, CustomerEmail: null, From: null, To: null }
        && (filter.CampaignId is not null || filter is { Type: null, Verdict: null });

    private static string OfKind((EventType Type, Verdict Verdict) kind) => Range
        .Replace("{type}", ((int)kind.Type).ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
        .Replace("{verdict}", ((int)kind.Verdict).ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);

    // Only opens and clicks have a verdict.
    private static IEnumerable<(EventType Type, Verdict Verdict)> Kinds(EventFilter filter) =>
        from type in filter.Type is { } wanted ? [wanted] : EventTypes.All
        from verdict in Enum.GetValues<Verdict>()
        where (verdict != Verdict.None) == type.IsHit() && (filter.Verdict is null || filter.Verdict == verdict)
        select (type, verdict);
}
