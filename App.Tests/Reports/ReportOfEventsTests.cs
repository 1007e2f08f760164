using ScoreTracking.Events;
using ScoreTracking.Experiments;
using ScoreTracking.Reports;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Reports;

/// <summary>The whole way: events through the front door, figures out of the report.</summary>
public sealed class ReportOfEventsTests(AppFixture fixture) : IClassFixture<AppFixture>
{
    private readonly TestApp _app = fixture.App;

    [Fact]
    public async Task A_campaigns_events_arrive_in_every_section()
    {
        var campaign = await _app.GivenCampaignAsync(variants: 2);
        var link = await _app.GivenLinkAsync(campaign);
        var opener = await _app.GivenMessageAsync(campaign, variant: 0);
        var clicker = await _app.GivenMessageAsync(campaign, variant: 1);
        var bouncer = await _app.GivenMessageAsync(campaign, variant: 1);
        await _app.StoreAsync(
            Some.Event(opener, EventType.Sent),
            Some.Event(clicker, EventType.Sent),
            Some.Event(bouncer, EventType.Sent),
            Some.Event(opener, EventType.Delivered, TimeSpan.FromSeconds(5)),
            Some.Event(clicker, EventType.Delivered, TimeSpan.FromSeconds(5)),
            Some.Event(bouncer, EventType.Bounced, TimeSpan.FromSeconds(5), bounce: BounceKind.Hard),
            Some.Event(opener, EventType.Opened, TimeSpan.FromHours(1), source: EventSource.Tracking),
            Some.Event(opener, EventType.Opened, TimeSpan.FromHours(2), source: EventSource.Tracking),
            Some.Event(clicker, EventType.Clicked, TimeSpan.FromHours(1), linkId: link, source: EventSource.Tracking),
            Some.Event(clicker, EventType.Unsubscribed, TimeSpan.FromHours(2)));

        await using var db = _app.Database();
        var summary = await SummaryQuery.RunAsync(db, campaign, default, _app.Clock.GetUtcNow(), TestContext.Current.CancellationToken);
        var timeline = await TimelineQuery.RunAsync(db, campaign, new(TimeZoneInfo.Utc), TestContext.Current.CancellationToken);
        var links = await LinksQuery.RunAsync(db, campaign, TestContext.Current.CancellationToken);
        var variants = await VariantsQuery.RunAsync(db, campaign, TestMetric.ClickRate, default, TestContext.Current.CancellationToken);

        Assert.Equal((3, 2L, 2, 2, 1, 1), (summary!.Sent, summary.Delivered, summary.Opened, summary.TotalOpens, summary.Clicked, summary.TotalClicks));
        Assert.Equal(new Bounces(1, Hard: 1, Soft: 0, Block: 0), summary.Bounced);
        Assert.Equal(1, summary.Unsubscribed);
        Assert.Equal(
            ["12:00 3 0 0 2 0 0 1 0", "13:00 0 1 1 0 2 1 0 0", "14:00 0 1 0 0 0 0 0 1"],
            timeline!.Rows.Select(r => $"{r.StartUtc:HH:mm} {r.Sent} {r.Opens} {r.Clicks} {r.Delivered} {r.UniqueOpens} {r.UniqueClicks} {r.Bounced} {r.Unsubscribed}"));
        Assert.Equal((1, 1, new Ratio(1, 3)), (links.Data[0].TotalClicks, links.Data[0].UniqueClicks, links.Data[0].Ctr));
        Assert.Equal([(1, 0, 1), (2, 1, 1)], variants!.Variants.Select(v => ((int)v.Sent, (int)v.Clicked, (int)v.N)));
        Assert.Equal([0, 1], variants.Variants.Select(v => v.Bounced.Hard));
        Assert.Empty(_app.Verify());
    }
}
