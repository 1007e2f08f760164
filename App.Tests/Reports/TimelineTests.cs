using ScoreTracking.Events;
using ScoreTracking.Reports;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Reports;

public sealed class TimelineTests(AppFixture fixture) : IClassFixture<AppFixture>
{
    private readonly TestApp _app = fixture.App;

    [Fact]
    public async Task Hours_without_events_are_zero_and_every_column_has_its_counter()
    {
        var campaign = await CountedCampaign.InsertAsync(_app);
        await campaign.CountAtAsync("2026-09-01T10:00Z", EventType.Sent, VerdictGroup.None, 101, 100);
        await campaign.CountAtAsync("2026-09-01T10:45Z", EventType.Delivered, VerdictGroup.None, 91, 90);
        await campaign.CountAtAsync("2026-09-01T12:00Z", EventType.Opened, VerdictGroup.Person, 20, 12);
        await campaign.CountAtAsync("2026-09-01T12:15Z", EventType.Opened, VerdictGroup.Person, 3, 1);
        await campaign.CountAtAsync("2026-09-01T12:15Z", EventType.Opened, VerdictGroup.Privacy, 7, 5);
        await campaign.CountAtAsync("2026-09-01T12:15Z", EventType.Opened, VerdictGroup.Scanner, 1000, 0);
        await campaign.CountAtAsync("2026-09-01T12:59Z", EventType.Clicked, VerdictGroup.Person, 6, 4);
        await campaign.CountAtAsync("2026-09-01T12:59Z", EventType.Clicked, VerdictGroup.Scanner, 1000, 0);
        await campaign.CountAtAsync("2026-09-01T12:59Z", EventType.Bounced, VerdictGroup.None, 3, 2);
        await campaign.CountAtAsync("2026-09-01T12:59Z", EventType.Unsubscribed, VerdictGroup.None, 2, 1);

        var rows = await RowsAsync(campaign, "UTC");

        Assert.Equal(
            [
                new(Utc("2026-09-01T10:00Z"), "2026-09-01T10:00+00:00", 100, 0, 0, 90, 0, 0, 0, 0),
                new(Utc("2026-09-01T11:00Z"), "2026-09-01T11:00+00:00", 0, 0, 0, 0, 0, 0, 0, 0),
                new(Utc("2026-09-01T12:00Z"), "2026-09-01T12:00+00:00", 0, 30, 6, 0, 18, 4, 2, 1),
            ],
            rows);
    }

    [Fact]
    public async Task Confirmed_opens_leave_privacy_mailboxes_out()
    {
        var campaign = await CountedCampaign.InsertAsync(_app);
        await campaign.CountAtAsync("2026-09-01T12:15Z", EventType.Opened, VerdictGroup.Person, 3, 1);
        await campaign.CountAtAsync("2026-09-01T12:15Z", EventType.Opened, VerdictGroup.Privacy, 7, 5);

        var row = Assert.Single(await RowsAsync(campaign, "UTC", opens: OpensView.Confirmed));

        Assert.Equal((3, 1), (row.Opens, row.UniqueOpens));
    }

    [Fact]
    public async Task The_same_quarter_hours_regroup_to_the_hours_of_any_zone()
    {
        var campaign = await GivenOpensEachQuarterAsync("2026-09-01T10:00Z", quarters: 4);

        Assert.Equal(["2026-09-01T10:00+00:00 10"], await OpensAsync(campaign, "UTC"));
        Assert.Equal(["2026-09-01T06:00-04:00 10"], await OpensAsync(campaign, "America/New_York"));
        Assert.Equal(["2026-09-01T15:00+05:30 3", "2026-09-01T16:00+05:30 7"], await OpensAsync(campaign, "Asia/Kolkata"));
        Assert.Equal(["2026-09-01T15:00+05:45 1", "2026-09-01T16:00+05:45 9"], await OpensAsync(campaign, "Asia/Kathmandu"));
    }

