using System.Globalization;
using ScoreTracking.Experiments;

namespace ScoreTracking.Reports;

/// <summary>Which part of its time the report's chart shows.</summary>
public enum TimeRange
{
    /// <summary>From the first message on.</summary>
    SinceSend,
    LastDay,
    LastWeek,
    LastFourWeeks,

    /// <summary>Between two moments the viewer marked.</summary>
    Custom,
}

/// <summary>
/// How the report page is looked at. All of it stands in the address, so that Back, bookmarks and shares work. What an
/// address says wrongly means the default: people mend addresses by hand.
/// </summary>
/// <param name="From">First moment of a custom range; null for its open end. The same for <paramref name="To"/>, which is the first moment no longer shown.</param>
/// <param name="Interval">Null leaves the choice to the length of the range.</param>
public sealed record ReportFilter(
    ReportView View, TimeRange Range, DateTimeOffset? From, DateTimeOffset? To, TimelineInterval? Interval, TestMetric Metric)
{
    /// <summary>Two weeks: more columns than that are not told apart on a screen.</summary>
    public const int MaxHoursByDefault = 14 * 24;

    /// <summary>Half a day: the first hours of a send are worth a closer look.</summary>
    public const int MaxHoursOfQuarters = 12;

    /// <summary>A month, and the half day by which its ends may stick out.</summary>
    public const int MaxHours = (31 * 24) + 12;

    /// <summary>As the address has it. A custom range stands there as its two moments, so its name is never read.</summary>
    public string RangeName => Range switch
    {
        TimeRange.SinceSend => "send",
        TimeRange.LastDay => "24h",
        TimeRange.LastWeek => "7d",
        TimeRange.LastFourWeeks => "28d",
        TimeRange.Custom => "custom",
    };

    public string IntervalName => Interval is { } interval ? interval == TimelineInterval.Hour ? "hour" : "day" : "auto";

    public static ReportFilter Read(string? opens, string? basis, string? range, string? from, string? to, string? interval, string? metric)
    {
        var ignored = new Dictionary<string, string[]>();
        var first = ReportEndpoints.Time("from", from, ignored);
        var end = ReportEndpoints.Time("to", to, ignored);
        var isCustom = (first is not null || end is not null) && !(first >= end);
        return new ReportFilter(
            ReportView.Read(opens, basis, ignored),
            isCustom ? TimeRange.Custom : RangeOf(range),
            isCustom ? first : null,
            isCustom ? end : null,
            interval switch { "hour" => TimelineInterval.Hour, "day" => TimelineInterval.Day, _ => null },
            TestMetrics.TryParse(metric, out var chosen) ? chosen : TestMetric.ClickRate);
    }

    /// <summary>A moment as the address carries it.</summary>
    public static string Moment(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm'Z'", CultureInfo.InvariantCulture);

    /// <param name="now">Where a running campaign's chart ends.</param>
    public TimelineRequest Request(ReportHeader header, TimeZoneInfo zone, DateTimeOffset now)
    {
        (DateTimeOffset? from, DateTimeOffset? to) = Range switch
        {
            TimeRange.SinceSend => (header.FirstSentAt, header.IsRunning ? now : null),
            TimeRange.LastDay => (now.AddDays(-1), now),
            TimeRange.LastWeek => (now.AddDays(-7), now),
            TimeRange.LastFourWeeks => (now.AddDays(-28), now),
            TimeRange.Custom => (From, To),
        };

        // Hours of a whole year would be thousands of columns: on screen they become days.
        return new TimelineRequest(
            zone,
            Interval == TimelineInterval.Day ? TimelineInterval.Day : null,
            from,
            from >= to ? null : to,
            View.Opens,
            Interval == TimelineInterval.Hour ? MaxHours : MaxHoursByDefault,
            Interval is null ? MaxHoursOfQuarters : 0);
    }

    private static TimeRange RangeOf(string? range) => range switch
    {
        "24h" => TimeRange.LastDay,
        "7d" => TimeRange.LastWeek,
        "28d" => TimeRange.LastFourWeeks,
        _ => TimeRange.SinceSend,
    };
}
