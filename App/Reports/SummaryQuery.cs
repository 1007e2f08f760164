using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using ScoreTracking.Api;
using ScoreTracking.Counters;
using ScoreTracking.Data;
using ScoreTracking.Events;
using ScoreTracking.Live;

namespace ScoreTracking.Reports;

/// <summary>The figures of a whole campaign.</summary>
public sealed record Summary : Figures
{
    [SetsRequiredMembers]
    public Summary(Figures figures, long campaignId, long recipients, DateTimeOffset asOf) : base(figures)
    {
        CampaignId = PublicId.Campaign(campaignId);
        Recipients = recipients;
        AsOf = asOf;
    }

    /// <summary>Which campaign it is: a listener may hear of several.</summary>
    public string CampaignId { get; }

    /// <summary>Dealt to a variant so far, whether or not anything was sent to them.</summary>
    public long Recipients { get; }

    /// <summary>Everything stored before this moment is counted.</summary>
    public DateTimeOffset AsOf { get; }
}

public static class SummaryQuery
{
    // Ranges of primary keys only, so the cost does not depend on how many messages there are.
    private const string Statement = """
        SELECT dimension, key, type, verdict, total, uniq FROM counters WHERE campaign_id = $campaign AND dimension IN ($bounce, $summary)
        UNION ALL
        SELECT NULL, '', 0, 0, coalesce((SELECT sum(recipients) FROM variants WHERE campaign_id = $campaign), 0), 0 FROM campaigns WHERE id = $campaign
        """;

    /// <summary>The same for whoever watches: one read for all viewers of a campaign with these switches.</summary>
    public static LiveQuery<Summary?> Live(long campaignId, ReportView view, TimeProvider clock) => new(
        LiveTopic.Campaign(campaignId), ("summary", view), (db, token) => RunAsync(db, campaignId, view, clock.GetUtcNow(), token));

    /// <returns>Null when there is no such campaign.</returns>
    public static async Task<Summary?> RunAsync(
        ScoreDb db, long campaignId, ReportView view, DateTimeOffset asOf, CancellationToken cancellationToken)
    {
        var tally = new FigureTally();
        long? recipients = null;
        await Sql.ReadAsync(
            db,
            Statement,
            [("$campaign", campaignId), ("$bounce", Dimension.Bounce.Name), ("$summary", Dimension.Summary.Name)],
            row =>
            {
                if (row.IsDBNull(0))
                {
                    recipients = row.GetInt64(4);
                }
                else if (row.GetString(0) == Dimension.Bounce.Name)
                {
                    tally.AddBounced((BounceKind)int.Parse(row.GetString(1), CultureInfo.InvariantCulture), row.GetInt64(5));
                }
                else
                {
                    tally.Add((EventType)row.GetInt32(2), (VerdictGroup)row.GetInt32(3), row.GetInt64(4), row.GetInt64(5));
                }
            },
            cancellationToken);

        return recipients is { } known ? new Summary(tally.ToFigures(view, tally.HasDeliveries), campaignId, known, asOf) : null;
    }
}
