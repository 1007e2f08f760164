using ScoreTracking.Counters;
using ScoreTracking.Events;
using ScoreTracking.Experiments;
using ScoreTracking.Reports;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Reports;

public sealed class VariantsTests(AppFixture fixture) : IClassFixture<AppFixture>
{
    private const string ThreeByTwo = """
        {"factors":[
          {"field":"subject","levels":[{"key":"s1","value":"A"},{"key":"s2","value":"B"},{"key":"s3","value":"C"}]},
          {"field":"html","levels":[{"key":"c1","value":"<p>"},{"key":"c2","value":"<b>"}]}],
         "distribution":"equal","weights":null,"sample_percent":100,
         "winner":{"mode":"manual","metric":"click_rate","after_hours":4,"min_probability":0.95,"min_per_variant":100}}
        """;

    private const string TwoSubjects = """
        {"factors":[{"field":"subject","levels":[{"key":"s1","value":"A"},{"key":"s2","value":"B"}]}],"distribution":"equal"}
        """;

    private readonly TestApp _app = fixture.App;

    [Fact]
    public async Task The_margins_of_a_test_find_what_its_cells_cannot()
    {
        var campaign = await CountedCampaign.InsertAsync(_app, ThreeByTwo, [.. Cells().Select(cell => (cell.Key, cell.Levels, 1.0 / 6, 1020L))]);
        long[] clicked = [210, 205, 240, 228, 190, 214];
        for (var i = 0; i < clicked.Length; i++)
        {
            await CountAsync(campaign, i, EventType.Sent, VerdictGroup.None, 1020);
            await CountAsync(campaign, i, EventType.Bounced, VerdictGroup.None, 20);
            await CountAsync(campaign, i, EventType.Clicked, VerdictGroup.Person, clicked[i]);
        }

        var report = await ReportAsync(campaign);

        Assert.Equal(["s1.c1", "s1.c2", "s2.c1", "s2.c2", "s3.c1", "s3.c2"], report.Variants.Select(v => v.Id));
        Assert.Equal([0.0246, 0.0109, 0.6844, 0.2355, 0.0005, 0.0441], report.Variants.Select(v => Math.Round(v.PBest, 4)));
        Assert.Equal((1000, 240, 0.24), (report.Variants[2].N, report.Variants[2].X, report.Variants[2].Rate));
        Assert.Equal(
            ["subject s1 415/2000 0.0210", "subject s2 468/2000 0.9728", "subject s3 404/2000 0.0062"],
            report.Margins.Take(3).Select(m => FormattableString.Invariant($"{m.Field} {m.Key} {m.X}/{m.N} {m.PBest:0.0000}")));
        Assert.Equal(["c1 640/3000", "c2 647/3000"], report.Margins.Skip(3).Select(m => $"{m.Key} {m.X}/{m.N}"));
        Assert.Equal("no_winner_yet", report.Winner.State);
        Assert.Null(report.Winner.VariantId);
        Assert.Contains("s2.c1", report.Winner.Reason, StringComparison.Ordinal);
        Assert.True(report.SampleRatio.Ok);
    }

    [Fact]
    public async Task A_variant_shows_its_own_figures()
    {
        var campaign = await GivenTwoSubjectsAsync();
        await CountAsync(campaign, 1, EventType.Sent, VerdictGroup.None, 100);
        await CountAsync(campaign, 1, EventType.Delivered, VerdictGroup.None, 80);
        await CountAsync(campaign, 1, EventType.Opened, VerdictGroup.Person, 30);
        await CountAsync(campaign, 1, EventType.Opened, VerdictGroup.Privacy, 10);
        await CountAsync(campaign, 1, EventType.Bounced, VerdictGroup.None, 5);
        await campaign.CountAsync(Dimension.VariantBounce, "5", EventType.Bounced, VerdictGroup.None, 3, 3);
        await campaign.CountAsync(Dimension.VariantBounce, "7", EventType.Bounced, VerdictGroup.None, 2, 2);

        var report = await ReportAsync(campaign, TestMetric.OpenRate);

        var (first, second) = (report.Variants[0], report.Variants[1]);
        Assert.Equal("s1", first.Levels["subject"]);
        Assert.Equal((0, 0L, 500), (first.Sent, first.Delivered, first.Recipients));
        Assert.Equal((100, 80L, 40, 30), (second.Sent, second.Delivered, second.Opened, second.ConfirmedOpened));
        Assert.Equal(new Bounces(5, Hard: 3, Soft: 0, Block: 2), second.Bounced);
        Assert.Equal(new Ratio(40, 100), second.Rates.Open);
        Assert.Equal((95, 30), (second.N, second.X));
    }

    [Fact]
    public async Task The_90_percent_interval_is_the_posteriors()
    {
        var campaign = await GivenTwoSubjectsAsync(sent: 1000, first: 200, second: 230);

        var interval = (await ReportAsync(campaign)).Variants[0].Ci90;

        Assert.Equal([0.180145, 0.221733], interval.Select(bound => Math.Round(bound, 6)));
    }

