using System.Globalization;

namespace ScoreTracking.Journeys.Editor;

/// <summary>A length of time as it is typed: a number and a unit.</summary>
public sealed record WaitForm(decimal Count, string Unit)
{
    /// <summary>From the shortest to the longest: seconds each, and what it is called.</summary>
    public static readonly IReadOnlyList<(string Unit, decimal Seconds)> Units = [("seconds", 1), ("minutes", 60), ("hours", 3_600), ("days", 86_400), ("weeks", 604_800)];

    /// <summary>In the longest unit it is a whole number of; weeks only from two.</summary>
    public static WaitForm Of(TimeSpan time)
    {
        var seconds = (decimal)time.TotalSeconds;
        if (seconds == 0)
        {
            return new WaitForm(0, "days");
        }

        var (unit, length) = Units.Last(one => seconds % one.Seconds == 0 && (one.Unit != "weeks" || Math.Abs(seconds) >= 2 * one.Seconds) || one.Unit == "seconds");
        return new WaitForm(seconds / length, unit);
    }

    /// <summary>Null where that is no length of time.</summary>
    public static TimeSpan? Read(string? count, string unit)
    {
        if (!decimal.TryParse(count, NumberStyles.Number, CultureInfo.InvariantCulture, out var number) || Units.FirstOrDefault(one => one.Unit == unit).Seconds is not (> 0 and var length))
        {
            return null;
        }

        // A hundred years, so that too long a wait is refused by the rules, in words, and not here.
        return Math.Abs(number) * length <= 3_200_000_000m ? TimeSpan.FromSeconds((double)Math.Round(number * length)) : TimeSpan.FromSeconds(Math.Sign(number) * 3_200_000_000d);
    }

    /// <summary>"3 days", "1 day 4 hours".</summary>
    public static string Words(TimeSpan time)
    {
        var left = Math.Abs((long)time.TotalSeconds);
        if (left == 0)
        {
            return "no time";
        }

        var parts = new List<string>();
        foreach (var (unit, length) in Units.Reverse().Where(one => one.Unit != "weeks" || (left % 604_800 == 0 && left > 604_800)))
        {
            var count = left / (long)length;
            left %= (long)length;
            if (count > 0)
            {
                parts.Add(Components.Numerals.Count(count, unit[..^1], unit));
            }
        }

        return string.Join(' ', parts);
    }
}
