using ScoreTracking.Experiments;
using ScoreTracking.Reports;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Reports;

public sealed class ReportFilterTests
{
    private static readonly ReportHeader s_running = new(
        "Spring sale", "running", "Example", "news@example.com", Some.Noon, StartedAt: Some.Noon, FirstSentAt: Some.Noon, Recipients: 3, HasTest: false, HasEvents: true);

    [Fact]
    public void An_address_without_a_query_shows_everything_since_the_send()
    {
        var filter = Read();
        var request = filter.Request(s_running, TimeZoneInfo.Utc, Some.Noon.AddDays(3));

        Assert.Equal(new ReportFilter(new ReportView(OpensView.All, RateBasis.Sent), TimeRange.SinceSend, null, null, null, TestMetric.ClickRate), filter);
        Assert.Equal((Some.Noon, Some.Noon.AddDays(3)), (request.From, request.To));
    }

    [Fact]
    public void A_finished_campaign_ends_with_its_last_event() =>
        Assert.Null(Read().Request(s_running with { Status = "completed" }, TimeZoneInfo.Utc, Some.Noon.AddDays(3)).To);

    [Theory]
    [InlineData("24h", 1)]
    [InlineData("7d", 7)]
    [InlineData("28d", 28)]
    public void A_fixed_range_ends_now(string range, int days)
    {
        var filter = Read(range: range);
        var request = filter.Request(s_running, TimeZoneInfo.Utc, Some.Noon.AddDays(100));

        Assert.Equal((Some.Noon.AddDays(100 - days), Some.Noon.AddDays(100)), (request.From, request.To));
        Assert.Equal(range, filter.RangeName);
    }

    [Fact]
    public void Two_moments_in_the_address_win_over_a_fixed_range()
    {
        var filter = Read(range: "7d", from: ReportFilter.Moment(Some.Noon), to: ReportFilter.Moment(Some.Noon.AddHours(2)));

        Assert.Equal((TimeRange.Custom, Some.Noon, Some.Noon.AddHours(2)), (filter.Range, filter.From, filter.To));
    }

    [Theory]
    [InlineData("yesterday", "2026-09-01T12:00Z")]
    [InlineData("2026-09-02T12:00Z", "2026-09-01T12:00Z")]
    public void What_an_address_says_wrongly_means_the_default(string from, string to)
    {
        var filter = ReportFilter.Read("most", "x", "1y", from, to: from == "yesterday" ? null : to, "minute", "luck");

        Assert.Equal(Read(), filter);
    }

    [Theory]
    [InlineData(12, null, TimelineInterval.Quarter)]
    [InlineData(13, null, TimelineInterval.Hour)]
    [InlineData(14 * 24, null, TimelineInterval.Hour)]
    [InlineData(15 * 24, null, TimelineInterval.Day)]
    [InlineData(12, "hour", TimelineInterval.Hour)]
    [InlineData(31 * 24, "hour", TimelineInterval.Hour)]
    [InlineData(33 * 24, "hour", TimelineInterval.Day)]
    [InlineData(12, "day", TimelineInterval.Day)]
    public async Task The_longer_the_range_the_longer_a_step(int hours, string? interval, TimelineInterval expected)
    {
        await using var app = new TestApp();
        var campaign = await CountedCampaign.InsertAsync(app);
        var end = Some.Noon.AddHours(hours);
        var request = Read(from: ReportFilter.Moment(Some.Noon), to: ReportFilter.Moment(end), interval: interval).Request(s_running, TimeZoneInfo.Utc, end);

        await using var db = app.Database();
        var timeline = await TimelineQuery.RunAsync(db, campaign.Id, request, TestContext.Current.CancellationToken);

        Assert.Equal(expected, timeline!.Interval);
        Assert.Equal(Some.Noon, expected == TimelineInterval.Day ? timeline.Rows[0].StartUtc.AddHours(12) : timeline.Rows[0].StartUtc);
    }

    private static ReportFilter Read(string? range = null, string? from = null, string? to = null, string? interval = null) =>
        ReportFilter.Read(opens: null, basis: null, range, from, to, interval, metric: null);
}
