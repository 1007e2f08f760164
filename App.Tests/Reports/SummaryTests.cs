using ScoreTracking.Counters;
using ScoreTracking.Events;
using ScoreTracking.Reports;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Reports;

public sealed class SummaryTests(AppFixture fixture) : IClassFixture<AppFixture>
{
    private static readonly ReportView s_all = new(OpensView.All, RateBasis.Sent);

    private readonly TestApp _app = fixture.App;

    [Fact]
    public async Task Every_figure_comes_from_its_own_counter()
    {
        var campaign = await GivenCampaignAsync();

        var summary = await SummaryAsync(campaign, s_all);

        Assert.Equal(1000, summary.Recipients);
        Assert.Equal(900, summary.Sent);
        Assert.Equal(800, summary.Delivered);
        Assert.Equal(400, summary.Opened);
        Assert.Equal(300, summary.ConfirmedOpened);
        Assert.Equal(650, summary.TotalOpens);
        Assert.Equal(90, summary.Clicked);
        Assert.Equal(120, summary.TotalClicks);
        Assert.Equal(new Bounces(60, Hard: 30, Soft: 20, Block: 10), summary.Bounced);
        Assert.Equal(3, summary.Complained);
        Assert.Equal(9, summary.Unsubscribed);
        Assert.Equal(25, summary.Deferred);
        Assert.Equal(7, summary.Dropped);
        Assert.Equal(4, summary.Replied);
        Assert.Equal(new Filtered(Scanner: 47, Prefetch: 5, Self: 2), summary.Filtered);
        Assert.Equal(_app.Clock.GetUtcNow(), summary.AsOf);
    }

    [Fact]
    public async Task Rates_are_divided_by_sent_and_click_to_open_by_opened()
    {
        var rates = (await SummaryAsync(await GivenCampaignAsync(), s_all)).Rates;

        Assert.Equal(
            new Rates(new(400, 900), new(90, 900), new(90, 400), new(60, 900), new(3, 900), new(9, 900)),
            rates);
        Assert.Equal(0.1, rates.Click.Rate);
        Assert.Equal(0.225, rates.ClickToOpen.Rate);
    }

    [Fact]
    public async Task Confirmed_opens_leave_privacy_mailboxes_out_of_every_opens_figure()
    {
        var summary = await SummaryAsync(await GivenCampaignAsync(), s_all with { Opens = OpensView.Confirmed });

        Assert.Equal((300, 300, 500), (summary.Opened, summary.ConfirmedOpened, summary.TotalOpens));
        Assert.Equal(new Ratio(300, 900), summary.Rates.Open);
        Assert.Equal(new Ratio(90, 300), summary.Rates.ClickToOpen);
    }

    [Fact]
    public async Task By_delivered_all_but_bounces_are_divided_by_what_arrived()
    {
        var rates = (await SummaryAsync(await GivenCampaignAsync(), s_all with { Basis = RateBasis.Delivered })).Rates;

        Assert.Equal(
            new Rates(new(400, 800), new(90, 800), new(90, 400), new(60, 900), new(3, 800), new(9, 800)),
            rates);
    }

    [Fact]
    public async Task Without_delivery_reports_delivered_is_unknown_and_so_are_rates_by_it()
    {
        var campaign = await CountedCampaign.InsertAsync(_app, null, ("", "{}", 1, 10));
        await campaign.CountAsync(Dimension.Summary, "", EventType.Sent, VerdictGroup.None, 10, 10);

        var summary = await SummaryAsync(campaign, s_all with { Basis = RateBasis.Delivered });

        Assert.Null(summary.Delivered);
        Assert.Equal(new Ratio(0, null), summary.Rates.Open);
        Assert.Null(summary.Rates.Open.Rate);
    }

    [Fact]
    public async Task With_nothing_sent_every_rate_is_absent()
    {
        var campaign = await CountedCampaign.InsertAsync(_app);

        var summary = await SummaryAsync(campaign, s_all);

        Assert.Equal((0, 0), (summary.Sent, summary.Recipients));
        Assert.Equal(new Ratio(0, 0), summary.Rates.Open);
        Assert.All(
            (Ratio[])[summary.Rates.Open, summary.Rates.Click, summary.Rates.ClickToOpen, summary.Rates.Bounce, summary.Rates.Complaint, summary.Rates.Unsubscribe],
            ratio => Assert.Null(ratio.Rate));
    }

    [Fact]
    public async Task Another_campaign_does_not_show_through()
    {
        await GivenCampaignAsync();
        var other = await CountedCampaign.InsertAsync(_app);

        Assert.Equal(0, (await SummaryAsync(other, s_all)).Opened);
    }

    [Fact]
    public async Task An_unknown_campaign_has_no_summary()
    {
        await using var db = _app.Database();

        Assert.Null(await SummaryQuery.RunAsync(db, 987654, s_all, _app.Clock.GetUtcNow(), TestContext.Current.CancellationToken));
    }

    private async Task<CountedCampaign> GivenCampaignAsync()
    {
        var campaign = await CountedCampaign.InsertAsync(_app, null, ("a", "{}", 0.5, 500), ("b", "{}", 0.5, 500));
        await Summary(EventType.Processed, VerdictGroup.None, 950, 950);
        await Summary(EventType.Sent, VerdictGroup.None, 905, 900);
        await Summary(EventType.Delivered, VerdictGroup.None, 801, 800);
        await Summary(EventType.Deferred, VerdictGroup.None, 31, 25);
        await Summary(EventType.Dropped, VerdictGroup.None, 7, 7);
        await Summary(EventType.Bounced, VerdictGroup.None, 66, 60);
        await Summary(EventType.Opened, VerdictGroup.Person, 500, 300);
        await Summary(EventType.Opened, VerdictGroup.Privacy, 150, 100);
        await Summary(EventType.Opened, VerdictGroup.Scanner, 40, 0);
        await Summary(EventType.Opened, VerdictGroup.Prefetch, 5, 0);
        await Summary(EventType.Opened, VerdictGroup.Self, 1, 0);
        await Summary(EventType.Clicked, VerdictGroup.Person, 120, 90);
        await Summary(EventType.Clicked, VerdictGroup.Scanner, 7, 0);
        await Summary(EventType.Clicked, VerdictGroup.Self, 1, 0);
        await Summary(EventType.Complained, VerdictGroup.None, 3, 3);
        await Summary(EventType.Unsubscribed, VerdictGroup.None, 11, 9);
        await Summary(EventType.Replied, VerdictGroup.None, 6, 4);
        await campaign.CountAsync(Dimension.Bounce, "1", EventType.Bounced, VerdictGroup.None, 31, 30);
        await campaign.CountAsync(Dimension.Bounce, "2", EventType.Bounced, VerdictGroup.None, 25, 20);
        await campaign.CountAsync(Dimension.Bounce, "3", EventType.Bounced, VerdictGroup.None, 10, 10);
        await campaign.CountAsync(Dimension.Variant, "0", EventType.Opened, VerdictGroup.Person, 9999, 9999);
        return campaign;

        Task Summary(EventType type, VerdictGroup group, long total, long unique) =>
            campaign.CountAsync(Dimension.Summary, "", type, group, total, unique);
    }

    private async Task<Summary> SummaryAsync(CountedCampaign campaign, ReportView view)
    {
        await using var db = _app.Database();
        return (await SummaryQuery.RunAsync(db, campaign.Id, view, _app.Clock.GetUtcNow(), TestContext.Current.CancellationToken))!;
    }
}
