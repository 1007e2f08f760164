using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace ScoreTracking.Api;

/// <summary>Durations as the API writes them, ISO 8601: PT4S, P3D, P2W, P1Y. A month is 30 days and a year 365, so that a duration is the same length whenever it begins.</summary>
public static partial class IsoDuration
{
    /// <summary>Longer ones overflow before anybody could have meant them.</summary>
    private const double MaxDays = 1_000_000;

    /// <param name="mayBeNegative">Whether a minus may stand before it.</param>
    public static bool TryParse([NotNullWhen(true)] string? text, bool mayBeNegative, out TimeSpan duration)
    {
        duration = TimeSpan.Zero;
        if (text is null || text.Length > 40 || Form().Match(text) is not { Success: true } match || (match.Groups["minus"].Success && !mayBeNegative))
        {
            return false;
        }

        double Of(string unit) => match.Groups[unit] is { Success: true } given ? double.Parse(given.Value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture) : 0;
        var days = (Of("y") * 365) + (Of("mo") * 30) + (Of("w") * 7) + Of("d") + ((Of("h") + ((Of("mi") + (Of("s") / 60)) / 60)) / 24);
        if (days > MaxDays)
        {
            return false;
        }

        // Milliseconds are as fine as any time here is.
        duration = TimeSpan.FromMilliseconds(Math.Round(days * TimeSpan.FromDays(1).TotalMilliseconds)) * (match.Groups["minus"].Success ? -1 : 1);
        return true;
    }

    public static string Write(TimeSpan duration)
    {
        if (duration == TimeSpan.Zero)
        {
            return "PT0S";
        }

        var text = new StringBuilder(duration < TimeSpan.Zero ? "-P" : "P");
        duration = duration.Duration();
        Append(text, duration.Days, 'D');
        if (duration.Hours + duration.Minutes + duration.Seconds + duration.Milliseconds > 0)
        {
            text.Append('T');
            Append(text, duration.Hours, 'H');
            Append(text, duration.Minutes, 'M');
            if (duration.Milliseconds > 0)
            {
                text.Append(CultureInfo.InvariantCulture, $"{duration.Seconds}.{duration.Milliseconds:000}S");
            }
            else
            {
                Append(text, duration.Seconds, 'S');
            }
        }

        return text.ToString();
    }

    private static void Append(StringBuilder text, int count, char unit)
    {
        if (count > 0)
        {
            text.Append(CultureInfo.InvariantCulture, $"{count}{unit}");
        }
    }

    [GeneratedRegex(
        @"\A(?<minus>-)?P(?=[0-9T])((?<y>[0-9]+)Y)?((?<mo>[0-9]+)M)?((?<w>[0-9]+)W)?((?<d>[0-9]+)D)?(T(?=[0-9])((?<h>[0-9]+)H)?((?<mi>[0-9]+)M)?((?<s>[0-9]+(\.[0-9]{1,3})?)S)?)?\z",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Form();
}
