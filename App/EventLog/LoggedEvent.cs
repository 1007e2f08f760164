using System.Data.Common;
using System.Text.Json;
using ScoreTracking.Api;
using ScoreTracking.Events;

namespace ScoreTracking.EventLog;

/// <summary>Where a hit came from; "" for what is not known of it.</summary>
/// <param name="Country">ISO 3166 alpha-2.</param>
public sealed record EventGeo(string Country, string Region, string City);

/// <summary>What a hit was made with; "" for what is not known of it.</summary>
/// <param name="Device">desktop, mobile or tablet.</param>
public sealed record EventClient(string Name, string Device, string Browser, string Os);

/// <summary>One event of the log, as the API shows it.</summary>
/// <param name="LinkLabel">The words of the clicked link.</param>
/// <param name="Verdict">For opens and clicks: who made the hit; null otherwise.</param>
/// <param name="Reasons">The signals behind the verdict.</param>
/// <param name="Counted">False for a repeated pixel load or double click.</param>
/// <param name="Geo">Where the hit came from; null where nothing is known, as of every proxy.</param>
/// <param name="Client">What it was made with; null where nothing is known.</param>
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
    string? LinkLabel,
    string? Verdict,
    IReadOnlyList<string> Reasons,
    bool Counted,
    EventGeo? Geo,
    EventClient? Client,
    Dictionary<string, object?> Metadata)
{
    /// <summary>The columns <see cref="Read"/> expects, in order.</summary>
    internal const string Columns = """
        e.id, e.type, e.message_id, e.campaign_id, c.customer_id, m.email, e.occurred_at, e.received_at, m.esp_message_id, e.link_id,
        e.verdict, e.reasons, e.repeat, e.bounce, a.value, l.url, e.detail, l.label,
        p.country, p.region, p.city, t.client, t.device, t.browser, t.os
        """;

    /// <summary>What an event e refers to. In this order, so that the walk's is kept.</summary>
    internal const string Joins = """
        CROSS JOIN messages m ON m.id = e.message_id CROSS JOIN contacts c ON c.id = m.contact_id
        LEFT JOIN user_agents a ON a.id = e.user_agent_id LEFT JOIN links l ON l.id = e.link_id
        LEFT JOIN places p ON p.id = e.place_id LEFT JOIN clients t ON t.id = e.client_id
        """;

    internal static LoggedEvent Read(DbDataReader row)
    {
        var type = (EventType)row.GetInt32(1);
        var verdict = (Verdict)row.GetInt32(10);
        var metadata = new Dictionary<string, object?>(StringComparer.Ordinal);
        ReadDetail(row.IsDBNull(16) ? null : row.GetString(16), metadata);
        Put(metadata, "url", Text(row, 15));
        Put(metadata, "user_agent", Text(row, 14));
        Put(metadata, "bounce_type", type == Events.EventType.Bounced ? ((BounceKind)row.GetInt32(13)).Name() : null);
        return new LoggedEvent(
            PublicId.Event(row.GetInt64(0)),
            type.Name(),
            PublicId.Message(row.GetInt64(2)),
            row.GetInt64(3) == 0 ? null : PublicId.Campaign(row.GetInt64(3)),
            Text(row, 4),
            row.GetString(5),
            DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(6)),
            DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(7)),
            Text(row, 8),
            row.GetInt64(9) == 0 ? null : PublicId.Link(row.GetInt64(9)),
            Text(row, 17),
            verdict == Events.Verdict.None ? null : verdict.Name(),
            ((VerdictReasons)row.GetInt32(11)).Names(),
            row.GetInt64(12) == 0,
            row.IsDBNull(18) ? null : new EventGeo(row.GetString(18), row.GetString(19), row.GetString(20)),
            row.IsDBNull(21) ? null : new EventClient(row.GetString(21), row.GetString(22), row.GetString(23), row.GetString(24)),
            metadata);
    }

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

    private static string? Text(DbDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);
}
