using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using ScoreTracking.Counters;
using ScoreTracking.Data;
using ScoreTracking.Events;
using ScoreTracking.Ingest;
using ScoreTracking.EventLog;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Engagement;

public sealed class EngagementTests(AppFixture fixture) : IClassFixture<AppFixture>
{
    private static readonly TimeSpan s_hour = TimeSpan.FromHours(1);
    private static readonly TimeSpan s_halfLife = TimeSpan.FromDays(30);

    private TestApp App => fixture.App;

    [Fact]
    public async Task A_contact_nobody_heard_of_has_a_row_and_no_rank()
    {
        var (contact, message, _) = await GivenAsync();

        await App.StoreAsync(Some.Event(message, EventType.Sent), Some.Event(message, EventType.Delivered, s_hour), Some.Event(message, EventType.Unsubscribed, 2 * s_hour));

        var state = await App.ContactStateAsync(contact);
        Assert.Equal((null, 0), (state.Rank, state.RankAt));
        Assert.Empty(App.Verify());
    }

    [Fact]
    public async Task Opens_of_a_message_weigh_1_a_half_a_quarter()
    {
        var (contact, message, _) = await GivenAsync();

        await App.StoreAsync(Some.Event(message, EventType.Opened, -2 * s_halfLife));
        Assert.Equal(1, await App.ScoreAsync(contact, -2 * s_halfLife), 12);
        await App.StoreAsync(Some.Event(message, EventType.Opened, -s_halfLife));
        Assert.Equal(0.5 + 0.5, await App.ScoreAsync(contact, -s_halfLife), 12);
        await App.StoreAsync(Some.Event(message, EventType.Opened));
        Assert.Equal(0.25 + 0.25 + 0.25, await App.ScoreAsync(contact, TimeSpan.Zero), 12);

        Assert.Empty(App.Verify());
    }

    [Fact]
    public async Task The_first_click_on_each_link_weighs_5_the_next_on_the_same_half_and_the_implied_open_nothing()
    {
        var (contact, message, campaign) = await GivenAsync();
        var (first, second) = (await App.GivenLinkAsync(campaign, "https://example.com/1", 1), await App.GivenLinkAsync(campaign, "https://example.com/2", 2));

        await App.StoreAsync(
            Some.Event(message, EventType.Clicked, -2 * s_halfLife, linkId: first), Some.Event(message, EventType.Clicked, -s_halfLife, linkId: second), Some.Event(message, EventType.Clicked, linkId: first));

        Assert.Equal(1.25 + 2.5 + 2.5, await App.ScoreAsync(contact, TimeSpan.Zero), 12);
        Assert.Empty(App.Verify());
    }

    [Fact]
    public async Task Clicks_on_links_nobody_knows_count_as_one_link()
    {
        var (contact, message, campaign) = await GivenAsync();
        var link = await App.GivenLinkAsync(campaign);

        await App.StoreAsync(Some.Event(message, EventType.Clicked, -2 * s_halfLife, linkId: link));
        await App.StoreAsync(Some.Event(message, EventType.Clicked, -s_halfLife));
        await App.StoreAsync(Some.Event(message, EventType.Clicked));

        Assert.Equal(1.25 + 5 * 0.5 + 2.5, await App.ScoreAsync(contact, TimeSpan.Zero), 12);
        Assert.Empty(App.Verify());
    }

    [Fact]
    public async Task Every_reply_weighs_20()
    {
        var (contact, message, _) = await GivenAsync();

        await App.StoreAsync(Some.Event(message, EventType.Replied));
        await App.StoreAsync(Some.Event(message, EventType.Replied, s_halfLife));

        Assert.Equal(10 + 20, await App.ScoreAsync(contact, s_halfLife), 10);
        Assert.Empty(App.Verify());
    }

