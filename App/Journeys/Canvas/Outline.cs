namespace ScoreTracking.Journeys.Canvas;

/// <summary>One line of a journey read as a list.</summary>
/// <param name="Id">The box; null where a way goes on with, or comes to its end.</param>
/// <param name="Branches">Its exits with what is only theirs, where it has several.</param>
/// <param name="Exit">Its only exit; null where it has several or none.</param>
/// <param name="GoesOnAt">Where <paramref name="Id"/> is null: the box the way goes on with, which stands elsewhere in the list; null at an end.</param>
public sealed record OutlineItem(string? Id, IReadOnlyList<OutlineBranch> Branches, GraphExit? Exit, string? GoesOnAt);

/// <param name="Items">Empty where the way goes straight on with what follows the branches.</param>
public sealed record OutlineBranch(GraphExit Exit, IReadOnlyList<OutlineItem> Items);

/// <summary>
/// Reads a graph as an indented list: branches are indented, and what they share stands once, after them. Every box is in it
/// exactly once.
/// </summary>
public sealed class Outline
{
    private readonly Dictionary<string, GraphNode> _nodes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, HashSet<string>> _reach = new(StringComparer.Ordinal);
    private readonly HashSet<string> _written = new(StringComparer.Ordinal);

    private Outline(IReadOnlyList<GraphNode> nodes)
    {
        foreach (var node in nodes)
        {
            _nodes.TryAdd(node.Id, node);
        }
    }

    /// <summary>The list from the first box, then one from each box nothing written so far leads to.</summary>
    public static IReadOnlyList<IReadOnlyList<OutlineItem>> Of(IReadOnlyList<GraphNode> nodes)
    {
        var outline = new Outline(nodes);
        var lists = new List<IReadOnlyList<OutlineItem>>();
        var led = outline._nodes.Values.SelectMany(node => node.Exits).Select(exit => exit.To).ToHashSet();

        // What nothing leads to comes before what it leads to; circles nobody enters come last.
        foreach (var id in outline._nodes.Keys.Take(1).Concat(outline._nodes.Keys.Where(id => !led.Contains(id))).Concat(outline._nodes.Keys).ToArray())
        {
            if (!outline._written.Contains(id))
            {
                lists.Add(outline.Write(id, stop: []));
            }
        }

        return lists;
    }

    /// <summary>The boxes of a list, in reading order.</summary>
    public static IEnumerable<string> Ids(IReadOnlyList<OutlineItem> items) =>
        items.SelectMany(item => (item.Id is { } id ? [id] : Array.Empty<string>()).Concat(item.Branches.SelectMany(branch => Ids(branch.Items))));

    private List<OutlineItem> Write(string? id, HashSet<string> stop)
    {
        var items = new List<OutlineItem>();
        while (true)
        {
            if (id is null || !_nodes.TryGetValue(id, out var node))
            {
                items.Add(new OutlineItem(null, [], null, null));
                return items;
            }

            if (stop.Contains(id))
            {
                return items;
            }

            if (!_written.Add(id))
            {
                items.Add(new OutlineItem(null, [], null, id));
                return items;
            }

            if (node.Exits.Count == 0)
            {
                items.Add(new OutlineItem(id, [], null, null));
                return items;
            }

            if (node.Exits.Count == 1)
            {
                items.Add(new OutlineItem(id, [], node.Exits[0], null));
                id = node.Exits[0].To;
                continue;
            }

            var join = Join(node, stop);
            HashSet<string> stops = join is null ? stop : [.. stop, join];
            items.Add(new OutlineItem(id, [.. node.Exits.Select(exit => new OutlineBranch(exit, Write(exit.To, stops)))], null, null));
            if (join is null || stop.Contains(join))
            {
                return items;
            }

            id = join;
        }
    }

    /// <summary>The first box all exits that lead anywhere lead to.</summary>
    private string? Join(GraphNode node, HashSet<string> stop)
    {
        var ways = node.Exits.Where(exit => exit.To is not null && _nodes.ContainsKey(exit.To)).Select(exit => Reach(exit.To!)).ToArray();
        if (ways.Length < 2)
        {
            return null;
        }

        var shared = ways[0].Where(id => ways.All(way => way.Contains(id)) && !_written.Contains(id)).ToArray();
        var first = shared.FirstOrDefault(id => shared.All(other => Reach(id).Contains(other)));
        return first ?? stop.FirstOrDefault(id => ways.All(way => way.Contains(id)));
    }

    /// <summary>A box and everything after it.</summary>
    private HashSet<string> Reach(string id)
    {
        if (_reach.TryGetValue(id, out var known))
        {
            return known;
        }

        var found = new HashSet<string>(StringComparer.Ordinal) { id };
        var open = new Stack<string>([id]);
        while (open.TryPop(out var next))
        {
            foreach (var to in _nodes[next].Exits.Select(exit => exit.To).OfType<string>().Where(to => _nodes.ContainsKey(to) && found.Add(to)))
            {
                open.Push(to);
            }
        }

        return _reach[id] = found;
    }
}