    [Fact]
    public async Task The_repeated_hour_of_an_autumn_night_stays_two_rows()
    {
        // Quarters count 1, 2, 3 … from 04:00 UTC, midnight in New York.
        var campaign = await GivenOpensEachQuarterAsync("2026-11-01T04:00Z", quarters: 16);

        Assert.Equal(
            ["2026-11-01T00:00-04:00 10", "2026-11-01T01:00-04:00 26", "2026-11-01T01:00-05:00 42", "2026-11-01T02:00-05:00 58"],
            await OpensAsync(campaign, "America/New_York"));
    }

    [Fact]
    public async Task The_missing_hour_of_a_spring_night_has_no_row()
    {
        var campaign = await GivenOpensEachQuarterAsync("2026-03-29T00:00Z", quarters: 8);

        Assert.Equal(["2026-03-29T01:00+01:00 10", "2026-03-29T03:00+02:00 26"], await OpensAsync(campaign, "Europe/Berlin"));
    }

    [Fact]
    public async Task Lord_Howe_gets_a_row_of_half_an_hour()
    {
        var campaign = await GivenOpensEachQuarterAsync("2026-04-04T14:00Z", quarters: 8);

        Assert.Equal(
            ["2026-04-05T01:00+11:00 10", "2026-04-05T01:30+10:30 11", "2026-04-05T02:00+10:30 15"],
            await OpensAsync(campaign, "Australia/Lord_Howe"));
    }

    [Fact]
    public async Task Days_begin_at_local_midnight_and_a_long_one_is_still_one_row()
    {
        var campaign = await CountedCampaign.InsertAsync(_app);
        await campaign.CountAtAsync("2026-10-24T21:45Z", EventType.Opened, VerdictGroup.Person, 1, 1);
        await campaign.CountAtAsync("2026-10-24T22:00Z", EventType.Opened, VerdictGroup.Person, 2, 2);
        await campaign.CountAtAsync("2026-10-25T22:45Z", EventType.Opened, VerdictGroup.Person, 4, 4);
        await campaign.CountAtAsync("2026-10-25T23:00Z", EventType.Opened, VerdictGroup.Person, 8, 8);

        Assert.Equal(
            ["2026-10-24T00:00+02:00 1", "2026-10-25T00:00+02:00 6", "2026-10-26T00:00+01:00 8"],
            await OpensAsync(campaign, "Europe/Berlin", TimelineInterval.Day));
    }

    [Fact]
    public async Task A_range_gives_whole_rows_of_everything_it_touches()
    {
        var campaign = await GivenOpensEachQuarterAsync("2026-09-01T08:00Z", quarters: 16);

        Assert.Equal(
            ["2026-09-01T09:00+00:00 26", "2026-09-01T10:00+00:00 42"],
            await OpensAsync(campaign, "UTC", from: "2026-09-01T09:50Z", to: "2026-09-01T10:10Z"));
        Assert.Equal(
            ["2026-09-01T09:00+00:00 26"],
            await OpensAsync(campaign, "UTC", from: "2026-09-01T09:00Z", to: "2026-09-01T10:00Z"));
    }

    [Fact]
    public async Task A_range_reaches_past_the_events_on_both_sides()
    {
        var campaign = await GivenOpensEachQuarterAsync("2026-09-01T08:00Z", quarters: 4);

        Assert.Equal(
            ["2026-09-01T07:00+00:00 0", "2026-09-01T08:00+00:00 10", "2026-09-01T09:00+00:00 0"],
            await OpensAsync(campaign, "UTC", from: "2026-09-01T07:00Z", to: "2026-09-01T10:00Z"));
    }

    [Fact]
    public async Task Half_a_range_ends_where_the_events_do()
    {
        var campaign = await GivenOpensEachQuarterAsync("2026-09-01T08:00Z", quarters: 8);

        Assert.Equal(["2026-09-01T09:00+00:00 26"], await OpensAsync(campaign, "UTC", from: "2026-09-01T09:00Z"));
        Assert.Equal(["2026-09-01T08:00+00:00 10"], await OpensAsync(campaign, "UTC", to: "2026-09-01T09:00Z"));
        Assert.Empty(await OpensAsync(campaign, "UTC", from: "2026-09-03T09:00Z"));
    }