    [Fact]
    public async Task Machines_privacy_proxies_and_repeats_weigh_nothing()
    {
        var (contact, message, campaign) = await GivenAsync();
        var link = await App.GivenLinkAsync(campaign);

        await App.StoreAsync(
            Some.Event(message, EventType.Opened, userAgent: Some.ApplePrivacy),
            Some.Event(message, EventType.Opened, s_hour, userAgent: Some.Scanner),
            Some.Event(message, EventType.Clicked, s_hour, linkId: link, userAgent: Some.Scanner));
        Assert.Null((await App.ContactStateAsync(contact)).Rank);

        await App.StoreAsync(Some.Event(message, EventType.Opened, 2 * s_hour));
        await App.StoreAsync(Some.Event(message, EventType.Opened, (2 * s_hour) + TimeSpan.FromSeconds(5)));

        Assert.Equal(1, await App.ScoreAsync(contact, 2 * s_hour), 12);
        Assert.Empty(App.Verify());
    }

    [Fact]
    public async Task Mail_of_several_campaigns_adds_up_for_its_person_even_when_it_arrives_late()
    {
        var (contact, first, _) = await GivenAsync();
        var second = await App.GivenMessageAsync(await App.GivenCampaignAsync(), contactId: contact);

        await App.StoreAsync(Some.Event(second, EventType.Opened, s_halfLife));
        var rebuilds = Rebuilds;
        await App.StoreAsync(Some.Event(first, EventType.Opened));

        Assert.Equal(1.5, await App.ScoreAsync(contact, s_halfLife), 12);
        Assert.Equal((Some.Noon + s_halfLife).ToUnixTimeMilliseconds(), (await App.ContactStateAsync(contact)).RankAt);
        Assert.Equal(rebuilds + 1, Rebuilds);
        Assert.Empty(App.Verify());
    }

    [Fact]
    public async Task What_comes_in_order_is_folded_in_without_reading_the_past()
    {
        var (contact, first, _) = await GivenAsync();
        var second = await App.GivenMessageAsync(await App.GivenCampaignAsync(), contactId: contact);
        var rebuilds = Rebuilds;

        // In one batch the later message's mail happened first.
        await App.StoreAsync(Some.Event(first, EventType.Opened, s_hour), Some.Event(second, EventType.Opened));
        await App.StoreAsync(Some.Event(first, EventType.Opened, 2 * s_hour), Some.Event(second, EventType.Replied, 3 * s_hour));

        Assert.Equal(rebuilds, Rebuilds);
        Assert.Empty(App.Verify());
    }

    [Fact]
    public async Task A_verdict_corrected_by_hand_takes_the_weight_away_and_gives_it_back()
    {
        var (contact, message, campaign) = await GivenAsync();
        var link = await App.GivenLinkAsync(campaign);
        await App.StoreAsync(Some.Event(message, EventType.Opened), Some.Event(message, EventType.Clicked, s_hour, linkId: link));
        var before = await App.ContactStateAsync(contact);
        await using var db = App.Database();
        var click = await db.Events.SingleAsync(e => e.MessageId == message && e.Type == EventType.Clicked);
        var reclassification = App.Services.GetRequiredService<Reclassification>();

        await reclassification.GiveAsync(click.Id, Verdict.Scanner, CancellationToken.None);
        var without = await App.ContactStateAsync(contact);
        Assert.Equal(1, await App.ScoreAsync(contact, TimeSpan.Zero), 12);
        Assert.Equal(Some.Noon.ToUnixTimeMilliseconds(), without.RankAt);
        Assert.Empty(App.Verify());
        await reclassification.GiveAsync(click.Id, Verdict.None, CancellationToken.None);

        var after = await App.ContactStateAsync(contact);
        Assert.Equal((before.Rank, before.RankAt), (after.Rank, after.RankAt));
        Assert.Empty(App.Verify());
    }

