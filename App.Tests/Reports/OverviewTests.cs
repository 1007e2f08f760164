using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using ScoreTracking.Counters;
using ScoreTracking.Data;
using ScoreTracking.Events;
using ScoreTracking.Reports;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Reports;

/// <summary>The workspace over all campaigns. Events go through the front door, so that the workspace's counters are what production would have computed.</summary>
public sealed class OverviewTests : IAsyncLifetime
{
    private readonly TestApp _app = new();

    public ValueTask InitializeAsync()
    {
        _app.Clock.Set(Some.Noon.AddDays(10));
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Fact]
    public async Task All_campaigns_add_up_beside_the_period_before_and_the_log_agrees()
    {
        var (old, current) = (await _app.GivenCampaignAsync(), await _app.GivenCampaignAsync());
        var link = await _app.GivenLinkAsync(current);
        var messages = new List<long>();
        for (var i = 0; i < 6; i++)
        {
            messages.Add(await _app.GivenMessageAsync(i < 2 ? old : current));
        }

        // Noon of 1 September is ten days ago: in the 28 days shown, and in the week before the last.
        await _app.StoreAsync(
            Some.Event(messages[0], EventType.Sent), Some.Event(messages[1], EventType.Sent),
            Some.Event(messages[0], EventType.Opened, TimeSpan.FromHours(1), source: EventSource.Tracking),
            Some.Event(messages[2], EventType.Sent, TimeSpan.FromDays(8)), Some.Event(messages[3], EventType.Sent, TimeSpan.FromDays(8)),
            Some.Event(messages[4], EventType.Sent, TimeSpan.FromDays(8)), Some.Event(messages[5], EventType.Sent, TimeSpan.FromDays(8)),
            Some.Event(messages[2], EventType.Opened, TimeSpan.FromDays(8.5), userAgent: Some.ApplePrivacy, source: EventSource.Tracking),
            Some.Event(messages[3], EventType.Clicked, TimeSpan.FromDays(8.5), linkId: link, source: EventSource.Tracking),
            Some.Event(messages[4], EventType.Bounced, TimeSpan.FromDays(8), bounce: BounceKind.Hard),
            Some.Event(messages[5], EventType.Complained, TimeSpan.FromDays(9)),
            Some.Event(messages[5], EventType.Unsubscribed, TimeSpan.FromDays(9)),
            Some.Event(messages[1], EventType.Opened, TimeSpan.FromDays(9), source: EventSource.Tracking));

        var week = await RunAsync(7);
        var month = await RunAsync(28);
        var confirmed = await RunAsync(7, opens: OpensView.Confirmed);

        Assert.Equal(new OverviewFigures(4, null, 3, 2, 1, 1, 1, 1), week.Now);
        Assert.Equal(new OverviewFigures(2, null, 1, 1, 0, 0, 0, 0), week.Before);
        Assert.Equal(new OverviewFigures(6, null, 4, 3, 1, 1, 1, 1), month.Now);
        Assert.Equal(new OverviewFigures(0, null, 0, 0, 0, 0, 0, 0), month.Before);
        Assert.Equal((2, 2), (confirmed.Now.Opened, confirmed.Now.ConfirmedOpened));
        Assert.Equal(new Ratio(3, 4), week.Now.Rates.Open);
        Assert.Equal((28, 2), (month.Timeline.Count, month.Timeline.Count(row => row.Sent > 0)));
        Assert.Equal(week.Now.Sent, week.Timeline.Sum(row => row.Sent));
        Assert.Equal(week.Now.Opened, week.Timeline.Sum(row => row.UniqueOpens));
        Assert.Equal((7 * 24) - 11, week.Timeline.Count);
        Assert.Empty(_app.Verify());
    }

    [Theory]
    [InlineData("UTC", "2026-09-05T00:00:00Z", 7 * 24 - 11)]
    [InlineData("Asia/Kathmandu", "2026-09-04T18:15:00Z", 7 * 24 - 6)]
    [InlineData("America/New_York", "2026-09-05T04:00:00Z", 7 * 24 - 15)]
    public async Task Days_are_the_organizations(string zone, string from, int hours)
    {
        var overview = await RunAsync(7, zone);

        Assert.Equal(DateTimeOffset.Parse(from), overview.From);
        Assert.Equal(hours, overview.Timeline.Count);
        Assert.Equal(7, (await RunAsync(28, zone)).Timeline.Skip(21).Count());
    }

    [Fact]
    public async Task The_period_before_ends_as_far_into_its_last_day_as_now_is_into_today()
    {
        var campaign = await _app.GivenCampaignAsync();
        var (morning, evening) = (await _app.GivenMessageAsync(campaign), await _app.GivenMessageAsync(campaign));

        // Seven days ago, an hour before and an hour after the hour it is now.
        await _app.StoreAsync(
            Some.Event(morning, EventType.Sent, TimeSpan.FromDays(3) - TimeSpan.FromHours(1)), Some.Event(evening, EventType.Sent, TimeSpan.FromDays(3) + TimeSpan.FromHours(1)));

        Assert.Equal(1, (await RunAsync(7)).Before.Sent);
    }

