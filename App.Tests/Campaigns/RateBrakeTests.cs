using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using ScoreTracking.Campaigns;
using ScoreTracking.Data;
using ScoreTracking.Events;
using ScoreTracking.Settings;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Campaigns;

public sealed class RateBrakeTests : IAsyncLifetime
{
    private static readonly PauseRates s_limits = new(ComplaintsPercent: 0.3, ComplaintsAfter: 500, HardBouncesPercent: 5, HardBouncesAfter: 200);

    private readonly TestApp _app = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Theory]
    [InlineData(500, 2, 0, "reported as spam (2 of 500)")]
    [InlineData(499, 2, 0, null)]
    [InlineData(1000, 3, 0, "0.3% of its messages")]
    [InlineData(1001, 3, 0, null)]
    [InlineData(200, 0, 10, "do not exist (10 of 200)")]
    [InlineData(199, 0, 10, null)]
    [InlineData(201, 0, 10, null)]
    [InlineData(100_000, 299, 4_999, null)]
    [InlineData(0, 0, 0, null)]
    public void A_campaign_stops_at_the_limit_once_there_is_enough_mail_to_say_so(long handed, long complained, long hardBounced, string? words)
    {
        var reason = BrakeRules.Reason(new BrakeFigures(handed, complained, hardBounced), s_limits);

        Assert.Equal(words is not null, reason is not null);
        Assert.Contains(words ?? "", reason ?? "", StringComparison.Ordinal);
    }

    [Fact]
    public void A_limit_of_0_never_stops_anything() =>
        Assert.Null(BrakeRules.Reason(new BrakeFigures(1000, 1000, 1000), s_limits with { ComplaintsPercent = 0, HardBouncesPercent = 0 }));

    [Fact]
    public async Task Complaints_past_the_limit_pause_a_campaign_tell_everybody_who_sends_and_once_let_go_on_only_new_ones_count()
    {
        var (campaign, messages) = await SentAsync(CampaignStatus.Running, ours: true, count: 20);
        await LimitAsync(new PauseRates(10, 10, 5, 200));

        await _app.StoreAsync(Some.Event(messages[0], EventType.Complained), Some.Event(messages[1], EventType.Complained));
        await Eventually.TrueAsync(async () => (await CampaignAsync(campaign)).Status == CampaignStatus.Paused);

        var held = await CampaignAsync(campaign);
        var told = await _app.Api.GetStringAsync("/api/v1/notifications?type=campaign_paused");
        Assert.Contains("10% of its messages were reported as spam (2 of 20)", held.HeldBecause, StringComparison.Ordinal);
        Assert.Contains("\"type\":\"campaign_paused\"", told, StringComparison.Ordinal);
        await using (var db = _app.Database())
        {
            Assert.Equal(await db.Users.CountAsync(), await db.NotificationReaders.CountAsync());
            await db.Campaigns.ExecuteUpdateAsync(set => set.SetProperty(c => c.Status, CampaignStatus.Running).SetProperty(c => c.HeldBecause, ""));
        }

        var more = await MessagesAsync(campaign, 10);
        await _app.StoreAsync(Some.Event(more[0], EventType.Complained));
        await FollowedAsync();
        Assert.Equal(CampaignStatus.Paused, (await CampaignAsync(campaign)).Status);
        Assert.Contains("(1 of 10)", (await CampaignAsync(campaign)).HeldBecause, StringComparison.Ordinal);
        Assert.Empty(_app.Verify());
    }

    [Fact]
    public async Task Mail_refused_at_once_counts_as_handed_over_and_as_bounced()
    {
        var (campaign, messages) = await SentAsync(CampaignStatus.Testing, ours: true, count: 5);
        await LimitAsync(new PauseRates(0, 1, 40, 7));
        var refused = await MessagesAsync(campaign, 3, sent: false);
        await using (var db = _app.Database())
        {
            db.AddRange(refused.Select(id => new global::ScoreTracking.Data.Delivery { MessageId = id, CampaignId = campaign, ConnectionId = 1, State = DeliveryState.Failed, Status = "5.1.1", Text = "unknown" }));
            await db.SaveChangesAsync();
        }

        await _app.StoreAsync(Bounce(refused[0]), Bounce(refused[1]), Bounce(refused[2]));
        await FollowedAsync();
        Assert.Equal(CampaignStatus.Testing, (await CampaignAsync(campaign)).Status);
        await _app.StoreAsync(Bounce(messages[0]));
        await FollowedAsync();

        Assert.Contains("do not exist (4 of 8)", (await CampaignAsync(campaign)).HeldBecause, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Too_little_mail_at_first_decides_as_more_goes_out()
    {
        var (campaign, messages) = await SentAsync(CampaignStatus.Running, ours: true, count: 5);
        await LimitAsync(new PauseRates(10, 10, 0, 1));

        await _app.StoreAsync(Some.Event(messages[0], EventType.Complained), Some.Event(messages[1], EventType.Complained));
        await FollowedAsync();
        Assert.Equal(CampaignStatus.Running, (await CampaignAsync(campaign)).Status);
        await MessagesAsync(campaign, 5);
        await FollowedAsync();

        Assert.Equal(CampaignStatus.Paused, (await CampaignAsync(campaign)).Status);
    }

    [Fact]
    public async Task What_the_CRM_sends_what_is_finished_and_soft_bounces_stop_nothing()
    {
        await LimitAsync(new PauseRates(1, 1, 1, 1));
        var (external, a) = await SentAsync(CampaignStatus.Running, ours: false, count: 3);
        var (done, b) = await SentAsync(CampaignStatus.Completed, ours: true, count: 3);
        var (soft, c) = await SentAsync(CampaignStatus.Running, ours: true, count: 3);

        await _app.StoreAsync(
            Some.Event(a[0], EventType.Complained), Some.Event(b[0], EventType.Complained), Some.Event(c[0], EventType.Bounced, bounce: BounceKind.Soft), Some.Event(c[1], EventType.Bounced, bounce: BounceKind.Block));
        await FollowedAsync();

        Assert.Equal(
            [CampaignStatus.Running, CampaignStatus.Completed, CampaignStatus.Running],
            [(await CampaignAsync(external)).Status, (await CampaignAsync(done)).Status, (await CampaignAsync(soft)).Status]);
    }

    private static EmailEvent Bounce(long message) => Some.Event(message, EventType.Bounced, bounce: BounceKind.Hard);

    // Every event so far has been looked at.
    private async Task FollowedAsync()
    {
        await using var db = _app.Database();
        var last = await db.Cursors.Where(cursor => cursor.Name == "writer").Select(cursor => cursor.Position).SingleAsync();
        var brake = _app.Services.GetServices<IHostedService>().OfType<RateBrake>().Single();
        await Eventually.TrueAsync(() => brake.Position >= last);
    }

    private async Task LimitAsync(PauseRates limits) => await _app.Services.GetRequiredService<PauseLimits>().ChangeAsync(limits, CancellationToken.None);

    private async Task<(long Campaign, List<long> Messages)> SentAsync(string status, bool ours, int count)
    {
        var campaign = await _app.GivenCampaignAsync();
        await using var db = _app.Database();
        await db.Campaigns.Where(c => c.Id == campaign).ExecuteUpdateAsync(set => set.SetProperty(c => c.Status, status).SetProperty(c => c.Delivery, ours ? "smtp" : "external"));
        if (ours)
        {
            // Somebody still waits for theirs, or the campaign would be completed.
            var waiting = (await MessagesAsync(campaign, 1, sent: false))[0];
            db.Add(new global::ScoreTracking.Data.Delivery { MessageId = waiting, CampaignId = campaign, ConnectionId = 1, State = DeliveryState.Waiting, Status = "", Text = "" });
            await db.SaveChangesAsync();
        }

        return (campaign, await MessagesAsync(campaign, count));
    }

    private async Task<List<long>> MessagesAsync(long campaign, int count, bool sent = true)
    {
        var messages = new List<long>();
        for (var i = 0; i < count; i++)
        {
            messages.Add(await _app.GivenMessageAsync(campaign));
        }

        if (sent)
        {
            await _app.StoreAsync([.. messages.Select(message => Some.Event(message, EventType.Sent))]);
        }

        return messages;
    }

    private async Task<Campaign> CampaignAsync(long id)
    {
        await using var db = _app.Database();
        return await db.Campaigns.SingleAsync(campaign => campaign.Id == id);
    }
}
