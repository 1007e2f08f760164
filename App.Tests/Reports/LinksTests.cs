using ScoreTracking.Api;
using ScoreTracking.Counters;
using ScoreTracking.Events;
using ScoreTracking.Reports;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Reports;

public sealed class LinksTests(AppFixture fixture) : IClassFixture<AppFixture>
{
    private readonly TestApp _app = fixture.App;

    [Fact]
    public async Task Links_are_ordered_by_unique_clicks_and_those_nobody_clicked_are_listed()
    {
        var campaign = await CountedCampaign.InsertAsync(_app);
        await campaign.CountAsync(Dimension.Summary, "", EventType.Sent, VerdictGroup.None, 200, 200);
        var quiet = await campaign.LinkAsync("", 1, "https://shop.example.com/terms", "Terms");
        var second = await campaign.LinkAsync("", 2, "https://shop.example.com/", "Logo");
        var first = await campaign.LinkAsync("", 3, "https://shop.example.com/", "Shop now");
        await ClicksAsync(campaign, second, 30, 10);
        await ClicksAsync(campaign, first, 25, 20);
        await campaign.CountAsync(Dimension.Link, $"{quiet}", EventType.Clicked, VerdictGroup.Scanner, 99, 0);

        var report = await ReportAsync(campaign);

        Assert.Equal(
            [
                new(PublicId.Link(first), "https://shop.example.com/", "Shop now", 3, "", 25, 20, new Ratio(20, 200)),
                new(PublicId.Link(second), "https://shop.example.com/", "Logo", 2, "", 30, 10, new Ratio(10, 200)),
                new(PublicId.Link(quiet), "https://shop.example.com/terms", "Terms", 1, "", 0, 0, new Ratio(0, 200)),
            ],
            report.Data);
        Assert.Equal(0.1, report.Data[0].Ctr.Rate);
        Assert.Equal(3, report.Count);
    }

    [Fact]
    public async Task The_same_url_in_several_places_sums_to_one_row()
    {
        var campaign = await CountedCampaign.InsertAsync(_app);
        await ClicksAsync(campaign, await campaign.LinkAsync("c1", 1, "https://a.example.com/", "A"), 3, 2);
        await ClicksAsync(campaign, await campaign.LinkAsync("c1", 2, "https://a.example.com/", "Picture"), 4, 4);
        await ClicksAsync(campaign, await campaign.LinkAsync("c2", 1, "https://b.example.com/", "B"), 9, 9);
        await campaign.LinkAsync("c2", 2, "https://a.example.com/", "A");

        var report = await ReportAsync(campaign);

        Assert.Equal([new("https://b.example.com/", 1, 9), new("https://a.example.com/", 3, 7)], report.ByUrl);
    }

    [Fact]
    public async Task Without_sent_messages_a_click_rate_is_absent()
    {
        var campaign = await CountedCampaign.InsertAsync(_app);
        await ClicksAsync(campaign, await campaign.LinkAsync("", 1, "https://a.example.com/", "A"), 3, 2);

        Assert.Null(Assert.Single((await ReportAsync(campaign)).Data).Ctr.Rate);
    }

    [Fact]
    public async Task The_links_of_another_campaign_stay_there()
    {
        var other = await CountedCampaign.InsertAsync(_app);
        await other.LinkAsync("", 1, "https://a.example.com/", "A");

        var report = await ReportAsync(await CountedCampaign.InsertAsync(_app));

        Assert.Equal((0, 0, 0), (report.Data.Count, report.ByUrl.Count, report.Count));
    }

    [Fact]
    public async Task Only_the_most_clicked_are_listed_and_the_count_says_how_many_there_are()
    {
        var campaign = await CountedCampaign.InsertAsync(_app);
        await using (var db = _app.Database())
        {
            db.Links.AddRange(Enumerable.Range(1, LinksQuery.MaxRows + 7).Select(i =>
                new ScoreTracking.Data.Link { CampaignId = campaign.Id, Content = "own", Position = i, Url = $"https://a.example.com/{i}", Label = "" }));
            await db.SaveChangesAsync(TestContext.Current.CancellationToken);
        }

        var report = await ReportAsync(campaign);

        Assert.Equal((LinksQuery.MaxRows, LinksQuery.MaxRows + 7), (report.Data.Count, report.Count));
    }

    private static Task ClicksAsync(CountedCampaign campaign, long link, long total, long unique) =>
        campaign.CountAsync(Dimension.Link, $"{link}", EventType.Clicked, VerdictGroup.Person, total, unique);

    private async Task<LinksReport> ReportAsync(CountedCampaign campaign)
    {
        await using var db = _app.Database();
        return await LinksQuery.RunAsync(db, campaign.Id, TestContext.Current.CancellationToken);
    }
}
