using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using ScoreTracking.Api;
using ScoreTracking.Counters;
using ScoreTracking.Data;
using ScoreTracking.Events;
using ScoreTracking.Experiments;
using ScoreTracking.Live;

namespace ScoreTracking.Reports;

/// <summary>The figures of a whole campaign.</summary>
public sealed record Summary : Figures
{
    [SetsRequiredMembers]
    public Summary(Figures figures, long campaignId, long recipients, Untracked untracked, DateTimeOffset asOf) : base(figures)
    {
        (NotTracked, Anonymous) = (untracked.Messages, untracked.Anonymous);
        CampaignId = PublicId.Campaign(campaignId);
        Recipients = recipients;
        AsOf = asOf;
    }

    /// <summary>Which campaign it is: a listener may hear of several.</summary>
    public string CampaignId { get; }

    /// <summary>Dealt to a variant so far, whether or not anything was sent to them.</summary>
    public long Recipients { get; }

    /// <summary>Mail that went out without pixel and tracked links for want of consent: part of sent, never of opened or clicked.</summary>
    public long NotTracked { get; }

    /// <summary>Opens and clicks counted while the organization tracks nobody by name; in no other figure.</summary>
    public AnonymousCount Anonymous { get; }

    /// <summary>Everything stored before this moment is counted.</summary>
    public DateTimeOffset AsOf { get; }
}

/// <summary>Opens by people and mailboxes, clicks by people, as far as each alone tells who made it.</summary>
public sealed record AnonymousCount(long Opens, long Clicks);

/// <summary>What no message's own figures tell.</summary>
public sealed record Untracked(long Messages, AnonymousCount Anonymous);

public static class SummaryQuery
{
    // Ranges of primary keys only, so the cost does not depend on how many messages there are.
    private static readonly string s_statement = $"""
        SELECT dimension, key, type, verdict, total, uniq FROM counters WHERE campaign_id = $campaign AND dimension IN ($bounce, $summary)
        UNION ALL
        SELECT NULL, '', 0, 0, coalesce(sum(recipients), 0), coalesce(sum(not_tracked), 0) FROM campaigns LEFT JOIN variants ON campaign_id = id WHERE id = $campaign GROUP BY id
        UNION ALL
        SELECT NULL, 'anonymous', type, 0, sum(total), 0 FROM anonymous_hits WHERE campaign_id = $campaign
            AND (verdict = {(int)Verdict.Human} OR (type = {(int)EventType.Opened} AND verdict IN ({(int)Verdict.Proxy}, {(int)Verdict.Privacy}))) GROUP BY type
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
        long notTracked = 0, opens = 0, clicks = 0;
        await Sql.ReadAsync(
            db,
            s_statement,
            [("$campaign", campaignId), ("$bounce", Dimension.Bounce.Name), ("$summary", Dimension.Summary.Name)],
            row =>
            {
                if (row.IsDBNull(0))
                {
                    switch ((EventType)row.GetInt32(2))
                    {
                        case EventType.Opened:
                            opens = row.GetInt64(4);
                            break;
                        case EventType.Clicked:
                            clicks = row.GetInt64(4);
                            break;
                        default:
                            (recipients, notTracked) = (row.GetInt64(4), row.GetInt64(5));
                            break;
                    }
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

        return recipients is { } known ? new Summary(tally.ToFigures(view, tally.HasDeliveries), campaignId, known, new Untracked(notTracked, new AnonymousCount(opens, clicks)), asOf) : null;
    }
}
