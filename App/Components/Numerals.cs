using System.Globalization;

namespace ScoreTracking.Components;

/// <summary>How numbers are written on screen. One way everywhere, whatever culture the server runs in.</summary>
public static class Numerals
{
    /// <summary>Stands for a figure that does not exist, such as a rate of nothing.</summary>
    public const string Absent = "–";

    /// <summary>A count in full: 40,000.</summary>
    public static string Count(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>One decimal, half up: 12.3%. Without a denominator, or with 0, the rate is absent, neither 0 nor infinite.</summary>
    public static string Percent(long? numerator, long? denominator)
    {
        if (numerator is not { } part || denominator is null or <= 0)
        {
            return Absent;
        }

        // In whole thousandths: 0.05 is not a binary fraction, so rounding a double would be half up only by luck.
        var thousandths = (((Int128)part * 2000) + denominator.Value) / (2 * (Int128)denominator.Value);
        return Percent((double)thousandths / 10);
    }

    /// <summary>A percentage that is already one.</summary>
    public static string Percent(double percent) => percent.ToString("N1", CultureInfo.InvariantCulture) + "%";

    /// <summary>A probability, 0 to 1, with one decimal. What is not certain never reads 0.0% or 100.0%.</summary>
    public static string Chance(double probability) => probability switch
    {
        >= 0.9995 => ">99.9%",
        < 0.0005 => "<0.1%",
        _ => Percent(probability * 100),
    };

    /// <summary>Bytes as people write them: 812 B, 1.4 MB.</summary>
    public static string Size(long bytes) => bytes switch
    {
        >= 1_000_000_000 => (bytes / 1e9).ToString("0.0", CultureInfo.InvariantCulture) + " GB",
        >= 1_000_000 => (bytes / 1e6).ToString("0.0", CultureInfo.InvariantCulture) + " MB",
        >= 1_000 => (bytes / 1e3).ToString("0", CultureInfo.InvariantCulture) + " kB",
        _ => bytes.ToString(CultureInfo.InvariantCulture) + " B",
    };

    /// <summary>A count with its noun: 1 link, 2 links.</summary>
    public static string Count(long value, string one, string many) => $"{Count(value)} {(value == 1 ? one : many)}";
}
