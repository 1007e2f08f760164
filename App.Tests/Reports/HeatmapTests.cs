using System.Globalization;
using ScoreTracking.Events;
using ScoreTracking.Experiments;
using ScoreTracking.Reports;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Reports;

public sealed class HeatmapTests(AppFixture fixture) : IClassFixture<AppFixture>
{
    private readonly TestApp _app = fixture.App;

    [Fact]
    public async Task Rows_and_columns_find_what_cells_cannot()
    {
        var map = await ReadAsync(await GivenTest.GoldenAsync(_app));

        Assert.Equal(("subject", "html", "click_rate"), (map.RowField, map.ColField, map.Metric));
        Assert.Equal(["s1", "s2", "s3"], map.Rows);
        Assert.Equal(["h1", "h2"], map.Cols);
        Assert.Equal(
            ["210/1000 0.21 0.0246", "205/1000 0.205 0.0109", "240/1000 0.24 0.6844", "228/1000 0.228 0.2355", "190/1000 0.19 0.0005", "214/1000 0.214 0.0441"],
            map.Cells.SelectMany(row => row).Select(cell => Text(cell.X, cell.N, cell.Rate, cell.PBest)));
        Assert.Equal(
            ["s1 415/2000 0.2075 0.0210", "s2 468/2000 0.234 0.9728", "s3 404/2000 0.202 0.0062"],
            map.RowMargins.Select(row => $"{row.Key} {Text(row.X, row.N, row.Rate, row.PBest)}"));
        Assert.Equal(["h1 640/3000", "h2 647/3000"], map.ColMargins.Select(col => $"{col.Key} {col.X}/{col.N}"));
        Assert.Equal((1287, 6000), (map.Total.X, map.Total.N));
    }

    [Fact]
    public async Task The_axes_may_be_turned()
    {
        var map = await ReadAsync(await GivenTest.GoldenAsync(_app), rows: "html", cols: "subject");

        Assert.Equal([["210", "240", "190"], ["205", "228", "214"]], map.Cells.Select(row => row.Select(cell => $"{cell.X}").ToArray()));
    }

    [Fact]
    public async Task One_axis_given_leaves_the_other_to_the_test()
    {
        var campaign = await GivenTest.FactorialAsync(_app, [("subject", 2), ("html", 2), ("preheader", 2)]);

        Assert.Equal(("html", "subject"), Axes(await ReadAsync(campaign, rows: "html")));
        Assert.Equal(("html", "subject"), Axes(await ReadAsync(campaign, cols: "subject")));
        Assert.Equal(("subject", "preheader"), Axes(await ReadAsync(campaign, cols: "preheader")));

        static (string?, string?) Axes(HeatmapReport map) => (map.RowField, map.ColField);
    }

    [Fact]
    public async Task The_rest_of_the_factors_is_pooled_or_kept_to_one_level()
    {
        // Eight variants with 1, 2, 4 … clicks tell in every sum who is in it.
        var campaign = await GivenTest.FactorialAsync(_app, [("subject", 2), ("html", 2), ("preheader", 2)]);
        for (var i = 0; i < 8; i++)
        {
            await campaign.CountVariantAsync(i, EventType.Sent, VerdictGroup.None, 1000);
            await campaign.CountVariantAsync(i, EventType.Clicked, VerdictGroup.Person, 1 << i);
        }

        var pooled = await ReadAsync(campaign, rows: "subject", cols: "html");
        var kept = await ReadAsync(campaign, rows: "subject", cols: "html", only: new LevelFilter(Preheader: "p2"));

        Assert.Equal(["3/2000", "12/2000", "48/2000", "192/2000"], Sums(pooled));
        Assert.Equal(["2/1000", "8/1000", "32/1000", "128/1000"], Sums(kept));
        Assert.Equal("p2", Assert.Single(kept.Only).Value);
        Assert.Equal((170, 4000), (kept.Total.X, kept.Total.N));

        static IEnumerable<string> Sums(HeatmapReport map) => map.Cells.SelectMany(row => row).Select(cell => $"{cell.X}/{cell.N}");
    }

    [Theory]
    [InlineData(TestMetric.OpenRate, "30/95")]
    [InlineData(TestMetric.ClickRate, "12/95")]
    [InlineData(TestMetric.ClickToOpen, "12/30")]
    public async Task Every_metric_measures_people_only(TestMetric metric, string expected)
    {
        var campaign = await GivenTest.FactorialAsync(_app, [("subject", 2), ("html", 2)]);
        await campaign.CountVariantAsync(3, EventType.Sent, VerdictGroup.None, 100);
        await campaign.CountVariantAsync(3, EventType.Bounced, VerdictGroup.None, 5);
        await campaign.CountVariantAsync(3, EventType.Opened, VerdictGroup.Person, 30);
        await campaign.CountVariantAsync(3, EventType.Opened, VerdictGroup.Privacy, 40);
        await campaign.CountVariantAsync(3, EventType.Clicked, VerdictGroup.Person, 12);
        await campaign.CountVariantAsync(3, EventType.Clicked, VerdictGroup.Scanner, 50);

        var cell = (await ReadAsync(campaign, metric: metric)).Cells[1][1];

        Assert.Equal(expected, $"{cell.X}/{cell.N}");
    }

