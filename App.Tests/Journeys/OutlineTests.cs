using ScoreTracking.Journeys.Canvas;

namespace ScoreTracking.Tests.Journeys;

/// <summary>A journey read as a list.</summary>
public sealed class OutlineTests
{
    [Fact]
    public void Steps_follow_each_other_and_the_end_is_said() =>
        Assert.Equal("start a b .", Read(GraphLayoutTests.Node("start", "a"), GraphLayoutTests.Node("a", "b"), new GraphNode("b", [new GraphExit("next", null)])));

    [Fact]
    public void What_branches_share_stands_once_after_them() =>
        Assert.Equal("start ask(e0: left | e1: right) after", Read(
            GraphLayoutTests.Node("start", "ask"), GraphLayoutTests.Node("ask", "left", "right"), GraphLayoutTests.Node("left", "after"), GraphLayoutTests.Node("right", "after"), GraphLayoutTests.Node("after")));

    [Fact]
    public void A_branch_that_leads_straight_on_is_empty_and_one_that_ends_says_so() =>
        Assert.Equal("start ask(e0: | e1: remind(e0: | e1: last .)) after .", Read(
            GraphLayoutTests.Node("start", "ask"), GraphLayoutTests.Node("ask", "after", "remind"), GraphLayoutTests.Node("remind", "after", "last"),
            GraphLayoutTests.Node("last", "gone"), GraphLayoutTests.Node("after", "gone")));

    [Fact]
    public void Where_a_way_goes_on_with_a_step_of_another_it_says_with_which() =>
        Assert.Equal("start ask(e0: a x | e1: b(e0: →x | e1: y) | e2: z)", Read(
            GraphLayoutTests.Node("start", "ask"), GraphLayoutTests.Node("ask", "a", "b", "z"), GraphLayoutTests.Node("a", "x"), GraphLayoutTests.Node("b", "x", "y"),
            GraphLayoutTests.Node("x"), GraphLayoutTests.Node("y"), GraphLayoutTests.Node("z")));

    [Theory, InlineData(1), InlineData(2), InlineData(3), InlineData(4), InlineData(5), InlineData(6)]
    public void Every_step_is_in_the_list_exactly_once(int seed)
    {
        var graph = GraphLayoutTests.Random(new Random(seed), steps: seed * 9);

        Assert.Equal(graph.Select(node => node.Id).Order(), Outline.Of(graph).SelectMany(Outline.Ids).Order());
    }

    [Fact]
    public void Circles_come_to_an_end() =>
        Assert.Equal("start a b →a", Read(GraphLayoutTests.Node("start", "a"), GraphLayoutTests.Node("a", "b"), GraphLayoutTests.Node("b", "a")));

    private static string Read(params GraphNode[] graph) => string.Join(" / ", Outline.Of(graph).Select(Words));

    private static string Words(IReadOnlyList<OutlineItem> items) => string.Join(' ', items.Select(item => item switch
    {
        { Id: null, GoesOnAt: null } => ".",
        { Id: null } => $"→{item.GoesOnAt}",
        { Branches.Count: 0 } => item.Id,
        _ => $"{item.Id}({string.Join(" | ", item.Branches.Select(branch => $"{branch.Exit.Key}: {Words(branch.Items)}".TrimEnd()))})",
    }));
}