    [Fact]
    public async Task A_burst_that_unmasks_a_scanner_takes_its_earlier_clicks_back()
    {
        var (contact, message, campaign) = await GivenAsync();
        var links = new[] { await App.GivenLinkAsync(campaign, "https://example.com/1", 1), await App.GivenLinkAsync(campaign, "https://example.com/2", 2), await App.GivenLinkAsync(campaign, "https://example.com/3", 3) };
        await App.StoreAsync(Some.Event(message, EventType.Clicked, linkId: links[0]));
        Assert.Equal(5, await App.ScoreAsync(contact, TimeSpan.Zero), 12);

        await App.StoreAsync(Some.Event(message, EventType.Clicked, TimeSpan.FromMilliseconds(400), linkId: links[1]), Some.Event(message, EventType.Clicked, TimeSpan.FromMilliseconds(900), linkId: links[2]));

        var state = await App.ContactStateAsync(contact);
        Assert.Equal((null, 0), (state.Rank, state.RankAt));
        Assert.Empty(App.Verify());
    }

    [Fact]
    public async Task Verify_finds_a_wrong_rank_and_rebuild_mends_it()
    {
        await using var app = new TestApp();
        var contacts = new[] { await app.GivenContactAsync(), await app.GivenContactAsync(), await app.GivenContactAsync(), await app.GivenContactAsync() };
        var campaign = await app.GivenCampaignAsync();
        for (var i = 0; i < 3; i++)
        {
            await app.StoreAsync(Some.Event(await app.GivenMessageAsync(campaign, contactId: contacts[i]), EventType.Opened, i * s_hour));
        }

        var right = await app.ContactStateAsync(contacts[1]);
        await using (var db = app.Database())
        {
            await db.ContactStates.Where(s => s.ContactId == contacts[0]).ExecuteUpdateAsync(set => set.SetProperty(s => s.Rank, s => s.Rank + 0.001));
            await db.ContactStates.Where(s => s.ContactId == contacts[1]).ExecuteUpdateAsync(set => set.SetProperty(s => s.Rank, (double?)null));
            await db.ContactStates.Where(s => s.ContactId == contacts[3]).ExecuteUpdateAsync(set => set.SetProperty(s => s.Rank, 3));
        }

        Assert.Equal(new[] { contacts[0], contacts[1], contacts[3] }.Select(id => $"rank of contact {id}"), app.Verify().Select(difference => difference.What));

        using (var connection = new WriteConnection(app.Services.GetRequiredService<SqliteFile>().Path, "wal_autocheckpoint=0"))
        {
            Assert.Equal(3, CounterRebuild.Run(connection, 0, CancellationToken.None).Count);
        }

        Assert.Empty(app.Verify());
        Assert.Equal(right.Rank, (await app.ContactStateAsync(contacts[1])).Rank);
    }

    [Fact]
    public async Task Mail_of_a_contact_that_is_gone_brings_nothing_back_and_a_row_that_got_lost_is_found()
    {
        await using var app = new TestApp();
        var contact = await app.GivenContactAsync();
        var message = await app.GivenMessageAsync(await app.GivenCampaignAsync(), contactId: contact);
        await using var db = app.Database();
        await db.ContactStates.ExecuteDeleteAsync();

        await app.StoreAsync(Some.Event(message, EventType.Opened));

        Assert.False(await db.ContactStates.AnyAsync());
        Assert.Equal($"rank of contact {contact}", Assert.Single(app.Verify()).What);
        await db.Database.ExecuteSqlAsync($"PRAGMA foreign_keys=OFF; DELETE FROM contacts; PRAGMA foreign_keys=ON;");
        Assert.Empty(app.Verify());
    }

    private long Rebuilds => App.Services.GetRequiredService<EventWriter>().RankRebuilds;

    private async Task<(long Contact, long Message, long Campaign)> GivenAsync()
    {
        var campaign = await App.GivenCampaignAsync();
        var contact = await App.GivenContactAsync();
        return (contact, await App.GivenMessageAsync(campaign, contactId: contact), campaign);
    }
}
