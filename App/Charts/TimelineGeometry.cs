using System.Text;

namespace ScoreTracking.Charts;

/// <summary>
/// Where everything in a <see cref="Timeline"/> lies. Across, one unit is one step, so the drawing is stretched to any width
/// and a step's middle is at index + ½; down, one unit is one pixel.
/// </summary>
public sealed class TimelineGeometry
{
    private readonly int _steps;
    private readonly double _height;

    /// <exception cref="ArgumentException">A series has another number of values than there are steps.</exception>
    public TimelineGeometry(IReadOnlyList<ChartSeries> series, int steps, double height)
    {
        if (series.FirstOrDefault(one => one.Values.Count != steps) is { } wrong)
        {
            throw new ArgumentException($"{wrong.Name} has {wrong.Values.Count} values for {steps} steps.", nameof(series));
        }

        (_steps, _height) = (steps, height);
        var columns = series.Where(one => one.Shape == ChartShape.Column).ToList();
        var lines = series.Where(one => one.Shape != ChartShape.Column).ToList();
        Left = Scale.For(Largest(lines.Count > 0 ? lines : columns));
        Right = lines.Count > 0 && columns.Count > 0 ? Scale.For(Largest(columns)) : null;
        IsEmpty = !series.Any(one => one.Values.Any(value => value > 0));
    }

    public Scale Left { get; }

    /// <summary>The columns' own axis; null where everything shares the left one.</summary>
    public Scale? Right { get; }

    /// <summary>Nothing above 0 anywhere.</summary>
    public bool IsEmpty { get; }

    /// <summary>The <c>d</c> of a series' outline: a line, or for columns their boxes.</summary>
    public string Path(ChartSeries series) => series.Shape == ChartShape.Column ? Columns(series.Values) : Line(series.Values);

    /// <summary>The <c>d</c> of the surface below a line.</summary>
    public string Surface(ChartSeries series) =>
        _steps < 2 ? "" : $"{Line(series.Values)}V{Scale.Text(_height)}H0.5Z";

    /// <summary>Where the middle of a step lies, in percent of the width.</summary>
    public double Percent(int step) => (step + 0.5) * 100 / _steps;

    private static double Largest(List<ChartSeries> series) => series.SelectMany(one => one.Values).Where(value => !double.IsNaN(value)).DefaultIfEmpty(0).Max();

    private string Line(IReadOnlyList<double> values)
    {
        var path = new StringBuilder(values.Count * 10);
        for (var i = 0; i < values.Count; i++)
        {
            // A run of equal values needs only its two ends: a quiet week is then a handful of characters.
            if (i > 0 && i < values.Count - 1 && values[i] == values[i - 1] && values[i] == values[i + 1])
            {
                continue;
            }

            // Not known: the line stops, and goes on where something is known again.
            if (double.IsNaN(values[i]))
            {
                continue;
            }

            path.Append(i == 0 || double.IsNaN(values[i - 1]) ? 'M' : 'L').Append(Scale.Text(i + 0.5)).Append(' ').Append(Scale.Text(Left.Y(values[i], _height)));
        }

        // A line of one point has no length: with round ends this draws a dot.
        return values.Count == 1 ? path.Append("h0.001").ToString() : path.ToString();
    }

    private string Columns(IReadOnlyList<double> values)
    {
        var scale = Right ?? Left;
        var path = new StringBuilder();

        // A tenth of the plot at most: two columns should not look like two walls.
        var width = Math.Min(0.8, _steps * 0.1);
        for (var i = 0; i < values.Count; i++)
        {
            if (values[i] > 0)
            {
                // At least one pixel: one message is not none.
                var y = Math.Min(scale.Y(values[i], _height), _height - 1);
                path.Append('M').Append(Scale.Text(i + 0.5 - (width / 2))).Append(' ').Append(Scale.Text(_height))
                    .Append('V').Append(Scale.Text(y)).Append('h').Append(Scale.Text(width)).Append('V').Append(Scale.Text(_height)).Append('Z');
            }
        }

        return path.ToString();
    }
}
