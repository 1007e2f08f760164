using System.Globalization;
using System.Text;

namespace ScoreTracking.Journeys.Canvas;

/// <summary>
/// Places boxes in layers from top to bottom, each below everything that leads to it, and draws their exits so that no line
/// runs through a box and no words lie on others. The same graph always gives the same picture. Boxes nothing leads to stand
/// beside; circles are drawn, as they can be in a draft.
/// </summary>
public sealed class GraphLayout
{
    public const double NodeWidth = 256;
    public const double NodeHeight = 68;

    /// <summary>Of an exit with words; one without is <see cref="PlainJointHeight"/> high.</summary>
    public const double JointHeight = 48;
    public const double PlainJointHeight = 28;

    private const double Gap = 28;
    private const double LeastRowGap = 12;
    private const double MostRowGap = 44;
    private const double Margin = 24;
    private const double EndSize = 20;
    private const double LineWidth = 8;
    private const double JointWidth = 36;

    private readonly Dictionary<string, GraphNode> _nodes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _layers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, GraphCell> _boxes = new(StringComparer.Ordinal);
    private readonly HashSet<(string From, string Key)> _back = [];
    private readonly List<string> _order = [];
    private readonly GraphRows _rows = new();
    private readonly List<Line> _lines = [];
    private double[] _tops = [];

    private GraphLayout(IReadOnlyList<GraphNode> nodes)
    {
        foreach (var node in nodes)
        {
            _nodes.TryAdd(node.Id, node);
        }
    }

    /// <param name="nodes">The first is where everything begins.</param>
    public static GraphPicture Of(IReadOnlyList<GraphNode> nodes)
    {
        var layout = new GraphLayout(nodes);
        layout.FindLayers();
        layout.Fill();
        layout._rows.Untangle();
        layout._rows.Spread(Gap);
        return layout.Draw();
    }

    private void FindLayers()
    {
        var done = new HashSet<string>(StringComparer.Ordinal);
        var above = new HashSet<string>(StringComparer.Ordinal);
        foreach (var id in _nodes.Keys)
        {
            Walk(id);
        }

        // Walked last, written first: whatever leads to a box has its layer before the box hands on its own.
        _order.Reverse();
        foreach (var id in _order)
        {
            var layer = _layers.TryGetValue(id, out var found) ? found : _layers[id] = id == _nodes.Keys.First() ? 0 : 1;
            foreach (var exit in _nodes[id].Exits.Where(exit => LeadsOn(id, exit)))
            {
                _layers[exit.To!] = Math.Max(_layers.GetValueOrDefault(exit.To!), layer + 1);
            }
        }

        void Walk(string id)
        {
            if (!done.Add(id))
            {
                return;
            }

            above.Add(id);
            foreach (var exit in _nodes[id].Exits)
            {
                if (exit.To is { } to && _nodes.ContainsKey(to))
                {
                    if (above.Contains(to))
                    {
                        _back.Add((id, exit.Key));
                    }

                    Walk(to);
                }
            }

            above.Remove(id);
            _order.Add(id);
        }
    }

    private bool LeadsOn(string from, GraphExit exit) => exit.To is { } to && _nodes.ContainsKey(to) && !_back.Contains((from, exit.Key));

    // Boxes lie in even rows, joints in odd ones. Depth first, so that a branch lies beside its sisters from the beginning.
    private void Fill()
    {
        var placed = new HashSet<string>(StringComparer.Ordinal);
        foreach (var id in _nodes.Keys)
        {
            _boxes[id] = new GraphCell(NodeWidth, NodeHeight);
        }

        foreach (var id in _nodes.Keys)
        {
            Visit(id);
        }

        void Visit(string id)
        {
            if (!placed.Add(id))
            {
                return;
            }

            var box = _boxes[id];
            var row = _layers[id] * 2;
            _rows.Add(row, box);
            foreach (var exit in _nodes[id].Exits)
            {
                var joint = new GraphCell(Math.Max(JointWidth, exit.Width), exit.Width > 0 ? JointHeight : PlainJointHeight);
                var line = new Line(id, exit, joint, IsBack: _back.Contains((id, exit.Key)));
                _lines.Add(line);
                GraphCell.Join(box, joint);
                _rows.Add(row + 1, joint);
                if (LeadsOn(id, exit))
                {
                    var last = joint;
                    for (var between = row + 2; between < _layers[exit.To!] * 2; between++)
                    {
                        var passing = new GraphCell(LineWidth, 0);
                        GraphCell.Join(last, passing);
                        _rows.Add(between, passing);
                        line.Passing.Add(passing);
                        last = passing;
                    }

                    GraphCell.Join(last, _boxes[exit.To!]);
                    Visit(exit.To!);
                }
                else if (!line.IsBack)
                {
                    line.End = new GraphCell(EndSize, EndSize);
                    GraphCell.Join(joint, line.End);
                    _rows.Add(row + 2, line.End);
                }
            }
        }
    }

