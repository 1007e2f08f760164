using Microsoft.AspNetCore.Components;
using Microsoft.Playwright;
using ScoreTracking.Charts;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Charts;

public sealed class ChartBrowserTests : IAsyncLifetime
{
    private readonly TestApp _app = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Fact]
    public async Task Pointing_at_a_step_shows_its_exact_values()
    {
        await using var visit = await ChartAsync(Look.Light);

        await PointAsync(visit, 2);
        var tip = await visit.Page.InnerTextAsync(".chart-tip");
        await visit.PhotographAsync("chart");
        await visit.Page.Mouse.MoveAsync(5, 5);

        Assert.Equal(["Step 2", "Sent", "30,000", "Opened", "1,202"], Words(tip));
        Assert.False(await visit.Page.IsVisibleAsync(".chart-tip"));
        Assert.Empty(visit.Errors);
    }

    [Fact]
    public async Task Dragging_marks_a_range_and_tells_which()
    {
        await using var visit = await ChartAsync(Look.Light);

        await PointAsync(visit, 6);
        await visit.Page.Mouse.DownAsync();
        await PointAsync(visit, 3);
        await visit.Page.Mouse.UpAsync();

        Assert.Equal("3-6", await visit.Page.EvaluateAsync<string>("() => window.chosen"));
    }

    [Fact]
    public async Task A_click_is_not_a_range()
    {
        await using var visit = await ChartAsync(Look.Light);

        await PointAsync(visit, 6);
        await visit.Page.Mouse.DownAsync();
        await visit.Page.Mouse.UpAsync();

        Assert.Null(await visit.Page.EvaluateAsync<string?>("() => window.chosen ?? null"));
    }

    [Fact]
    public async Task The_keyboard_reads_aloud_and_marks_a_range()
    {
        await using var visit = await ChartAsync(Look.Light);
        var keyboard = visit.Page.Keyboard;

        await visit.Page.FocusAsync(".chart-stage");
        await keyboard.PressAsync("ArrowRight");
        await keyboard.PressAsync("ArrowRight");
        var spoken = await visit.Page.TextContentAsync("[data-chart-live]");
        await keyboard.PressAsync("Shift+ArrowRight");
        await keyboard.PressAsync("Shift+ArrowRight");
        await keyboard.PressAsync("Enter");
        await keyboard.PressAsync("Escape");

        Assert.Equal("Step 1: Sent 30,000, Opened 1,201", spoken);
        Assert.Equal("1-3", await visit.Page.EvaluateAsync<string>("() => window.chosen"));
        Assert.False(await visit.Page.IsVisibleAsync(".chart-tip"));
    }

    [Fact]
    public async Task What_is_being_read_follows_the_figures()
    {
        await using var visit = await ChartAsync(Look.Light);
        await PointAsync(visit, 2);

        await visit.Page.EvaluateAsync("() => { document.querySelectorAll('.chart tbody tr')[2].lastElementChild.firstChild.data = '1,777'; }");

        await visit.Page.WaitForFunctionAsync("() => document.querySelector('.chart-tip').textContent.includes('1,777')");
    }

    [Fact]
    public async Task On_a_phone_every_second_tick_gives_way_and_the_drawing_fits()
    {
        await using var visit = await ChartAsync(Look.Phone);

        var ticks = await visit.Page.EvaluateAsync<int>("() => [...document.querySelectorAll('.chart .tick')].filter(tick => tick.getClientRects().length > 0).length");
        await visit.PhotographAsync("chart");

        Assert.Equal(5, ticks);
        Assert.False(await visit.IsWiderThanScreenAsync());
    }

    /// <summary>A chart of ten steps as the server draws it, put into a page of ours: charts.js works on whatever is there.</summary>
    private async Task<Visit> ChartAsync(Look look)
    {
        ChartLabel[] labels = [.. Enumerable.Range(0, 10).Select(step => new ChartLabel($"Step {step}", $"{step}:00", step % 2 == 0))];
        ChartSeries[] series =
        [
            new("Sent", "series-quiet", [.. Enumerable.Repeat(30_000.0, 10)], ChartShape.Column),
            new("Opened", "series-1", [.. Enumerable.Range(0, 10).Select(step => 1200.0 + step)], ChartShape.Area),
        ];
        var html = await Rendering.HtmlOfAsync<Timeline>(
            ("Title", "By step"), ("Labels", labels), ("Series", series), ("OnRange", EventCallback.Factory.Create<ChartRange>(this, _ => { })));
        var visit = await Browser.VisitAsync(_app, look);
        await visit.OpenAsync("/not-found");
        await visit.Page.EvaluateAsync(
            "html => { document.querySelector('main').innerHTML = html; document.addEventListener('change', event => { window.chosen = event.target.value; }); }", html);
        return visit;
    }

    private static async Task PointAsync(Visit visit, int step)
    {
        var plot = (await visit.Page.Locator(".chart-plot").BoundingBoxAsync())!;
        await visit.Page.Mouse.MoveAsync(plot.X + (plot.Width * (step + 0.5f) / 10), plot.Y + 60, new MouseMoveOptions { Steps = 3 });
    }

    private static string[] Words(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
