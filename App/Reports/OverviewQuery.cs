using System.Data.Common;
using ScoreTracking.Api;
using ScoreTracking.Counters;
using ScoreTracking.Data;
using ScoreTracking.Events;

namespace ScoreTracking.Reports;

/// <summary>What an overview is asked for: the last days of a zone, today included.</summary>
public sealed record OverviewRequest(int Days, TimeZoneInfo Zone, OpensView Opens)
{
    public static readonly IReadOnlyList<int> AllDays = [7, 28, 90];
}

/// <summary>What happened in a period over all campaigns. Each event counts when it happened, each unique at the time of its first: opens of older mail are in it.</summary>
/// <param name="Delivered">Null when the period had no delivery report.</param>
/// <param name="Opened">By the chosen view.</param>
public sealed record OverviewFigures(
    long Sent, long? Delivered, long Opened, long ConfirmedOpened, long Clicked, long Bounced, long Complained, long Unsubscribed)
{
    /// <summary>Of what was sent in the same period; click-to-open of what was opened in it.</summary>
    public Rates Rates => new(
        new Ratio(Opened, Sent), new Ratio(Clicked, Sent), new Ratio(Clicked, Opened), new Ratio(Bounced, Sent), new Ratio(Complained, Sent), new Ratio(Unsubscribed, Sent));
}

/// <param name="From">Midnight of the first day; <paramref name="BeforeFrom"/> that of the period before, which ends as far into its last day as now is into today.</param>
/// <param name="Timeline">Hours for a week, else days.</param>
/// <param name="Campaigns">Running ones first, then the latest.</param>
/// <param name="Trouble">Of all campaigns together, then of single ones, worst first.</param>
public sealed record Overview(
    int Days,
    DateTimeOffset From,
    DateTimeOffset BeforeFrom,
    OverviewFigures Now,
    OverviewFigures Before,
    IReadOnlyList<TimelineRow> Timeline,
    IReadOnlyList<ComparedCampaign> Campaigns,
    IReadOnlyList<DeliveryTrouble> Trouble,
    bool HasCampaigns,
    DateTimeOffset AsOf);

/// <summary>All campaigns at once, from the workspace's own counters: the cost depends on the length of the period, not on how many campaigns there are.</summary>
public static class OverviewQuery
{
    /// <summary>As many as fit beside the figures on one screen.</summary>
    public const int MaxCampaigns = 8;

    private const int MaxTrouble = 10;

    // One aggregate row for any range of quarter hours; a range of the primary key.
    private const string Range = """
        SELECT
            coalesce(sum(uniq) FILTER (WHERE type = $sent), 0),
            coalesce(sum(uniq) FILTER (WHERE type = $delivered), 0),
            coalesce(sum(uniq) FILTER (WHERE type = $opened AND verdict = $person), 0),
            coalesce(sum(uniq) FILTER (WHERE type = $opened AND verdict = $privacy), 0),
            coalesce(sum(total) FILTER (WHERE type = $opened AND verdict = $person), 0),
            coalesce(sum(total) FILTER (WHERE type = $opened AND verdict = $privacy), 0),
            coalesce(sum(uniq) FILTER (WHERE type = $clicked AND verdict = $person), 0),
            coalesce(sum(total) FILTER (WHERE type = $clicked AND verdict = $person), 0),
            coalesce(sum(uniq) FILTER (WHERE type = $bounced), 0),
            coalesce(sum(uniq) FILTER (WHERE type = $complained), 0),
            coalesce(sum(uniq) FILTER (WHERE type = $unsubscribed), 0)
        FROM counters WHERE campaign_id = 0 AND dimension = $workspace AND key >= $first AND key < $end AND length(key) = 7
        """;

    // By id instead of by age: both grow together, and the age lies behind the content in a row.
    private const string Latest = """
        SELECT id FROM campaigns WHERE status NOT IN ('draft', 'scheduled')
        ORDER BY status IN ('running', 'testing') DESC, id DESC LIMIT $limit
        """;

