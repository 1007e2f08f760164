using System.Globalization;

namespace ScoreTracking.Charts;

/// <summary>A vertical axis from 0 to a round number at or above the largest value.</summary>
public sealed record Scale(double Top, double Step)
{
    private static readonly double[] Rounds = [1, 2, 2.5, 5, 10];

    /// <summary>The lines to draw, 0 first.</summary>
    public IEnumerable<double> Ticks
    {
        get
        {
            for (var i = 0; i <= (int)Math.Round(Top / Step); i++)
            {
                yield return i * Step;
            }
        }
    }

    /// <summary>The axis for values up to <paramref name="largest"/>, with at most <paramref name="lines"/> lines above 0. Steps are whole numbers: counts have no halves.</summary>
    public static Scale For(double largest, int lines = 4)
    {
        if (!(largest > 0) || double.IsInfinity(largest))
        {
            return new Scale(1, 1);
        }

        var rough = Math.Max(largest / lines, 1);
        var magnitude = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        foreach (var round in Rounds)
        {
            var step = round * magnitude;
            if (step == Math.Floor(step) && Math.Ceiling(largest / step) <= lines)
            {
                return new Scale(Math.Ceiling(largest / step) * step, step);
            }
        }

        return new Scale(lines * 10 * magnitude, 10 * magnitude);
    }

    /// <summary>Where a value lies, in pixels from the top of a plot of this height.</summary>
    public double Y(double value, double height) => height - (Math.Clamp(value / Top, 0, 1) * height);

    /// <summary>A coordinate as SVG takes it: a point as the decimal mark, two digits after it.</summary>
    public static string Text(double coordinate) => Math.Round(coordinate, 2).ToString("0.##", CultureInfo.InvariantCulture);
}
