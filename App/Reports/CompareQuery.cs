using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using ScoreTracking.Api;
using ScoreTracking.Counters;
using ScoreTracking.Data;
using ScoreTracking.Events;
using ScoreTracking.Experiments;
using ScoreTracking.Experiments.Statistics;

namespace ScoreTracking.Reports;

/// <summary>A campaign beside others: the figures of its report, and how it went from its first message on.</summary>
public sealed record ComparedCampaign : Figures
{
    [SetsRequiredMembers]
    internal ComparedCampaign(Figures figures, long id, string name, string status, DateTimeOffset? firstSentAt, IReadOnlyList<HourSinceSend> sinceSend)
        : base(figures)
    {
        Id = PublicId.Campaign(id);
        Name = name;
        Status = status;
        FirstSentAt = firstSentAt;
        SinceSend = sinceSend;
    }

    public string Id { get; }
    public string Name { get; }
    public string Status { get; }

    /// <summary>The quarter hour of the first message; null before it.</summary>
    public DateTimeOffset? FirstSentAt { get; }

    /// <summary>Rates in which it is better than all others by more than chance.</summary>
    public IReadOnlyList<string> Best { get; init; } = [];

    /// <summary>Hour by hour from <see cref="FirstSentAt"/>, at most <see cref="CompareQuery.MaxHours"/>, none in the future.</summary>
    public IReadOnlyList<HourSinceSend> SinceSend { get; }
}

/// <summary>One hour of a campaign, counted from its first message.</summary>
/// <param name="Hour">0 is the first.</param>
/// <param name="Opens">Counted opens of the chosen view.</param>
public sealed record HourSinceSend(int Hour, long Sent, long Opens, long Clicks, long UniqueOpens, long UniqueClicks);

/// <summary>Campaigns side by side.</summary>
public static class CompareQuery
{
    public const int MinCampaigns = 2;
    public const int MaxCampaigns = 10;

    /// <summary>Three days: what a mail makes people do it does in the first two.</summary>
    public const int MaxHours = 72;

    /// <summary>How sure a difference must be before a rate is called the best.</summary>
    public const double MinProbability = 0.95;

    private const string Header = """
        SELECT name, status,
            (SELECT key FROM counters WHERE campaign_id = $campaign AND dimension = $quarter AND type = $sent AND length(key) = 7 ORDER BY key LIMIT 1)
        FROM campaigns WHERE id = $campaign
        """;

    private const string Quarters = """
        SELECT CAST(key AS INTEGER), type, verdict, total, uniq FROM counters
        WHERE campaign_id = $campaign AND dimension = $quarter AND key >= $first AND key < $end AND length(key) = 7
        """;

    // Named as members of rates in the API; more is better for the first three.
    private static readonly (string Name, Func<Rates, Ratio> Of, bool MoreIsBetter)[] s_rates =
    [
        ("open", rates => rates.Open, true),
        ("click", rates => rates.Click, true),
        ("click_to_open", rates => rates.ClickToOpen, true),
        ("bounce", rates => rates.Bounce, false),
        ("complaint", rates => rates.Complaint, false),
        ("unsubscribe", rates => rates.Unsubscribe, false),
    ];

    /// <summary>In the order asked for; those that do not exist are left out. About 1 ms a campaign.</summary>
    public static async Task<IReadOnlyList<ComparedCampaign>> RunAsync(
        ScoreDb db, IReadOnlyList<long> ids, ReportView view, DateTimeOffset asOf, CancellationToken cancellationToken)
    {
        var campaigns = new List<ComparedCampaign>();
        await using var snapshot = await Sql.SnapshotAsync(db, cancellationToken);
        foreach (var id in ids)
        {
            if (await ReadAsync(db, id, view, asOf, cancellationToken) is { } campaign)
            {
                campaigns.Add(campaign);
            }
        }

        return Marked(campaigns);
    }

    /// <returns>Null when there is no such campaign.</returns>
    internal static async Task<ComparedCampaign?> ReadAsync(ScoreDb db, long id, ReportView view, DateTimeOffset asOf, CancellationToken cancellationToken)
    {
        (string Name, string Status, long? First)? header = null;
        (string, object)[] parameters = [("$campaign", id), ("$quarter", Dimension.Quarter.Name)];
        await Sql.ReadAsync(
            db,
            Header,
            [.. parameters, ("$sent", (int)EventType.Sent)],
            row => header = (row.GetString(0), row.GetString(1), row.IsDBNull(2) ? null : long.Parse(row.GetString(2), CultureInfo.InvariantCulture)),
            cancellationToken);
        if (header is not var (name, status, first) || await SummaryQuery.RunAsync(db, id, view, asOf, cancellationToken) is not { } summary)
        {
            return null;
        }

        if (first is not { } start)
        {
            return new ComparedCampaign(summary, id, name, status, null, []);
        }

        var hours = HoursUntil(start, asOf);
        await Sql.ReadAsync(
            db,
            Quarters,
            [.. parameters, ("$first", Dimension.Quarter.Text(start)), ("$end", Dimension.Quarter.Text(start + (hours.Length * 4)))],
            row => hours[(row.GetInt64(0) - start) / 4].Add(
                (EventType)row.GetInt32(1), (VerdictGroup)row.GetInt32(2), row.GetInt64(3), row.GetInt64(4), view.Opens),
            cancellationToken);
        return new ComparedCampaign(
            summary, id, name, status, new DateTimeOffset(LocalSpans.TimeOf(start)), [.. hours.Select((hour, i) => hour.ToHour(i))]);
    }

    private static QuarterCount[] HoursUntil(long start, DateTimeOffset asOf)
    {
        var passed = (asOf - new DateTimeOffset(LocalSpans.TimeOf(start))).TotalHours;
        return [.. Enumerable.Range(0, (int)Math.Clamp(Math.Ceiling(passed), 1, MaxHours)).Select(hour => new QuarterCount(start + (4 * hour)))];
    }

    private static List<ComparedCampaign> Marked(List<ComparedCampaign> campaigns)
    {
        var best = campaigns.ConvertAll(_ => new List<string>());
        foreach (var (name, of, more) in s_rates)
        {
            var known = Enumerable.Range(0, campaigns.Count).Where(i => of(campaigns[i].Rates).Denominator > 0).ToList();
            if (known.Count < 2)
            {
                continue;
            }

            var standings = AbStatistics.Compare([.. known.Select(i =>
            {
                var ratio = of(campaigns[i].Rates);
                return new Trial(more ? ratio.Numerator : ratio.Denominator!.Value - ratio.Numerator, ratio.Denominator!.Value);
            })]);
            var leader = Enumerable.Range(0, known.Count).MaxBy(i => standings[i].PBest);
            if (standings[leader].PBest >= MinProbability)
            {
                best[known[leader]].Add(name);
            }
        }

        return [.. campaigns.Select((campaign, i) => campaign with { Best = best[i] })];
    }
}
