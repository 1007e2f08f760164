namespace ScoreTracking.Charts;

/// <summary>How a series is drawn. Columns have an axis of their own on the right: a send of 40,000 in one hour must not flatten what follows it.</summary>
public enum ChartShape
{
    Line,
    Area,
    Column,
}

/// <summary>One row of values to draw, one per label; NaN where nothing is known, such as hours that lie ahead.</summary>
/// <param name="Name">As in the legend, the tooltip and the table.</param>
/// <param name="CssClass">Names its colour: <c>series-1</c> to <c>series-4</c>, or <c>series-quiet</c> for what is background.</param>
public sealed record ChartSeries(string Name, string CssClass, IReadOnlyList<double> Values, ChartShape Shape = ChartShape.Line);

/// <summary>One step of the horizontal axis.</summary>
/// <param name="Full">Its whole name, in the tooltip and the table.</param>
/// <param name="Tick">What the axis says here; null leaves it out.</param>
/// <param name="IsMajor">Kept where there is little room.</param>
public sealed record ChartLabel(string Full, string? Tick = null, bool IsMajor = false);

/// <summary>The steps a viewer marked, both included.</summary>
public readonly record struct ChartRange(int From, int To);