    private GraphPicture Draw()
    {
        if (_rows.Count == 0)
        {
            return new GraphPicture(0, 0, [], []);
        }

        _tops = new double[_rows.Count];
        _tops[0] = Margin;
        var cells = Enumerable.Range(0, _rows.Count).SelectMany(row => _rows[row]).ToArray();
        var left = cells.Min(cell => cell.X - (cell.Width / 2)) - Margin;
        foreach (var cell in cells)
        {
            cell.X = Math.Round(cell.X - left, 1);
        }

        for (var row = 1; row < _rows.Count; row++)
        {
            // What lies far to the side needs room for its bend; what stands straight below needs none.
            var bend = _rows[row - 1].SelectMany(above => above.Below.Select(below => Math.Abs(below.X - above.X))).DefaultIfEmpty().Max();
            _tops[row] = Math.Round(Bottom(row - 1) + Math.Clamp(bend * 0.16, LeastRowGap, MostRowGap));
        }

        return new GraphPicture(
            Math.Ceiling(cells.Max(cell => cell.X + (cell.Width / 2)) + Margin),
            Math.Ceiling(Bottom(_rows.Count - 1) + Margin),
            [.. _nodes.Keys.Select(id => new PlacedNode(id, _boxes[id].X - (NodeWidth / 2), _tops[_layers[id] * 2]))],
            [.. _lines.GroupBy(line => line.From).SelectMany(group => Draw([.. group.OrderBy(line => line.Joint.X)]))]);
    }

    private double Bottom(int row) => _tops[row] + _rows[row].Max(cell => cell.Height);

    // From left to right along the lower edge of their box, so that they do not cross there.
    private IEnumerable<PlacedExit> Draw(Line[] lines)
    {
        var step = Math.Min(40, (NodeWidth - 48) / lines.Length);
        for (var i = 0; i < lines.Length; i++)
        {
            var line = lines[i];
            var row = _layers[line.From] * 2;
            var box = _boxes[line.From];
            var pen = new Pen(box.X + ((i - ((lines.Length - 1) / 2.0)) * step), _tops[row] + NodeHeight);
            pen.CurveTo(line.Joint.X, _tops[row + 1]);
            pen.DownTo(Bottom(row + 1));
            if (line.IsBack)
            {
                pen.BackTo(_boxes[line.Exit.To!].X + (NodeWidth / 2), _tops[_layers[line.Exit.To!] * 2] + (NodeHeight / 2));
            }
            else if (line.End is { } end)
            {
                pen.CurveTo(end.X, _tops[row + 2]);
            }
            else
            {
                for (var passed = row + 2; passed < _layers[line.Exit.To!] * 2; passed++)
                {
                    pen.CurveTo(line.Passing[passed - row - 2].X, _tops[passed]);
                    pen.DownTo(Bottom(passed));
                }

                pen.CurveTo(_boxes[line.Exit.To!].X, _tops[_layers[line.Exit.To!] * 2]);
            }

            yield return new PlacedExit(
                line.From, line.Exit.Key, line.Exit.To, line.Joint.X, (_tops[row + 1] + Bottom(row + 1)) / 2, pen.Path,
                line.End?.X, line.End is null ? null : _tops[row + 2] + (EndSize / 2), line.IsBack);
        }
    }

    private sealed record Line(string From, GraphExit Exit, GraphCell Joint, bool IsBack)
    {
        public List<GraphCell> Passing { get; } = [];

        public GraphCell? End { get; set; }
    }

    /// <summary>Draws downwards, with bends that begin and end upright.</summary>
    private sealed class Pen(double x, double y)
    {
        private readonly StringBuilder _path = new(FormattableString.Invariant($"M{x:0.#} {y:0.#}"));
        private double _x = x;
        private double _y = y;

        public string Path => _path.ToString();

        public void CurveTo(double x, double y)
        {
            var middle = (_y + y) / 2;
            _path.Append(CultureInfo.InvariantCulture, $"C{_x:0.#} {middle:0.#} {x:0.#} {middle:0.#} {x:0.#} {y:0.#}");
            (_x, _y) = (x, y);
        }

        public void DownTo(double y)
        {
            if (y > _y)
            {
                _path.Append(CultureInfo.InvariantCulture, $"V{y:0.#}");
                _y = y;
            }
        }

        public void BackTo(double x, double y) =>
            _path.Append(CultureInfo.InvariantCulture, $"C{_x:0.#} {_y + 40:0.#} {Math.Max(x, _x) + 90:0.#} {y:0.#} {x:0.#} {y:0.#}");
    }
}
