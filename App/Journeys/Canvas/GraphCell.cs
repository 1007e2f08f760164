namespace ScoreTracking.Journeys.Canvas;

/// <summary>Whatever takes room in a row: a box, the joint of an exit, an end, or a line passing by.</summary>
internal sealed class GraphCell(double width, double height)
{
    public double Width => width;

    public double Height => height;

    /// <summary>Its middle.</summary>
    public double X { get; set; }

    /// <summary>Its place in its row, from the left.</summary>
    public int Order { get; set; }

    public List<GraphCell> Above { get; } = [];

    public List<GraphCell> Below { get; } = [];

    public static void Join(GraphCell above, GraphCell below)
    {
        above.Below.Add(below);
        below.Above.Add(above);
    }
}