    // Created in the period: the index on created_at gives their ids without reading a row of content. Their whole life is counted,
    // because a complaint is about the mail it answers, whenever that was sent.
    private const string Troubled = """
        SELECT campaign_id, type, uniq FROM counters
        WHERE campaign_id IN (SELECT id FROM campaigns WHERE created_at >= $from)
            AND dimension = $summary AND key = '' AND type IN ($sent, $bounced, $complained) AND verdict = 0
        """;

    /// <summary>About 12 ms for 28 days in which every quarter hour had something, 45 ms for 90; summed from 1,000 campaigns it would be 13 times as much.</summary>
    public static async Task<Overview> RunAsync(ScoreDb db, OverviewRequest request, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var today = LocalDates.DateOf(request.Zone, now);
        var from = LocalDates.StartOf(request.Zone, today.AddDays(1 - request.Days)).ToUniversalTime();
        var beforeFrom = LocalDates.StartOf(request.Zone, today.AddDays(1 - (2 * request.Days))).ToUniversalTime();
        var (first, last) = (QuarterOf(from), QuarterOf(now));
        var interval = request.Days <= 7 ? TimelineInterval.Hour : TimelineInterval.Day;
        await using var snapshot = await Sql.SnapshotAsync(db, cancellationToken);

        var rows = new List<TimelineRow>();
        var sum = new PeriodSum();
        foreach (var span in LocalSpans.Of(request.Zone, interval, first, last))
        {
            var part = await SumAsync(db, span.Start, span.End, cancellationToken);
            sum += part;
            rows.Add(part.ToRow(span, request.Opens));
        }

        var before = QuarterOf(beforeFrom);
        return new Overview(
            request.Days,
            from,
            beforeFrom,
            sum.ToFigures(request.Opens),
            (await SumAsync(db, before, before + (last + 1 - first), cancellationToken)).ToFigures(request.Opens),
            rows,
            await LatestAsync(db, request.Opens, now, cancellationToken),
            await TroubleAsync(db, from, cancellationToken),
            await HasCampaignsAsync(db, cancellationToken),
            now);
    }

    private static async Task<PeriodSum> SumAsync(ScoreDb db, long first, long end, CancellationToken cancellationToken)
    {
        var sum = new PeriodSum();
        await Sql.ReadAsync(
            db,
            Range,
            [
                ("$workspace", Dimension.Workspace.Name), ("$first", Dimension.Workspace.Text(first)), ("$end", Dimension.Workspace.Text(end)),
                ("$sent", (int)EventType.Sent), ("$delivered", (int)EventType.Delivered), ("$opened", (int)EventType.Opened), ("$clicked", (int)EventType.Clicked),
                ("$bounced", (int)EventType.Bounced), ("$complained", (int)EventType.Complained), ("$unsubscribed", (int)EventType.Unsubscribed),
                ("$person", (int)VerdictGroup.Person), ("$privacy", (int)VerdictGroup.Privacy),
            ],
            row => sum = PeriodSum.Read(row),
            cancellationToken);
        return sum;
    }

    private static async Task<List<ComparedCampaign>> LatestAsync(ScoreDb db, OpensView opens, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var ids = new List<long>();
        await Sql.ReadAsync(db, Latest, [("$limit", MaxCampaigns)], row => ids.Add(row.GetInt64(0)), cancellationToken);
        var campaigns = new List<ComparedCampaign>();
        foreach (var id in ids)
        {
            campaigns.Add((await CompareQuery.ReadAsync(db, id, new ReportView(opens, RateBasis.Sent), now, cancellationToken))!);
        }

        return campaigns;
    }

