using System.Globalization;

namespace ScoreTracking.Charts;

/// <summary>Numbers beside an axis: short, since the exact ones are in the tooltip and the table.</summary>
internal static class AxisFigure
{
    public static string Text(double value) => value switch
    {
        >= 1_000_000 => (value / 1_000_000).ToString("0.##", CultureInfo.InvariantCulture) + "M",
        >= 1_000 => (value / 1_000).ToString("0.##", CultureInfo.InvariantCulture) + "k",
        _ => value.ToString("0.##", CultureInfo.InvariantCulture),
    };
}
