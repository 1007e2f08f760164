using System.Globalization;
using ScoreTracking.Counters;
using ScoreTracking.Data;
using ScoreTracking.Events;
using ScoreTracking.Live;

namespace ScoreTracking.Reports;

/// <summary>What stands above a campaign's report, and decides which sections it has.</summary>
/// <param name="Recipients">Added so far; once the campaign has started, those dealt to a variant.</param>
/// <param name="StartedAt">Null before the content is locked.</param>
/// <param name="FirstSentAt">The quarter hour of the first message, which may lie before the start where a sender reports late; null before it.</param>
/// <param name="HasEvents">Anything at all was counted.</param>
public sealed record ReportHeader(
    string Name,
    string Status,
    string FromName,
    string FromEmail,
    DateTimeOffset CreatedAt,
    DateTimeOffset? StartedAt,
    DateTimeOffset? FirstSentAt,
    long Recipients,
    bool HasTest,
    bool HasEvents)
{
    public bool IsDraft => Status is CampaignStatus.Draft or CampaignStatus.Scheduled;

    /// <summary>More may happen at any moment, so the report reaches up to now.</summary>
    public bool IsRunning => Status is CampaignStatus.Running or CampaignStatus.Testing;
}

public static class ReportHeaderQuery
{
    // A draft's recipients are not dealt yet, so they are counted; afterwards there may be a million, and the variants know.
    private const string Statement = """
        SELECT name, status, from_name, from_email, created_at, started_at, ab_test IS NOT NULL,
            CASE WHEN started_at = 0
                THEN (SELECT count(*) FROM messages WHERE campaign_id = $campaign)
                ELSE (SELECT coalesce(sum(recipients), 0) FROM variants WHERE campaign_id = $campaign) END,
            EXISTS (SELECT 1 FROM counters WHERE campaign_id = $campaign),
            (SELECT key FROM counters WHERE campaign_id = $campaign AND dimension = $quarter AND type = $sent AND length(key) = 7 ORDER BY key LIMIT 1)
        FROM campaigns WHERE id = $campaign
        """;

    /// <summary>The same for whoever watches.</summary>
    public static LiveQuery<ReportHeader?> Live(long campaignId) => new(
        LiveTopic.Campaign(campaignId), "header", (db, token) => RunAsync(db, campaignId, token));

    /// <returns>Null when there is no such campaign.</returns>
    public static async Task<ReportHeader?> RunAsync(ScoreDb db, long campaignId, CancellationToken cancellationToken)
    {
        ReportHeader? header = null;
        await Sql.ReadAsync(
            db,
            Statement,
            [("$campaign", campaignId), ("$quarter", Dimension.Quarter.Name), ("$sent", (int)EventType.Sent)],
            row => header = new ReportHeader(
                row.GetString(0),
                row.GetString(1),
                row.GetString(2),
                row.GetString(3),
                Time(row.GetInt64(4)),
                row.GetInt64(5) == 0 ? null : Time(row.GetInt64(5)),
                row.IsDBNull(9) ? null : Time(long.Parse(row.GetString(9), CultureInfo.InvariantCulture) * Dimension.QuarterMilliseconds),
                row.GetInt64(7),
                row.GetBoolean(6),
                row.GetBoolean(8)),
            cancellationToken);
        return header;
    }

    private static DateTimeOffset Time(long milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);
}
