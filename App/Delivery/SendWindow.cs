using System.Globalization;

namespace ScoreTracking.Delivery;

/// <summary>
/// The hours of the week in which mail may leave, by the clocks on the wall: an hour that a clock change repeats is open twice,
/// one that it skips not at all. Pure.
/// </summary>
/// <param name="Days">Days on which it opens, at least one.</param>
/// <param name="From">Minute of the day at which it opens, 0 to 1439.</param>
/// <param name="To">Minute of the day before which it closes, 1 to 1440; below <paramref name="From"/>, it is one of the next day.</param>
public sealed record SendWindow(IReadOnlySet<DayOfWeek> Days, int From, int To)
{
    public const int MinutesOfDay = 24 * 60;

    /// <summary>A week, and another one for a window whose only hour a clock change skips.</summary>
    private const int Horizon = 15;

    /// <summary>Every offset changes at a whole quarter of an hour of UTC.</summary>
    private static readonly TimeSpan s_step = TimeSpan.FromMinutes(15);

    private static readonly TimeSpan s_day = TimeSpan.FromDays(1);

    /// <summary>Days of the week from Monday on.</summary>
    public static IReadOnlyList<DayOfWeek> Week { get; } =
        [DayOfWeek.Monday, DayOfWeek.Tuesday, DayOfWeek.Wednesday, DayOfWeek.Thursday, DayOfWeek.Friday, DayOfWeek.Saturday, DayOfWeek.Sunday];

    /// <summary>A window as people read it: "Mon–Fri, 08:00–18:00".</summary>
    public string Words => $"{DayWords}, {Text(From)}–{Text(To)}";

    private string DayWords
    {
        get
        {
            var first = Week.TakeWhile(day => !Days.Contains(day)).Count();
            var last = Week.Count - 1 - Week.Reverse().TakeWhile(day => !Days.Contains(day)).Count();
            return Days.Count == Week.Count ? "every day"
                : Days.Count > 2 && last - first + 1 == Days.Count ? $"{Short(Week[first])}–{Short(Week[last])}"
                : string.Join(", ", Week.Where(Days.Contains).Select(Short));

            static string Short(DayOfWeek day) => day.ToString()[..3];
        }
    }

    /// <summary>A minute of the day as written: "08:05"; the end of the day is "24:00".</summary>
    public static string Text(int minute) => string.Create(CultureInfo.InvariantCulture, $"{minute / 60:00}:{minute % 60:00}");

    public bool IsOpen(DateTimeOffset at, TimeZoneInfo zone)
    {
        var local = TimeZoneInfo.ConvertTime(at, zone);
        var minute = local.TimeOfDay.TotalMinutes;
        return To > From
            ? Days.Contains(local.DayOfWeek) && minute >= From && minute < To
            : (Days.Contains(local.DayOfWeek) && minute >= From) || (Days.Contains(local.AddDays(-1).DayOfWeek) && minute < To);
    }

    /// <summary>The moment itself where it is open then; else the next one at which it opens.</summary>
    public DateTimeOffset NextOpen(DateTimeOffset at, TimeZoneInfo zone) =>
        IsOpen(at, zone) ? at : Change(at, zone, opens: true) ?? throw new InvalidOperationException("A window without a day never opens.");

    /// <summary>When it next closes; null where it never does.</summary>
    public DateTimeOffset? NextClose(DateTimeOffset at, TimeZoneInfo zone) => IsOpen(at, zone) ? Change(at, zone, opens: false) : at;

    /// <summary>When so much work is done that goes on only while it is open.</summary>
    /// <returns>Null where that is more than <paramref name="most"/> away.</returns>
    public DateTimeOffset? Finish(DateTimeOffset start, TimeSpan work, TimeZoneInfo zone, TimeSpan most)
    {
        for (var at = NextOpen(start, zone); at - start <= most;)
        {
            var closes = NextClose(at, zone);
            if (closes is null || closes.Value - at >= work)
            {
                return at + work;
            }

            work -= closes.Value - at;
            at = NextOpen(closes.Value, zone);
        }

        return null;
    }

    // It changes only where the clock shows one of its ends or midnight, or where the clock itself is changed.
    private DateTimeOffset? Change(DateTimeOffset after, TimeZoneInfo zone, bool opens)
    {
        var first = DateTimeOffset.MaxValue;
        var day = TimeZoneInfo.ConvertTime(after, zone).Date;
        for (var i = -1; i <= Horizon; i++)
        {
            foreach (var minute in (ReadOnlySpan<int>)[0, From, To])
            {
                foreach (var moment in Moments(day.AddDays(i).AddMinutes(minute), zone))
                {
                    Consider(moment);
                }
            }
        }

        var utc = new DateTimeOffset(after.UtcDateTime.Date, TimeSpan.Zero);
        for (var i = 0; i <= Horizon; i++, utc += s_day)
        {
            if (zone.GetUtcOffset(utc) != zone.GetUtcOffset(utc + s_day))
            {
                for (var moment = utc; moment <= utc + s_day; moment += s_step)
                {
                    Consider(moment);
                }
            }
        }

        return first < DateTimeOffset.MaxValue ? first : null;

        void Consider(DateTimeOffset moment)
        {
            if (moment > after && moment < first && IsOpen(moment, zone) == opens)
            {
                first = moment;
            }
        }
    }

    /// <summary>When a clock on the wall shows this: once, or twice, or never.</summary>
    private static IEnumerable<DateTimeOffset> Moments(DateTime local, TimeZoneInfo zone) =>
        zone.IsInvalidTime(local) ? []
        : zone.IsAmbiguousTime(local) ? zone.GetAmbiguousTimeOffsets(local).Select(offset => new DateTimeOffset(local, offset).ToUniversalTime())
        : [new DateTimeOffset(local, zone.GetUtcOffset(local)).ToUniversalTime()];
}