    [Fact]
    public async Task Running_campaigns_come_first_then_the_latest_and_drafts_not_at_all()
    {
        var running = await NamedAsync("Running", CampaignStatus.Running);
        for (var i = 0; i < 9; i++)
        {
            await NamedAsync($"Done {i}", CampaignStatus.Completed);
        }

        await NamedAsync("Draft", CampaignStatus.Draft);

        var campaigns = (await RunAsync(28)).Campaigns;

        Assert.Equal(["Running", "Done 8", "Done 7", "Done 6", "Done 5", "Done 4", "Done 3", "Done 2"], campaigns.Select(campaign => campaign.Name));
        Assert.Equal($"cmp_{running.Id}", campaigns[0].Id);
    }

    [Theory]
    [InlineData(10_000, 9, 199, "")]
    [InlineData(10_000, 10, 200, "warning complaint, warning bounce")]
    [InlineData(10_000, 30, 500, "bad complaint, bad bounce")]
    [InlineData(100, 1, 1, "")]
    [InlineData(99, 50, 50, "")]
    [InlineData(0, 5, 5, "")]
    public void Trouble_begins_where_mailbox_providers_say(long sent, long complained, long bounced, string expected) =>
        Assert.Equal(expected, string.Join(", ", DeliveryLimits.Of(sent, complained, bounced, null, null).Select(trouble => $"{trouble.Level} {trouble.Kind}")));

    [Fact]
    public async Task Campaigns_in_trouble_are_named_worst_first()
    {
        var stale = await NamedAsync("Old list", CampaignStatus.Completed, sent: 1000, bounced: 30);
        await NamedAsync("Fine", CampaignStatus.Completed, sent: 1000, bounced: 5);
        var hated = await NamedAsync("Bought list", CampaignStatus.Running, sent: 1000, complained: 8);

        var trouble = (await RunAsync(28)).Trouble;

        Assert.Equal([("all", "complaint", "warning"), ("Bought list", "complaint", "bad"), ("Old list", "bounce", "warning")], trouble.Select(one => (one.Name ?? "all", one.Kind, one.Level)));
        Assert.Equal([null, $"cmp_{hated.Id}", $"cmp_{stale.Id}"], trouble.Select(one => one.CampaignId));
        Assert.Equal(new Ratio(8, 3000), trouble[0].Rate);
    }

    [Fact]
    public async Task An_empty_workspace_is_zero_without_rates()
    {
        var overview = await RunAsync(90);

        Assert.False(overview.HasCampaigns);
        Assert.Equal((0, 90), (overview.Now.Sent, overview.Timeline.Count));
        Assert.Null(overview.Now.Rates.Open.Rate);
        Assert.Empty(overview.Campaigns);
        Assert.Empty(overview.Trouble);
    }

    [Fact]
    public async Task The_overview_is_one_object_over_the_api()
    {
        var answer = await _app.Api.GetFromJsonAsync<JsonNode>("/api/v1/reports/overview?days=7&tz=Asia/Kathmandu&opens=confirmed", TestContext.Current.CancellationToken);

        var data = answer!["data"]!;
        Assert.Equal("2026-09-04T18:15:00Z", (string?)data["from"]);
        Assert.Equal("2026-09-05T00:00+05:45", (string?)data["timeline"]![0]!["label"]);
        Assert.All((string[])["days", "before_from", "now", "before", "campaigns", "trouble", "as_of"], member => Assert.NotNull(data[member]));
        Assert.Null(data["now"]!["rates"]!["open"]!["rate"]);
    }

    [Theory, InlineData("days=30", "days"), InlineData("days=", "days"), InlineData("days=007", "days"), InlineData("tz=Mars/Olympus", "tz"), InlineData("opens=x", "opens")]
    public async Task A_period_that_makes_no_sense_is_refused(string query, string field)
    {
        using var answer = await _app.Api.GetAsync($"/api/v1/reports/overview?{query}", TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
        var problem = await answer.Content.ReadFromJsonAsync<JsonNode>(TestContext.Current.CancellationToken);
        Assert.Equal([field], problem!["errors"]!.AsObject().Select(error => error.Key));
    }

    private async Task<CountedCampaign> NamedAsync(string name, string status, long sent = 0, long bounced = 0, long complained = 0)
    {
        var campaign = await CountedCampaign.InsertAsync(_app);
        await using (var db = _app.Database())
        {
            await db.Campaigns.Where(one => one.Id == campaign.Id).ExecuteUpdateAsync(
                set => set.SetProperty(one => one.Name, name).SetProperty(one => one.Status, status).SetProperty(one => one.CreatedAt, _app.Clock.GetUtcNow()),
                TestContext.Current.CancellationToken);
        }

        foreach (var (type, count) in new[] { (EventType.Sent, sent), (EventType.Bounced, bounced), (EventType.Complained, complained) })
        {
            await campaign.CountAsync(Dimension.Summary, "", type, VerdictGroup.None, count, count);
        }

        return campaign;
    }

    private async Task<Overview> RunAsync(int days, string zone = "UTC", OpensView opens = OpensView.All)
    {
        await using var db = _app.Database();
        return await OverviewQuery.RunAsync(
            db, new OverviewRequest(days, TimeZoneInfo.FindSystemTimeZoneById(zone), opens), _app.Clock.GetUtcNow(), TestContext.Current.CancellationToken);
    }
}