    [Fact]
    public async Task A_campaign_without_events_has_no_rows() =>
        Assert.Empty(await RowsAsync(await CountedCampaign.InsertAsync(_app), "UTC"));

    [Fact]
    public async Task Machines_alone_and_counts_taken_back_make_no_row()
    {
        var campaign = await CountedCampaign.InsertAsync(_app);
        await campaign.CountAtAsync("2026-09-01T12:15Z", EventType.Opened, VerdictGroup.Scanner, 5, 0);
        await campaign.CountAtAsync("2026-09-02T12:15Z", EventType.Bounced, VerdictGroup.None, 1, 0);

        Assert.Empty(await RowsAsync(campaign, "UTC"));
    }

    [Fact]
    public async Task An_event_of_1970_or_2300_does_not_stretch_the_timeline()
    {
        var campaign = await GivenOpensEachQuarterAsync("2026-09-01T08:00Z", quarters: 4);
        await campaign.CountAtAsync("1970-01-02T00:00Z", EventType.Opened, VerdictGroup.Person, 1, 1);
        await campaign.CountAtAsync("1990-01-02T00:00Z", EventType.Opened, VerdictGroup.Person, 1, 1);
        await campaign.CountAtAsync("2300-01-02T00:00Z", EventType.Opened, VerdictGroup.Person, 1, 1);

        Assert.Equal(["2026-09-01T08:00+00:00 10"], await OpensAsync(campaign, "UTC"));
    }

    [Fact]
    public async Task More_than_a_year_of_hours_is_refused_and_becomes_days_where_nothing_was_asked_for()
    {
        var campaign = await CountedCampaign.InsertAsync(_app);
        await campaign.CountAtAsync("2025-01-01T00:00Z", EventType.Sent, VerdictGroup.None, 1, 1);
        await campaign.CountAtAsync("2026-02-01T00:00Z", EventType.Opened, VerdictGroup.Person, 1, 1);

        Assert.Null(await RunAsync(campaign, new(TimeZoneInfo.Utc, TimelineInterval.Hour)));
        var chosen = await RunAsync(campaign, new(TimeZoneInfo.Utc));

        Assert.Equal((TimelineInterval.Day, 397), (chosen!.Interval, chosen.Rows.Count));
    }

    private async Task<CountedCampaign> GivenOpensEachQuarterAsync(string start, int quarters)
    {
        var campaign = await CountedCampaign.InsertAsync(_app);
        for (var i = 0; i < quarters; i++)
        {
            await campaign.CountAtAsync(Utc(start).AddMinutes(15 * i).ToString("O"), EventType.Opened, VerdictGroup.Person, i + 1, 0);
        }

        return campaign;
    }

    private async Task<List<string>> OpensAsync(
        CountedCampaign campaign, string zone, TimelineInterval interval = TimelineInterval.Hour, string? from = null, string? to = null) =>
        [.. (await RowsAsync(campaign, zone, interval, from, to)).Select(row => $"{row.Label} {row.Opens}")];

    private async Task<IReadOnlyList<TimelineRow>> RowsAsync(
        CountedCampaign campaign, string zone, TimelineInterval interval = TimelineInterval.Hour, string? from = null, string? to = null, OpensView opens = OpensView.All) =>
        (await RunAsync(campaign, new(
            TimeZoneInfo.FindSystemTimeZoneById(zone), interval, from is null ? null : Utc(from), to is null ? null : Utc(to), opens)))!.Rows;

    private async Task<Timeline?> RunAsync(CountedCampaign campaign, TimelineRequest request)
    {
        await using var db = _app.Database();
        return await TimelineQuery.RunAsync(db, campaign.Id, request, TestContext.Current.CancellationToken);
    }

    private static DateTimeOffset Utc(string time) => DateTimeOffset.Parse(time).ToUniversalTime();
}