    [Theory]
    [InlineData(3, "", "subject", 1, 3)]
    [InlineData(8, "", "subject", 1, 8)]
    [InlineData(50, "subject", "", 50, 1)]
    public async Task One_factor_is_one_line(int levels, string rowField, string colField, int rows, int cols)
    {
        var campaign = await GivenTest.FactorialAsync(_app, [("subject", levels)]);
        await campaign.CountVariantAsync(0, EventType.Sent, VerdictGroup.None, 100);

        var map = await ReadAsync(campaign);

        Assert.Equal((rowField, colField), (map.RowField ?? "", map.ColField ?? ""));
        Assert.Equal((rows, cols), (map.Cells.Count, map.Cells[0].Count));
        Assert.Equal(1, map.Cells.SelectMany(row => row).Sum(cell => cell.PBest), 9);
    }

    [Fact]
    public async Task Fifty_variants_over_two_factors_have_margins_on_both_sides()
    {
        var campaign = await GivenTest.FactorialAsync(_app, [("subject", 10), ("html", 5)]);
        for (var i = 0; i < 50; i++)
        {
            await campaign.CountVariantAsync(i, EventType.Sent, VerdictGroup.None, 200);
            await campaign.CountVariantAsync(i, EventType.Clicked, VerdictGroup.Person, 10 + (i % 5));
        }

        var map = await ReadAsync(campaign);

        Assert.Equal((10, 5, 10, 5), (map.Cells.Count, map.Cells[0].Count, map.RowMargins.Count, map.ColMargins.Count));
        Assert.All(map.RowMargins, row => Assert.Equal((60L, 1000L), (row.X, row.N)));
        Assert.Equal([100, 110, 120, 130, 140], map.ColMargins.Select(col => col.X));
        Assert.Equal(0.1, map.RowMargins[3].PBest, 9);
    }

    [Fact]
    public async Task Without_messages_all_cells_are_equal_and_none_has_a_colour()
    {
        var map = await ReadAsync(await GivenTest.FactorialAsync(_app, [("subject", 3), ("html", 2)]));

        Assert.All(map.Cells.SelectMany(row => row), cell => Assert.Equal(new HeatmapCell(0, 0, null, cell.PBest, null, IsThin: true), cell));
        Assert.All(map.Cells.SelectMany(row => row), cell => Assert.Equal(1.0 / 6, cell.PBest, 9));
        Assert.Null(map.Total.Rate);
    }

    [Fact]
    public async Task The_colour_of_a_thin_cell_lies_near_the_average()
    {
        var campaign = await GivenTest.FactorialAsync(_app, [("subject", 2), ("html", 2)]);
        foreach (var (variant, sent, clicked) in new[] { (0, 10_000, 1_000), (1, 49, 20), (2, 50, 50), (3, 10_000, 930) })
        {
            await campaign.CountVariantAsync(variant, EventType.Sent, VerdictGroup.None, sent);
            await campaign.CountVariantAsync(variant, EventType.Clicked, VerdictGroup.Person, clicked);
        }

        var cells = (await ReadAsync(campaign)).Cells.SelectMany(row => row).ToList();

        // 2,000 of 20,099 on average, and as much weight as fifty messages.
        Assert.Equal([false, true, false, false], cells.Select(cell => cell.IsThin));
        Assert.Equal([0.1, 0.2523, 0.5498, 0.093], cells.Select(cell => Math.Round(cell.Mean!.Value, 4)));
    }

    [Theory]
    [InlineData("colour", null, null, "rows")]
    [InlineData("subject", "subject", null, "cols")]
    [InlineData("html", "weekday", null, "cols")]
    [InlineData(null, null, "p9", "preheader")]
    [InlineData("preheader", null, "p1", "preheader")]
    public async Task What_the_test_does_not_have_is_named_and_the_default_shown(string? rows, string? cols, string? preheader, string field)
    {
        var campaign = await GivenTest.FactorialAsync(_app, [("subject", 2), ("html", 2), ("preheader", 2)]);
        var errors = new Dictionary<string, string[]>();

        var map = await RunAsync(campaign, new HeatmapChoice(rows, cols, new LevelFilter(Preheader: preheader), TestMetric.ClickRate), errors);

        Assert.Equal([field], errors.Keys);
        Assert.Equal(2, map!.Cells.Count);
        Assert.NotEqual(map.RowField, map.ColField);
        Assert.Empty(map.Only);
    }

    [Fact]
    public async Task A_campaign_without_a_test_has_no_heatmap_and_an_unknown_one_neither()
    {
        var errors = new Dictionary<string, string[]>();
        var plain = await CountedCampaign.InsertAsync(_app, null, ("", "{}", 1, 10));

        Assert.Null(await RunAsync(plain, new HeatmapChoice(null, null, new LevelFilter(), TestMetric.ClickRate), errors));
        Assert.Equal(["rows"], errors.Keys);
        await using var db = _app.Database();
        Assert.Null(await HeatmapQuery.RunAsync(db, 987654, new HeatmapChoice(null, null, new LevelFilter(), TestMetric.ClickRate), [], TestContext.Current.CancellationToken));
    }

    private static string Text(long x, long n, double? rate, double best) =>
        string.Create(CultureInfo.InvariantCulture, $"{x}/{n} {rate} {best:0.0000}");

    private async Task<HeatmapReport> ReadAsync(
        CountedCampaign campaign, string? rows = null, string? cols = null, LevelFilter? only = null, TestMetric metric = TestMetric.ClickRate)
    {
        var errors = new Dictionary<string, string[]>();
        var map = await RunAsync(campaign, new HeatmapChoice(rows, cols, only ?? new LevelFilter(), metric), errors);
        Assert.Empty(errors);
        return map!;
    }

    private async Task<HeatmapReport?> RunAsync(CountedCampaign campaign, HeatmapChoice choice, Dictionary<string, string[]> errors)
    {
        await using var db = _app.Database();
        return await HeatmapQuery.RunAsync(db, campaign.Id, choice, errors, TestContext.Current.CancellationToken);
    }
}
