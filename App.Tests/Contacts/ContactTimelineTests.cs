using System.Text.Json.Nodes;
using ScoreTracking.Contacts;
using ScoreTracking.Engagement;
using ScoreTracking.Events;
using ScoreTracking.Tests.Campaigns;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Contacts;

public sealed class ContactTimelineTests : IAsyncLifetime
{
    private readonly TestApp _app = new();
    private long _contact;
    private long _link;
    private (long First, long Second) _messages;

    private string Path => $"{ContactApi.Path}/ctc_{_contact}/timeline";

    public async ValueTask InitializeAsync()
    {
        _app.Clock.Set(Some.Noon);
        _contact = await _app.GivenContactAsync();
        var campaign = await _app.GivenCampaignAsync();
        _link = await _app.GivenLinkAsync(campaign);
        _messages = (await _app.GivenMessageAsync(campaign, contactId: _contact), await _app.GivenMessageAsync(await _app.GivenCampaignAsync(), contactId: _contact));

        // The one beside them, whose events are nobody else's business.
        await _app.StoreAsync(Some.Event(await _app.GivenMessageAsync(campaign), EventType.Opened));
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Fact]
    public async Task It_holds_what_happened_to_all_mail_of_a_person_by_the_time_it_happened()
    {
        await _app.StoreAsync(Some.Event(_messages.Second, EventType.Opened, -TimeSpan.FromHours(1)));
        await _app.StoreAsync(
            Some.Event(_messages.First, EventType.Clicked, -TimeSpan.FromHours(2), linkId: _link),
            Some.Event(_messages.First, EventType.Delivered, -TimeSpan.FromHours(5)),
            Some.Event(_messages.Second, EventType.Opened, -TimeSpan.FromHours(3), userAgent: Some.Scanner));

        var rows = await _app.AllAsync("", 500, Path);
        var opens = await _app.AllAsync("type=opened", 1, Path);

        Assert.Equal(["opened", "clicked", "opened", "delivered"], rows.Select(row => (string)row["event_type"]!));
        Assert.Equal(["human", "human", "scanner", null], rows.Select(row => (string?)row["verdict"]));
        Assert.Equal(2, rows.Select(row => (string)row["campaign_id"]!).Distinct().Count());
        Assert.Equal("https://example.com/offer", (string)rows[1]["metadata"]!["url"]!);
        Assert.Equal(2, opens.Count);
        foreach (var limit in new[] { 1, 2, 3, 4 })
        {
            Assert.Equal(rows.Select(row => (string)row["id"]!), (await _app.AllAsync("", limit, Path)).Select(row => (string)row["id"]!));
        }
    }

    [Fact]
    public async Task Its_pages_lead_forth_and_back()
    {
        await _app.StoreAsync([.. Enumerable.Range(0, 30).Select(i => Some.Event(i % 2 == 0 ? _messages.First : _messages.Second, EventType.Opened, -TimeSpan.FromHours(i / 3)))]);
        await using var db = _app.Database();
        var first = await ReadAsync(null);
        var second = await ReadAsync(first.Next);
        var third = await ReadAsync(second.Next);

        var back = await ReadAsync(third.Previous);
        var start = await ReadAsync(back.Previous);

        Assert.Equal(30, first.Rows.Concat(second.Rows).Concat(third.Rows).Select(row => row.Logged.Id).Distinct().Count());
        Assert.Null(third.Next);
        Assert.Equal(second.Rows.Select(row => row.Logged.Id), back.Rows.Select(row => row.Logged.Id));
        Assert.Equal(first.Rows.Select(row => row.Logged.Id), start.Rows.Select(row => row.Logged.Id));
        Assert.Null(start.Previous);
        Assert.All(first.Rows, row => Assert.Equal("Spring sale", row.Title));

        Task<TimelinePage> ReadAsync(string? cursor) => ContactTimelineQuery.RunAsync(db, _contact, null, cursor, 12, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_cursor_of_another_persons_timeline_or_type_is_refused()
    {
        await _app.StoreAsync(Some.Event(_messages.First, EventType.Opened), Some.Event(_messages.Second, EventType.Opened));
        var other = await _app.GivenContactAsync();
        var cursor = (string)(await _app.ListAsync("limit=1", Path))["next_cursor"]!;

        await _app.RefusedAsync(HttpMethod.Get, $"{ContactApi.Path}/ctc_{other}/timeline?cursor={cursor}", null, 422);
        await _app.RefusedAsync(HttpMethod.Get, $"{Path}?type=opened&cursor={cursor}", null, 422);
        await _app.RefusedAsync(HttpMethod.Get, $"{Path}?type=read", null, 422);
        await _app.RefusedAsync(HttpMethod.Get, $"{Path}?limit=501", null, 422);
    }

    [Fact]
    public async Task The_events_behind_a_score_carry_all_of_it_the_heaviest_first()
    {
        await _app.StoreAsync(
            Some.Event(_messages.First, EventType.Opened, -TimeSpan.FromDays(60)),
            Some.Event(_messages.First, EventType.Opened, -TimeSpan.FromDays(30)),
            Some.Event(_messages.Second, EventType.Replied, -TimeSpan.FromDays(30)),
            Some.Event(_messages.First, EventType.Clicked, -TimeSpan.FromDays(30), linkId: _link),
            Some.Event(_messages.Second, EventType.Opened, -TimeSpan.FromDays(1), userAgent: Some.ApplePrivacy));

        var reasons = await ReasonsAsync();
        var score = (double)(await _app.GetAsync($"{ContactApi.Path}/ctc_{_contact}"))["engagement_score"]!;

        // 20/2, 5/2, ½/2 and 1/4: 13 together.
        Assert.Equal([EventType.Replied, EventType.Clicked, EventType.Opened, EventType.Opened], reasons.Events.Select(reason => reason.Type));
        Assert.Equal([10 / 13.0, 2.5 / 13, 0.25 / 13, 0.25 / 13], reasons.Events.Select(reason => Math.Round(reason.Share, 12)).Zip([0, 0, 0, 0], (share, _) => share), (a, b) => Math.Abs(a - b) < 1e-9);
        Assert.Equal([1, 1, 1, 2], reasons.Events.Select(reason => reason.Nth).Order());
        Assert.Equal(["Offer"], reasons.Events.Select(reason => reason.LinkLabel).Where(label => label.Length > 0));
        Assert.Equal(59.4, score);
        Assert.Equal((0, 0.0), (reasons.Others, reasons.OthersShare));
    }

    [Fact]
    public async Task What_is_not_shown_of_many_events_is_summed_up()
    {
        var campaign = await _app.GivenCampaignAsync();
        var messages = new List<long>();
        for (var i = 0; i < 11; i++)
        {
            messages.Add(await _app.GivenMessageAsync(await _app.GivenCampaignAsync(), contactId: _contact));
        }

        await _app.StoreAsync([.. messages.Select(message => Some.Event(message, EventType.Opened))]);

        var reasons = await ReasonsAsync();

        Assert.Equal((8, 3), (reasons.Events.Count, reasons.Others));
        Assert.Equal(1, reasons.Events.Sum(reason => reason.Share) + reasons.OthersShare, 9);
    }

    private async Task<ScoreReasons> ReasonsAsync()
    {
        await using var db = _app.Database();
        var clock = await ScoreClock.ReadAsync(db, _app.Clock.GetUtcNow(), TestContext.Current.CancellationToken);
        return await ScoreReasonsQuery.RunAsync(db, _contact, clock, TestContext.Current.CancellationToken);
    }
}
