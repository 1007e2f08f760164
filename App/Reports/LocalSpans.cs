using System.Globalization;
using ScoreTracking.Counters;

namespace ScoreTracking.Reports;

/// <summary>How long a row of the timeline is.</summary>
public enum TimelineInterval
{
    Hour,
    Day,

    /// <summary>A quarter of an hour, the finest that is counted: for the first hours of a send.</summary>
    Quarter,
}

/// <summary>UTC quarter hours that share a local hour and offset, or a local date; or one alone.</summary>
/// <param name="Start">Quarter hours since 1970.</param>
/// <param name="End">The first that no longer belongs to it.</param>
/// <param name="Offset">Of <paramref name="Start"/>: a day may end on another.</param>
internal readonly record struct LocalSpan(long Start, long End, TimeSpan Offset)
{
    /// <summary>Its beginning on the zone's clocks: "2026-10-25T02:00+02:00".</summary>
    public string Label => new DateTimeOffset(LocalSpans.TimeOf(Start)).ToOffset(Offset).ToString("yyyy-MM-dd'T'HH:mmzzz", CultureInfo.InvariantCulture);
}

/// <summary>
/// Divides time into the hours and days of a zone by stepping UTC quarter hours, never local times: the autumn night has
/// its repeated hour twice, the spring night leaves one out, and a half-hour change gives a half-hour row.
/// </summary>
internal static class LocalSpans
{
    /// <summary>Longer than any local day or hour.</summary>
    private const long Longest = 2 * 96;

    /// <summary>Whole spans, in order, from the one that holds quarter <paramref name="first"/> to the one that holds <paramref name="last"/>.</summary>
    public static IEnumerable<LocalSpan> Of(TimeZoneInfo zone, TimelineInterval interval, long first, long last)
    {
        var start = first;
        var key = Key(zone, interval, start);
        while (first - start < Longest && Key(zone, interval, start - 1) == key)
        {
            start--;
        }

        while (start <= last)
        {
            var end = start + 1;
            var next = Key(zone, interval, end);
            while (next == key && end - start < Longest)
            {
                end++;
                next = Key(zone, interval, end);
            }

            yield return new LocalSpan(start, end, zone.GetUtcOffset(TimeOf(start)));
            start = end;
            key = next;
        }
    }

    /// <summary>The beginning of a quarter hour.</summary>
    public static DateTime TimeOf(long quarter) => DateTime.UnixEpoch.AddMilliseconds(quarter * Dimension.QuarterMilliseconds);

    /// <summary>How many quarter hours a span usually has; where clocks change it is another number.</summary>
    public static int QuartersIn(TimelineInterval interval) => interval switch
    {
        TimelineInterval.Hour => 4,
        TimelineInterval.Day => 96,
        TimelineInterval.Quarter => 1,
    };

    private static (long Unit, long OffsetTicks) Key(TimeZoneInfo zone, TimelineInterval interval, long quarter)
    {
        var time = TimeOf(quarter);
        var offset = zone.GetUtcOffset(time);
        var local = time.Ticks + offset.Ticks;
        return interval switch
        {
            TimelineInterval.Hour => (local / TimeSpan.TicksPerHour, offset.Ticks),
            TimelineInterval.Day => (local / TimeSpan.TicksPerDay, 0),
            TimelineInterval.Quarter => (quarter, 0),
        };
    }
}