    private static async Task<List<DeliveryTrouble>> TroubleAsync(ScoreDb db, DateTimeOffset from, CancellationToken cancellationToken)
    {
        var counts = new Dictionary<long, (long Sent, long Complained, long Bounced)>();
        await Sql.ReadAsync(
            db,
            Troubled,
            [
                ("$from", from.ToUnixTimeMilliseconds()), ("$summary", Dimension.Summary.Name),
                ("$sent", (int)EventType.Sent), ("$bounced", (int)EventType.Bounced), ("$complained", (int)EventType.Complained),
            ],
            row =>
            {
                var (sent, complained, bounced) = counts.GetValueOrDefault(row.GetInt64(0));
                var count = row.GetInt64(2);
                counts[row.GetInt64(0)] = (EventType)row.GetInt32(1) switch
                {
                    EventType.Sent => (count, complained, bounced),
                    EventType.Complained => (sent, count, bounced),
                    _ => (sent, complained, count),
                };
            },
            cancellationToken);

        var all = counts.Count < 2 ? [] : DeliveryLimits.Of(
            counts.Values.Sum(one => one.Sent), counts.Values.Sum(one => one.Complained), counts.Values.Sum(one => one.Bounced), campaignId: null, name: null).ToList();
        var found = counts
            .SelectMany(campaign => DeliveryLimits.Of(campaign.Value.Sent, campaign.Value.Complained, campaign.Value.Bounced, PublicId.Campaign(campaign.Key), null)
                .Select(trouble => (Id: campaign.Key, Trouble: trouble)))
            .OrderByDescending(one => one.Trouble.Level == "bad").ThenByDescending(one => one.Trouble.Rate.Rate / one.Trouble.Limit).ThenByDescending(one => one.Id)
            .Take(MaxTrouble)
            .ToList();
        foreach (var (id, trouble) in found)
        {
            await Sql.ReadAsync(db, "SELECT name FROM campaigns WHERE id = $campaign", [("$campaign", id)], row => all.Add(trouble with { Name = row.GetString(0) }), cancellationToken);
        }

        return all;
    }

    private static async Task<bool> HasCampaignsAsync(ScoreDb db, CancellationToken cancellationToken)
    {
        var any = false;
        await Sql.ReadAsync(db, "SELECT EXISTS (SELECT 1 FROM campaigns)", [], row => any = row.GetBoolean(0), cancellationToken);
        return any;
    }

    private static long QuarterOf(DateTimeOffset time) => time.ToUnixTimeMilliseconds() / Dimension.QuarterMilliseconds;

    private readonly record struct PeriodSum(
        long Sent, long Delivered, long OpenedPerson, long OpenedPrivacy, long OpensPerson, long OpensPrivacy, long Clicked, long Clicks, long Bounced, long Complained, long Unsubscribed)
    {
        public static PeriodSum operator +(PeriodSum a, PeriodSum b) => new(
            a.Sent + b.Sent, a.Delivered + b.Delivered, a.OpenedPerson + b.OpenedPerson, a.OpenedPrivacy + b.OpenedPrivacy, a.OpensPerson + b.OpensPerson,
            a.OpensPrivacy + b.OpensPrivacy, a.Clicked + b.Clicked, a.Clicks + b.Clicks, a.Bounced + b.Bounced, a.Complained + b.Complained, a.Unsubscribed + b.Unsubscribed);

        public static PeriodSum Read(DbDataReader row) => new(
            row.GetInt64(0), row.GetInt64(1), row.GetInt64(2), row.GetInt64(3), row.GetInt64(4), row.GetInt64(5), row.GetInt64(6), row.GetInt64(7),
            row.GetInt64(8), row.GetInt64(9), row.GetInt64(10));

        public OverviewFigures ToFigures(OpensView opens) => new(
            Sent, Delivered > 0 ? Delivered : null, Opened(opens), OpenedPerson, Clicked, Bounced, Complained, Unsubscribed);

        public TimelineRow ToRow(LocalSpan span, OpensView opens) => new(
            new DateTimeOffset(LocalSpans.TimeOf(span.Start)), span.Label, Sent, OpensPerson + (opens == OpensView.All ? OpensPrivacy : 0), Clicks,
            Delivered, Opened(opens), Clicked, Bounced, Unsubscribed);

        private long Opened(OpensView opens) => OpenedPerson + (opens == OpensView.All ? OpenedPrivacy : 0);
    }
}
