using System.Globalization;

namespace ScoreTracking.Charts;

/// <summary>
/// Labels for steps of time. A step is told by wall time and offset together: in the autumn night one hour comes twice, in
/// the spring night one is missing, and a label that only says 01:00 would be wrong once.
/// </summary>
public static class TimeAxis
{
    private const int MaxTicks = 8;
    private static readonly int[] HourSteps = [1, 2, 3, 6, 12];
    private static readonly int[] DaySteps = [1, 2, 7, 14, 28];

    /// <param name="starts">Where each step begins, in the zone shown, in order.</param>
    /// <param name="byDay">Steps are whole days: their labels name no time.</param>
    public static IReadOnlyList<ChartLabel> Labels(IReadOnlyList<DateTimeOffset> starts, bool byDay = false)
    {
        if (starts.Count == 0)
        {
            return [];
        }

        var twice = starts.GroupBy(start => start.DateTime).Where(same => same.Count() > 1).Select(same => same.Key).ToHashSet();
        var (isTick, namesDays) = Ticks(starts, byDay);
        var labels = new ChartLabel[starts.Count];
        var ticks = 0;
        for (var i = 0; i < starts.Count; i++)
        {
            // The second 01:00 of an autumn night gets no tick of its own.
            var tick = isTick(starts[i]) && (i == 0 || starts[i].DateTime != starts[i - 1].DateTime) ? Short(starts[i], namesDays) : null;
            labels[i] = new ChartLabel(Full(starts[i], byDay, twice.Contains(starts[i].DateTime)), tick, tick is not null && ticks % 2 == 0);
            ticks += tick is null ? 0 : 1;
        }

        return labels;
    }

    private static string Full(DateTimeOffset start, bool byDay, bool twice)
    {
        var day = start.ToString("ddd d MMM yyyy", CultureInfo.InvariantCulture);
        if (byDay)
        {
            return day;
        }

        var time = start.ToString("HH:mm", CultureInfo.InvariantCulture);
        return twice ? $"{day}, {time} (UTC{start.ToString("zzz", CultureInfo.InvariantCulture)})" : $"{day}, {time}";
    }

    private static string Short(DateTimeOffset start, bool namesDays) =>
        start.ToString(namesDays || start.TimeOfDay == TimeSpan.Zero ? "d MMM" : "HH:mm", CultureInfo.InvariantCulture);

    private static (Func<DateTimeOffset, bool> IsTick, bool NamesDays) Ticks(IReadOnlyList<DateTimeOffset> starts, bool byDay)
    {
        var hours = (starts[^1] - starts[0]).TotalHours + 1;
        if (!byDay && HourSteps.FirstOrDefault(step => hours / step <= MaxTicks) is > 0 and var hourStep)
        {
            return (start => start.Minute == 0 && start.Hour % hourStep == 0, false);
        }

        var days = hours / 24;
        var dayStep = DaySteps.FirstOrDefault(step => days / step <= MaxTicks, (int)Math.Ceiling(days / MaxTicks / 28) * 28);
        var first = DateOnly.FromDateTime(starts[0].DateTime).DayNumber + (starts[0].TimeOfDay == TimeSpan.Zero ? 0 : 1);
        var seen = -1;
        return (start =>
        {
            // The day's first step, which is 01:00 where clocks change at midnight.
            var day = DateOnly.FromDateTime(start.DateTime).DayNumber;
            var isNew = day != seen && day >= first && (day - first) % dayStep == 0;
            seen = day;
            return isNew;
        }, true);
    }
}
