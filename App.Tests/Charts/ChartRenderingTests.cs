using AngleSharp.Dom;
using AngleSharp.Html.Parser;
using Microsoft.AspNetCore.Components;
using ScoreTracking.Charts;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Charts;

public sealed class ChartRenderingTests
{
    private static readonly ChartLabel[] TwoHours = [new("Mon 1 Sep 2026, 09:00", "09:00", true), new("Mon 1 Sep 2026, 10:00", "10:00")];

    [Fact]
    public async Task A_timeline_says_in_words_what_it_shows_and_holds_every_value_in_a_table()
    {
        var html = await TimelineAsync(TwoHours, new ChartSeries("Sent", "series-quiet", [40_000, 0], ChartShape.Column), new ChartSeries("Opened", "series-1", [1200, 950], ChartShape.Area));

        var figure = Parse(html);
        var plot = figure.QuerySelector("svg[role=img]")!;
        Assert.Equal("By hour: Mon 1 Sep 2026, 09:00 to Mon 1 Sep 2026, 10:00; Sent 40,000, Opened 2,150", plot.GetAttribute("aria-label"));
        Assert.Equal(
            ["Mon 1 Sep 2026, 09:00|40,000|1,200", "Mon 1 Sep 2026, 10:00|0|950"],
            figure.QuerySelectorAll("tbody tr").Select(row => string.Join('|', row.Children.Select(cell => cell.TextContent))));
        Assert.Equal(["0", "500", "1k", "1.5k"], Axis(figure, "chart-axis-left"));
        Assert.Equal(["0", "10k", "20k", "30k", "40k"], Axis(figure, "chart-axis-right"));
    }

    [Fact]
    public async Task Names_are_written_as_text_wherever_they_appear()
    {
        const string Name = "</text><script>alert(1)</script>\"'&";

        var html = await TimelineAsync([new ChartLabel(Name, Name, true)], new ChartSeries(Name, "series-1", [1]));

        Assert.DoesNotContain("<script", html);
        Assert.Contains(Parse(html).QuerySelectorAll("text"), text => text.TextContent == Name);
    }

    [Theory, InlineData(0), InlineData(1), InlineData(2), InlineData(1000)]
    public async Task However_many_steps_there_are_the_drawing_is_whole_and_styled_by_classes_only(int steps)
    {
        ChartLabel[] labels = [.. Enumerable.Range(0, steps).Select(step => new ChartLabel($"Step {step}"))];

        var html = await TimelineAsync(labels, new ChartSeries("Opened", "series-1", [.. Enumerable.Range(0, steps).Select(step => (double)(step % 7))], ChartShape.Area));

        Assert.Equal(steps, Parse(html).QuerySelectorAll("tbody tr").Length);
        Assert.DoesNotContain("style=", html);
        Assert.DoesNotContain("NaN", html);
    }

    [Fact]
    public async Task Nothing_to_show_is_said()
    {
        Assert.Contains("Nothing has happened in this range.", await TimelineAsync([], new ChartSeries("Opened", "series-1", [])));
        Assert.Contains("Nothing has happened in this range.", await TimelineAsync(TwoHours, new ChartSeries("Opened", "series-1", [0, 0])));
        Assert.DoesNotContain("Nothing has happened", await TimelineAsync(TwoHours, new ChartSeries("Opened", "series-1", [0, 1])));
    }

    [Fact]
    public async Task A_ranking_is_a_table_whose_longest_bar_is_full()
    {
        BarItem[] items = [new("Apple Mail", 6120, "40.2%", "/contacts"), new("Gmail", 1530)];

        var table = Parse(await Rendering.HtmlOfAsync<Bars>(("Title", "Mail programs"), ("Items", items)));

        Assert.Equal(["100%", "25%"], table.QuerySelectorAll(".share-value").Select(rect => rect.GetAttribute("width")));
        Assert.Equal("/contacts", Assert.Single(table.QuerySelectorAll("a")).GetAttribute("href"));
        Assert.Contains("6,120", table.TextContent);
    }

    [Fact]
    public async Task A_sparkline_of_nothing_draws_nothing()
    {
        Assert.Empty(Parse(await Rendering.HtmlOfAsync<Sparkline>(("Title", "Opens"), ("Values", Array.Empty<double>()))).QuerySelectorAll("path"));
        Assert.Equal(2, Parse(await Rendering.HtmlOfAsync<Sparkline>(("Title", "Opens"), ("Values", new double[] { 1, 3 }))).QuerySelectorAll("path").Length);
    }

    private static Task<string> TimelineAsync(ChartLabel[] labels, params ChartSeries[] series) =>
        Rendering.HtmlOfAsync<Timeline>(("Title", "By hour"), ("Labels", labels), ("Series", series), ("OnRange", EventCallback.Factory.Create<ChartRange>(new object(), _ => { })));

    private static IEnumerable<string> Axis(IElement figure, string css) =>
        figure.QuerySelectorAll($".{css} text").Select(text => text.TextContent);

    private static IElement Parse(string html) =>
        new HtmlParser().ParseDocument(html).Body!;
}
