using System.Globalization;
using System.Text.RegularExpressions;

namespace ScoreTracking.Mail;

/// <summary>Dates of header fields: RFC 5322 with what the years have left in it, such as two-digit years and zones by name.</summary>
internal static partial class MailDate
{
    private const string Months = "janfebmaraprmayjunjulaugsepoctnovdec";

    /// <returns>In UTC, or null where there is no date. A zone nobody knows is read as UTC.</returns>
    public static DateTimeOffset? Parse(string? field)
    {
        if (field is null || Date().Match(MailLines.Cut(field, 100)) is not { Success: true } match)
        {
            return null;
        }

        var month = Months.IndexOf(match.Groups["month"].Value, StringComparison.OrdinalIgnoreCase);
        var (day, year, hour, minute, second) = (Number("day"), Number("year"), Number("hour"), Number("minute"), Math.Min(Number("second"), 59));
        year += match.Groups["year"].Length > 2 ? 0 : year < 50 ? 2000 : 1900;
        if (month < 0 || month % 3 != 0 || year is < 1970 or > 9998 || day < 1 || day > DateTime.DaysInMonth(year, (month / 3) + 1) || hour > 23 || minute > 59)
        {
            return null;
        }

        return new DateTimeOffset(year, (month / 3) + 1, day, hour, minute, second, TimeSpan.Zero) - Offset(match.Groups["zone"].Value);

        int Number(string name) => match.Groups[name].Success ? int.Parse(match.Groups[name].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture) : 0;
    }

    private static TimeSpan Offset(string zone)
    {
        if (zone.Length == 5)
        {
            var digits = int.Parse(zone.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture);
            return new TimeSpan(digits / 100, digits % 100, 0) * (zone[0] == '-' ? -1 : 1);
        }

        return TimeSpan.FromHours(zone.ToUpperInvariant() switch
        {
            "EST" or "CDT" => -5,
            "EDT" => -4,
            "CST" or "MDT" => -6,
            "MST" or "PDT" => -7,
            "PST" => -8,
            "CET" or "BST" => 1,
            "CEST" or "EET" => 2,
            "EEST" or "MSK" => 3,
            "JST" => 9,
            _ => 0,
        });
    }

    [GeneratedRegex(@"(?<![0-9])(?<day>[0-9]{1,2})[ \t-]{1,5}(?<month>[A-Za-z]{3})[a-z]{0,6}[ \t-]{1,5}(?<year>[0-9]{4}|[0-9]{2})[ \t]{1,5}(?<hour>[0-9]{1,2}):(?<minute>[0-9]{2})(?::(?<second>[0-9]{2}))?(?:[ \t]{0,5}(?<zone>[+-][0-9]{4}|[A-Za-z]{3,4}))?")]
    private static partial Regex Date();
}