    [Theory]
    [InlineData(1000, 200, 290, "winner", "s2")]
    [InlineData(1000, 200, 230, "no_winner_yet", "probability")]
    [InlineData(90, 5, 60, "no_winner_yet", "100 messages")]
    [InlineData(0, 0, 0, "no_winner_yet", "100 messages")]
    public async Task A_winner_needs_probability_and_messages(long sent, long first, long second, string state, string reason)
    {
        var winner = (await ReportAsync(await GivenTwoSubjectsAsync(sent, first, second))).Winner;

        Assert.Equal(state, winner.State);
        Assert.Equal(state == "winner" ? "s2" : null, winner.VariantId);
        Assert.Contains(reason, winner.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_split_of_recipients_blocks_the_winner()
    {
        var campaign = await GivenTwoSubjectsAsync();
        await CountAsync(campaign, 0, EventType.Sent, VerdictGroup.None, 5000);
        await CountAsync(campaign, 1, EventType.Sent, VerdictGroup.None, 5400);
        await CountAsync(campaign, 1, EventType.Clicked, VerdictGroup.Person, 1000);

        var report = await ReportAsync(campaign);

        Assert.False(report.SampleRatio.Ok);
        Assert.Equal("no_winner_yet", report.Winner.State);
        Assert.Contains("8.8e-5", report.Winner.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Each_metric_measures_people_only()
    {
        var campaign = await GivenTwoSubjectsAsync(sent: 1000, first: 0, second: 50);
        await CountAsync(campaign, 1, EventType.Opened, VerdictGroup.Person, 200);
        await CountAsync(campaign, 1, EventType.Opened, VerdictGroup.Privacy, 300);

        Assert.Equal((200, 1000), await Measured(TestMetric.OpenRate));
        Assert.Equal((50, 1000), await Measured(TestMetric.ClickRate));
        Assert.Equal((50, 200), await Measured(TestMetric.ClickToOpen));

        async Task<(long, long)> Measured(TestMetric metric)
        {
            var variant = (await ReportAsync(campaign, metric)).Variants[1];
            return (variant.X, variant.N);
        }
    }

    [Fact]
    public async Task A_campaign_without_a_test_is_one_variant_and_surely_the_best()
    {
        var campaign = await CountedCampaign.InsertAsync(_app, null, ("", "{}", 1, 10));
        await CountAsync(campaign, 0, EventType.Sent, VerdictGroup.None, 10);

        var report = await ReportAsync(campaign);

        var variant = Assert.Single(report.Variants);
        Assert.Equal(("", 1.0, 0.0), (variant.Id, variant.PBest, variant.ExpectedLoss));
        Assert.Empty(report.Margins);
        Assert.Equal("no_test", report.Winner.State);
    }

    [Fact]
    public async Task Messages_not_yet_dealt_belong_to_no_variant()
    {
        var campaign = await GivenTwoSubjectsAsync();
        await CountAsync(campaign, -1, EventType.Sent, VerdictGroup.None, 10);
        await campaign.CountAsync(Dimension.VariantBounce, "-3", EventType.Bounced, VerdictGroup.None, 1, 1);

        Assert.All((await ReportAsync(campaign)).Variants, variant => Assert.Equal((0, 0), (variant.Sent, variant.Bounced.Hard)));
    }

    [Fact]
    public async Task An_unknown_campaign_has_no_variants()
    {
        await using var db = _app.Database();

        Assert.Null(await VariantsQuery.RunAsync(db, 987654, TestMetric.ClickRate, default, TestContext.Current.CancellationToken));
    }

    private static IEnumerable<(string Key, string Levels)> Cells() =>
        from subject in (string[])["s1", "s2", "s3"]
        from html in (string[])["c1", "c2"]
        select ($"{subject}.{html}", $$"""{"subject":"{{subject}}","html":"{{html}}"}""");

    private async Task<CountedCampaign> GivenTwoSubjectsAsync(long sent = 0, long first = 0, long second = 0)
    {
        var campaign = await CountedCampaign.InsertAsync(
            _app, TwoSubjects, ("s1", """{"subject":"s1"}""", 0.5, 500), ("s2", """{"subject":"s2"}""", 0.5, 500));
        if (sent > 0)
        {
            await CountAsync(campaign, 0, EventType.Sent, VerdictGroup.None, sent);
            await CountAsync(campaign, 1, EventType.Sent, VerdictGroup.None, sent);
            await CountAsync(campaign, 0, EventType.Clicked, VerdictGroup.Person, first);
            await CountAsync(campaign, 1, EventType.Clicked, VerdictGroup.Person, second);
        }

        return campaign;
    }

    private static Task CountAsync(CountedCampaign campaign, int position, EventType type, VerdictGroup group, long unique) =>
        campaign.CountAsync(Dimension.Variant, $"{position}", type, group, unique, unique);

    private async Task<VariantsReport> ReportAsync(CountedCampaign campaign, TestMetric metric = TestMetric.ClickRate)
    {
        await using var db = _app.Database();
        return (await VariantsQuery.RunAsync(db, campaign.Id, metric, default, TestContext.Current.CancellationToken))!;
    }
}
