using System.Globalization;
using ScoreTracking.Counters;
using ScoreTracking.Data;
using ScoreTracking.Events;
using ScoreTracking.Live;

namespace ScoreTracking.Reports;

/// <summary>What a timeline is asked for.</summary>
/// <param name="Interval">Null for hours where they fit into <paramref name="MaxHours"/>, else days.</param>
/// <param name="From">First moment wanted, or null for the first event. Rows are always whole: the one that holds this moment is the first.</param>
/// <param name="To">First moment no longer wanted, or null for the last event.</param>
/// <param name="MaxHours">The longest range, in hours, for which null chooses hours.</param>
/// <param name="MaxHoursOfQuarters">The longest range, in hours, for which null chooses quarter hours.</param>
public sealed record TimelineRequest(
    TimeZoneInfo Zone,
    TimelineInterval? Interval = null,
    DateTimeOffset? From = null,
    DateTimeOffset? To = null,
    OpensView Opens = OpensView.All,
    int MaxHours = TimelineQuery.MaxRows,
    int MaxHoursOfQuarters = 0);

/// <summary>One local hour, day or quarter of an hour. Each event counts at the time it happened, each unique at the time of its first.</summary>
/// <param name="Label">The same moment as <paramref name="StartUtc"/> on the zone's clocks: "2026-10-25T02:00+02:00".</param>
/// <param name="Opens">Counted opens of the chosen view.</param>
/// <param name="Clicks">Counted clicks of people.</param>
public sealed record TimelineRow(
    DateTimeOffset StartUtc,
    string Label,
    long Sent,
    long Opens,
    long Clicks,
    long Delivered,
    long UniqueOpens,
    long UniqueClicks,
    long Bounced,
    long Unsubscribed);

/// <param name="Interval">The one asked for, or chosen.</param>
public sealed record Timeline(TimelineInterval Interval, IReadOnlyList<TimelineRow> Rows);

public static class TimelineQuery
{
    /// <summary>Enough for a year of hours.</summary>
    public const int MaxRows = 9_000;

    /// <summary>Quarter hours of these times have seven digits, so they sort as text; what lies outside is a reporter's broken clock and not shown.</summary>
    public static readonly DateTimeOffset Earliest = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);
    public static readonly DateTimeOffset Latest = new(2200, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private const string Statement = """
        SELECT key, type, verdict, total, uniq FROM counters
        WHERE campaign_id = $campaign AND dimension = $quarter AND key >= $first AND key < $end AND length(key) = 7
        ORDER BY key
        """;

    /// <summary>The same for whoever watches; a range that reaches up to now moves along.</summary>
    public static LiveQuery<Timeline?> Live(long campaignId, ReportFilter filter, ReportHeader header, TimeZoneInfo zone, TimeProvider clock)
    {
        // Only what the chart depends on, so that those who differ in other switches share it.
        var shown = filter with { View = filter.View with { Basis = default }, Metric = default };
        return new(
            LiveTopic.Campaign(campaignId),
            ("timeline", shown, zone.Id, header.IsRunning, header.FirstSentAt),
            (db, token) => RunAsync(db, campaignId, shown.Request(header, zone, clock.GetUtcNow()), token));
    }

    /// <summary>Zero-filled rows without gaps; none without events or for an unknown campaign. About 1 ms for a week.</summary>
    /// <returns>Null when there would be more than <see cref="MaxRows"/>: ask for days or for a shorter range.</returns>
    public static async Task<Timeline?> RunAsync(ScoreDb db, long campaignId, TimelineRequest request, CancellationToken cancellationToken)
    {
        var quarters = await ReadAsync(db, campaignId, request, cancellationToken);
        if (quarters.Count == 0 && (request.From is null || request.To is null))
        {
            return new Timeline(request.Interval ?? TimelineInterval.Hour, []);
        }

        var first = request.From is { } from ? QuarterOf(from) : quarters[0].Quarter;
        var last = request.To is { } to ? QuarterOf(to.AddTicks(-1)) : quarters[^1].Quarter;
        var hours = ((last - first) / 4) + 1;
        var interval = request.Interval
            ?? (hours <= request.MaxHoursOfQuarters ? TimelineInterval.Quarter : hours <= request.MaxHours ? TimelineInterval.Hour : TimelineInterval.Day);
        if (hours * 4 / LocalSpans.QuartersIn(interval) > MaxRows)
        {
            return null;
        }

        return new Timeline(interval, Rows(LocalSpans.Of(request.Zone, interval, first, last), quarters));
    }

    private static async Task<List<QuarterCount>> ReadAsync(ScoreDb db, long campaignId, TimelineRequest request, CancellationToken cancellationToken)
    {
        // A row may begin a day before the first moment asked for, and end a day after the last.
        var first = request.From is { } from ? Later(from.AddDays(-2), Earliest) : Earliest;
        var end = request.To is { } to && to.AddDays(2) < Latest ? to.AddDays(2) : Latest;
        var quarters = new List<QuarterCount>();
        await Sql.ReadAsync(
            db,
            Statement,
            [("$campaign", campaignId), ("$quarter", Dimension.Quarter.Name), ("$first", Key(first)), ("$end", Key(end))],
            row =>
            {
                var quarter = long.Parse(row.GetString(0), CultureInfo.InvariantCulture);
                if (quarters.Count == 0 || quarters[^1].Quarter != quarter)
                {
                    quarters.Add(new QuarterCount(quarter));
                }

                quarters[^1].Add((EventType)row.GetInt32(1), (VerdictGroup)row.GetInt32(2), row.GetInt64(3), row.GetInt64(4), request.Opens);
            },
            cancellationToken);

        quarters.RemoveAll(quarter => quarter.IsEmpty);
        return quarters;
    }

    private static List<TimelineRow> Rows(IEnumerable<LocalSpan> spans, List<QuarterCount> quarters)
    {
        var rows = new List<TimelineRow>();
        var next = 0;
        foreach (var span in spans)
        {
            var sum = new QuarterCount(span.Start);
            while (next < quarters.Count && quarters[next].Quarter < span.End)
            {
                if (quarters[next].Quarter >= span.Start)
                {
                    sum.Add(quarters[next]);
                }

                next++;
            }

            rows.Add(sum.ToRow(span));
        }

        return rows;
    }

    private static DateTimeOffset Later(DateTimeOffset a, DateTimeOffset b) => a > b ? a : b;

    private static long QuarterOf(DateTimeOffset time) => time.ToUnixTimeMilliseconds() / Dimension.QuarterMilliseconds;

    private static string Key(DateTimeOffset time) => Dimension.Quarter.Text(QuarterOf(time));
}
