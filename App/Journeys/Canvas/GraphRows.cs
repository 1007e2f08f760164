namespace ScoreTracking.Journeys.Canvas;

/// <summary>Cells in rows from top to bottom, each joined only with cells of the rows next to its own: who stands left of whom, and where.</summary>
internal sealed class GraphRows
{
    private const int Sweeps = 8;
    private const int Passes = 10;

    private readonly List<List<GraphCell>> _rows = [];

    public int Count => _rows.Count;

    public IReadOnlyList<GraphCell> this[int row] => _rows[row];

    public void Add(int row, GraphCell cell)
    {
        while (_rows.Count <= row)
        {
            _rows.Add([]);
        }

        cell.Order = _rows[row].Count;
        _rows[row].Add(cell);
    }

    /// <summary>Changes the order within rows where fewer lines cross for it; otherwise the first exit stays on the left.</summary>
    public void Untangle()
    {
        var best = _rows.Select(row => row.ToArray()).ToArray();
        var fewest = Crossings();
        for (var sweep = 0; sweep < Sweeps && fewest > 0; sweep++)
        {
            var down = sweep % 2 == 0;
            for (var i = 1; i < _rows.Count; i++)
            {
                Sort(_rows[down ? i : _rows.Count - 1 - i], down);
            }

            if (Crossings() is var crossings && crossings < fewest)
            {
                (fewest, best) = (crossings, _rows.Select(row => row.ToArray()).ToArray());
            }
        }

        for (var row = 0; row < _rows.Count; row++)
        {
            _rows[row] = [.. best[row]];
            Number(_rows[row]);
        }
    }

    /// <summary>Gives each cell its place: straight below and above its neighbours as far as nothing overlaps.</summary>
    public void Spread(double gap)
    {
        foreach (var row in _rows)
        {
            Place(row, cell => cell.X, gap);
        }

        for (var pass = 0; pass < Passes; pass++)
        {
            foreach (var row in _rows)
            {
                Place(row, cell => Middle(cell.Above) ?? cell.X, gap);
            }

            // Upwards last: a box then stands above the middle of what it leads to.
            for (var row = _rows.Count - 1; row >= 0; row--)
            {
                Place(_rows[row], cell => Middle(cell.Below) ?? cell.X, gap);
            }
        }
    }

    private static double? Middle(List<GraphCell> cells) => cells.Count == 0 ? null : cells.Average(cell => cell.X);

    /// <summary>As close to where each would like to be as the order and the gaps allow, by least squares: neighbours that want the same place share it.</summary>
    private static void Place(List<GraphCell> row, Func<GraphCell, double> wanted, double gap)
    {
        var blocks = new Stack<(double Sum, int Count)>();
        var offsets = new double[row.Count];
        for (var i = 0; i < row.Count; i++)
        {
            offsets[i] = i == 0 ? 0 : offsets[i - 1] + ((row[i - 1].Width + row[i].Width) / 2) + gap;
            var block = (Sum: wanted(row[i]) - offsets[i], Count: 1);
            while (blocks.TryPeek(out var before) && before.Sum / before.Count > block.Sum / block.Count)
            {
                blocks.Pop();
                block = (block.Sum + before.Sum, block.Count + before.Count);
            }

            blocks.Push(block);
        }

        var last = row.Count;
        while (blocks.TryPop(out var block))
        {
            for (var i = last - block.Count; i < last; i++)
            {
                row[i].X = (block.Sum / block.Count) + offsets[i];
            }

            last -= block.Count;
        }
    }

    private static void Sort(List<GraphCell> row, bool down)
    {
        // Stable, so that equals keep the order of their exits.
        var sorted = row.OrderBy(cell => (down ? cell.Above : cell.Below) is { Count: > 0 } next ? next.Average(other => other.Order) : cell.Order).ToArray();
        row.Clear();
        row.AddRange(sorted);
        Number(row);
    }

    private static void Number(List<GraphCell> row)
    {
        for (var i = 0; i < row.Count; i++)
        {
            row[i].Order = i;
        }
    }

    private int Crossings()
    {
        var crossings = 0;
        foreach (var row in _rows)
        {
            var ends = new List<int>();
            foreach (var cell in row)
            {
                // Lines that leave the same cell do not cross each other.
                var own = cell.Below.Select(below => below.Order).ToArray();
                crossings += own.Sum(order => ends.Count(end => end > order));
                ends.AddRange(own);
            }
        }

        return crossings;
    }
}
