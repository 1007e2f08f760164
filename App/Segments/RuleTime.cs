using System.Globalization;

namespace ScoreTracking.Segments;

/// <summary>A time in a rule: a moment, or a whole day in UTC where only a date is given.</summary>
/// <param name="From">Unix milliseconds.</param>
/// <param name="Until">The first millisecond behind it.</param>
internal readonly record struct RuleTime(long From, long Until)
{
    private static readonly string[] s_moments = ["yyyy-MM-ddTHH:mmK", "yyyy-MM-ddTHH:mm:ssK", "yyyy-MM-ddTHH:mm:ss.FFFFFFFK", "yyyy-MM-dd HH:mm", "yyyy-MM-dd HH:mm:ss"];

    /// <summary>Reads 2026-01-31 and 2026-01-31T10:00:00Z; without an offset it is UTC.</summary>
    public static bool TryRead(string text, out RuleTime time)
    {
        const DateTimeStyles utc = DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal;
        if (DateTimeOffset.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, utc, out var day))
        {
            var from = day.ToUnixTimeMilliseconds();
            time = new RuleTime(from, from + (24 * 60 * 60 * 1000));
            return true;
        }

        if (DateTimeOffset.TryParseExact(text, s_moments, CultureInfo.InvariantCulture, utc, out var moment))
        {
            var from = moment.ToUnixTimeMilliseconds();
            time = new RuleTime(from, from + 1);
            return true;
        }

        time = default;
        return false;
    }
}
