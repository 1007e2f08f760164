using System.Data.Common;
using System.Text.Json;
using ScoreTracking.Api;
using ScoreTracking.Data;
using ScoreTracking.Events;

namespace ScoreTracking.Reports;

/// <summary>Which events of the log; null means any.</summary>
/// <param name="From">Earliest occurrence.</param>
/// <param name="To">First occurrence no longer wanted.</param>
public sealed record EventFilter(
    long? CampaignId, string? CustomerId, string? CustomerEmail, EventType? Type, Verdict? Verdict, DateTimeOffset? From, DateTimeOffset? To);

/// <summary>One event of the log, as the API shows it.</summary>
/// <param name="Verdict">For opens and clicks: who made the hit; null otherwise.</param>
/// <param name="Reasons">The signals behind the verdict.</param>
/// <param name="Counted">False for a repeated pixel load or double click.</param>
/// <param name="Metadata">What was reported with it: url, bounce_type, reason, user_agent and the caller's own members.</param>
public sealed record LoggedEvent(
    string Id,
    string EventType,
    string MessageId,
    string? CampaignId,
    string? CustomerId,
    string CustomerEmail,
    DateTimeOffset OccurredAt,
    DateTimeOffset ReceivedAt,
    string? EspMessageId,
    string? LinkId,
    string? Verdict,
    IReadOnlyList<string> Reasons,
    bool Counted,
    Dictionary<string, object?> Metadata);

/// <summary>The log, newest arrival first, in pages by key.</summary>
public static class EventLogQuery
{
    /// <summary>The list's name in its cursors.</summary>
    public const string List = "events";

    internal const string Columns = """
        SELECT e.id, e.type, e.message_id, e.campaign_id, c.customer_id, m.email, e.occurred_at, e.received_at, m.esp_message_id, e.link_id,
               e.verdict, e.reasons, e.repeat, e.bounce, a.value, l.url, e.detail
        FROM events e JOIN messages m ON m.id = e.message_id JOIN contacts c ON c.id = m.contact_id
        LEFT JOIN user_agents a ON a.id = e.user_agent_id LEFT JOIN links l ON l.id = e.link_id
        """;

    private const string Filters = """
         AND e.id < $before AND ($type IS NULL OR e.type = $type) AND ($verdict IS NULL OR e.verdict = $verdict)
         AND ($from IS NULL OR e.occurred_at >= $from) AND ($to IS NULL OR e.occurred_at < $to)
        ORDER BY e.id DESC LIMIT $limit
        """;

    // A statement per way in, so that each walks the index made for it.
    private const string All = Columns + " WHERE 1 = 1" + Filters;
    private const string OfCampaign = Columns + " WHERE e.campaign_id = $campaign" + Filters;
    private const string OfPerson = Columns + """
         WHERE ($campaign IS NULL OR e.campaign_id = $campaign) AND e.message_id IN (
            SELECT pm.id FROM contacts pc JOIN messages pm ON pm.contact_id = pc.id
            WHERE ($customer IS NULL OR pc.customer_id = $customer) AND ($email IS NULL OR pc.email = $email OR pm.email = $email))
        """ + Filters;

    /// <param name="before">Position the page begins behind, or null for the newest.</param>
    public static async Task<Listing<LoggedEvent>> RunAsync(ScoreDb db, EventFilter filter, long? before, int limit, CancellationToken cancellationToken)
    {
        var sql = filter is { CustomerId: null, CustomerEmail: null } ? filter.CampaignId is null ? All : OfCampaign : OfPerson;
        var events = new List<LoggedEvent>();
        var last = 0L;
        await Sql.ReadAsync(
            db,
            sql,
            [
                ("$campaign", Value(filter.CampaignId)), ("$customer", Value(filter.CustomerId)), ("$email", Value(filter.CustomerEmail)),
                ("$type", Value((int?)filter.Type)), ("$verdict", Value((int?)filter.Verdict)),
                ("$from", Value(filter.From?.ToUnixTimeMilliseconds())), ("$to", Value(filter.To?.ToUnixTimeMilliseconds())),
                ("$before", before ?? long.MaxValue), ("$limit", limit + 1),
            ],
            row =>
            {
                if (events.Count == limit)
                {
                    last = -1;
                    return;
                }

                last = row.GetInt64(0);
                events.Add(Read(row));
            },
            cancellationToken);

        // One row more than asked for says that there is a next page.
        return new Listing<LoggedEvent>(events, last == -1 ? PageCursor.Write(List, LastId(events)) : null);
    }

    private static long LastId(List<LoggedEvent> events) => PublicId.TryEvent(events[^1].Id, out var id) ? id : 0;

    internal static LoggedEvent Read(DbDataReader row)
    {
        var type = (EventType)row.GetInt32(1);
        var verdict = (Verdict)row.GetInt32(10);
        var metadata = new Dictionary<string, object?>(StringComparer.Ordinal);
        ReadDetail(row.IsDBNull(16) ? null : row.GetString(16), metadata);
        Put(metadata, "url", row.IsDBNull(15) ? null : row.GetString(15));
        Put(metadata, "user_agent", row.IsDBNull(14) ? null : row.GetString(14));
        Put(metadata, "bounce_type", type == EventType.Bounced ? ((BounceKind)row.GetInt32(13)).Name() : null);
        return new LoggedEvent(
            PublicId.Event(row.GetInt64(0)),
            type.Name(),
            PublicId.Message(row.GetInt64(2)),
            row.GetInt64(3) == 0 ? null : PublicId.Campaign(row.GetInt64(3)),
            row.IsDBNull(4) ? null : row.GetString(4),
            row.GetString(5),
            DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(6)),
            DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(7)),
            row.IsDBNull(8) ? null : row.GetString(8),
            row.GetInt64(9) == 0 ? null : PublicId.Link(row.GetInt64(9)),
            verdict == Events.Verdict.None ? null : verdict.Name(),
            ReasonNames((VerdictReasons)row.GetInt32(11)),
            row.GetInt64(12) == 0,
            metadata);
    }

    private static string[] ReasonNames(VerdictReasons reasons) =>
        [.. Enum.GetValues<VerdictReasons>().Where(reason => reason != VerdictReasons.None && reasons.HasFlag(reason)).Select(reason => JsonNamingPolicy.SnakeCaseLower.ConvertName(reason.ToString()))];

    private static void ReadDetail(string? detail, Dictionary<string, object?> metadata)
    {
        if (detail is null)
        {
            return;
        }

        using var json = JsonDocument.Parse(detail);
        foreach (var member in json.RootElement.EnumerateObject())
        {
            if (member.NameEquals("metadata"))
            {
                foreach (var own in member.Value.EnumerateObject())
                {
                    metadata[own.Name] = own.Value.Clone();
                }
            }
            else
            {
                metadata[member.Name] = member.Value.Clone();
            }
        }
    }

    private static void Put(Dictionary<string, object?> metadata, string name, string? value)
    {
        if (!string.IsNullOrEmpty(value))
        {
            metadata[name] = value;
        }
    }

    private static object Value(object? value) => value ?? DBNull.Value;
}
