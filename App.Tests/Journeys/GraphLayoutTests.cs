using System.Globalization;
using System.Text.RegularExpressions;
using ScoreTracking.Journeys.Canvas;

namespace ScoreTracking.Tests.Journeys;

/// <summary>Where boxes and lines of a journey lie.</summary>
public sealed partial class GraphLayoutTests
{
    [Fact]
    public void Steps_one_after_the_other_stand_in_a_straight_line()
    {
        var picture = GraphLayout.Of([Node("start", "a"), Node("a", "b"), Node("b", "c"), Node("c")]);

        Assert.Single(picture.Nodes.Select(node => node.X).Distinct());
        Assert.Equal(picture.Nodes.Select(node => node.Y).Order(), picture.Nodes.Select(node => node.Y));
        Assert.All(picture.Exits, exit => Assert.Equal(picture.Nodes[0].X + (GraphLayout.NodeWidth / 2), exit.X));
    }

    [Fact]
    public void A_branch_stands_in_the_middle_above_its_ways_with_the_first_on_the_left_and_what_they_share_below()
    {
        var picture = GraphLayout.Of([Node("start", "ask"), Node("ask", "left", "right"), Node("left", "after"), Node("right", "after"), Node("after")]);
        var at = picture.Nodes.ToDictionary(node => node.Id);

        Assert.True(at["left"].X + GraphLayout.NodeWidth < at["right"].X);
        Assert.Equal(at["left"].Y, at["right"].Y);
        Assert.Equal((at["left"].X + at["right"].X) / 2, at["ask"].X, tolerance: 1);
        Assert.Equal(at["ask"].X, at["after"].X, tolerance: 1);
        Assert.True(at["after"].Y > at["left"].Y);
    }

    [Fact]
    public void Whatever_leads_to_a_box_stands_above_it_also_where_a_shorter_way_exists()
    {
        var picture = GraphLayout.Of([Node("start", "ask"), Node("ask", "wait", "end"), Node("wait", "remind"), Node("remind", "end"), Node("end")]);
        var at = picture.Nodes.ToDictionary(node => node.Id);

        Assert.True(at["end"].Y > at["remind"].Y && at["remind"].Y > at["wait"].Y && at["wait"].Y > at["ask"].Y);
        AssertReadable(picture);
    }

    [Fact]
    public void An_exit_without_a_step_ends_below_its_words()
    {
        var picture = GraphLayout.Of([new GraphNode("start", [new GraphExit("next", null)]), Node("alone")]);

        var end = Assert.Single(picture.Exits);
        Assert.True(end.EndY > end.Y);
        Assert.NotNull(end.EndX);
    }

    [Fact]
    public void A_circle_and_a_way_to_a_missing_step_are_drawn()
    {
        var picture = GraphLayout.Of([Node("start", "a"), Node("a", "b", "gone"), Node("b", "a")]);

        Assert.Equal(("b", "a"), Assert.Single(picture.Exits, exit => exit.IsBack) is var back ? (back.From, back.To!) : default);
        Assert.NotNull(Assert.Single(picture.Exits, exit => exit.To == "gone").EndY);
        AssertReadable(picture);
    }

    [Fact]
    public void Nothing_at_all_is_an_empty_picture() =>
        Assert.Equal((0, 0), GraphLayout.Of([]) is var picture ? (picture.Width, picture.Nodes.Count) : default);

    [Theory, InlineData(1), InlineData(2), InlineData(3), InlineData(4), InlineData(5), InlineData(6), InlineData(7), InlineData(8)]
    public void However_a_journey_is_made_nothing_overlaps_and_no_line_runs_through_a_box(int seed)
    {
        var graph = Random(new Random(seed), steps: seed * 7);

        AssertReadable(GraphLayout.Of(graph));
        AssertSame(GraphLayout.Of(graph), GraphLayout.Of(graph));
    }

    [Fact]
    public void Two_hundred_steps_have_their_places()
    {
        var graph = Random(new Random(99), steps: 200);

        Assert.Equal(graph.Length, GraphLayout.Of(graph).Nodes.Count);
        AssertReadable(GraphLayout.Of(graph));
    }

    private static void AssertSame(GraphPicture one, GraphPicture other)
    {
        Assert.Equal(one.Nodes, other.Nodes);
        Assert.Equal(one.Exits, other.Exits);
    }

    private static void AssertReadable(GraphPicture picture)
    {
        foreach (var node in picture.Nodes)
        {
            Assert.InRange(node.X, 0, picture.Width - GraphLayout.NodeWidth);
            Assert.InRange(node.Y, 0, picture.Height - GraphLayout.NodeHeight);
            Assert.DoesNotContain(picture.Nodes, other => other != node && Overlaps(node, other.X, other.Y, GraphLayout.NodeWidth, GraphLayout.NodeHeight));
            Assert.DoesNotContain(picture.Exits, exit => Overlaps(node, exit.X - 18, exit.Y - 14, 36, 28));
        }

        var joints = picture.Exits.ToArray();
        Assert.DoesNotContain(joints, joint => joints.Any(other => other != joint && Math.Abs(other.X - joint.X) < 36 && Math.Abs(other.Y - joint.Y) < 28));
        foreach (var exit in picture.Exits.Where(exit => !exit.IsBack))
        {
            foreach (var (x, y) in Points(exit.Path))
            {
                Assert.DoesNotContain(picture.Nodes, node => x > node.X && x < node.X + GraphLayout.NodeWidth && y > node.Y + 0.1 && y < node.Y + GraphLayout.NodeHeight - 0.1);
            }
        }
    }

    private static bool Overlaps(PlacedNode node, double x, double y, double width, double height) =>
        x < node.X + GraphLayout.NodeWidth && node.X < x + width && y < node.Y + GraphLayout.NodeHeight && node.Y < y + height;

    // What a browser would draw, point by point.
    private static IEnumerable<(double X, double Y)> Points(string path)
    {
        var (x, y) = (0d, 0d);
        foreach (Match part in Part().Matches(path))
        {
            var n = Number().Matches(part.Value).Select(number => double.Parse(number.Value, CultureInfo.InvariantCulture)).ToArray();
            switch (part.Value[0])
            {
                case 'M':
                    (x, y) = (n[0], n[1]);
                    break;
                case 'V':
                    yield return (x, (y + n[0]) / 2);
                    y = n[0];
                    break;
                default:
                    for (var t = 0.05; t < 1; t += 0.05)
                    {
                        var u = 1 - t;
                        yield return (
                            (u * u * u * x) + (3 * u * u * t * n[0]) + (3 * u * t * t * n[2]) + (t * t * t * n[4]),
                            (u * u * u * y) + (3 * u * u * t * n[1]) + (3 * u * t * t * n[3]) + (t * t * t * n[5]));
                    }

                    (x, y) = (n[4], n[5]);
                    break;
            }

            yield return (x, y);
        }
    }

    internal static GraphNode[] Random(Random random, int steps) =>
    [
        .. Enumerable.Range(0, steps).Select(i => new GraphNode($"n{i}", [.. Enumerable.Range(0, i == 0 ? 1 : random.Next(0, 4)).Select(exit => new GraphExit(
            $"e{exit}", random.Next(6) == 0 ? null : $"n{Math.Min(i + 1 + random.Next(4), steps)}", random.Next(2) * 90))])),
    ];

    internal static GraphNode Node(string id, params string[] to) => new(id, [.. to.Select((target, i) => new GraphExit($"e{i}", target))]);

    [GeneratedRegex("[MVC][^MVC]*")]
    private static partial Regex Part();

    [GeneratedRegex(@"-?[\d.]+")]
    private static partial Regex Number();
}
