using ScoreTracking.Data;
using ScoreTracking.Events;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Ingest;

public sealed class CountingTests(CountingTests.Host host) : IClassFixture<CountingTests.Host>
{
    private TestApp App => host.App;

    [Fact]
    public async Task Opening_twice_counts_two_opens_and_one_unique()
    {
        var (campaign, message) = await GivenAsync();

        await App.StoreAsync(Some.Event(message, EventType.Opened));
        await App.StoreAsync(Some.Event(message, EventType.Opened, TimeSpan.FromHours(1)));

        Assert.Equal((2, 1), await App.CountAsync(campaign, EventType.Opened, VerdictGroup.Person));
        Assert.Empty(App.Verify());
    }

    [Theory]
    [InlineData(29, 1)]
    [InlineData(30, 1)]
    [InlineData(31, 2)]
    public async Task The_same_reader_opening_again_within_thirty_seconds_is_a_repeated_pixel_load(int seconds, int counted)
    {
        var (campaign, message) = await GivenAsync();

        await App.StoreAsync(Some.Event(message, EventType.Opened));
        await App.StoreAsync(Some.Event(message, EventType.Opened, TimeSpan.FromSeconds(seconds)));

        Assert.Equal((counted, 1), await App.CountAsync(campaign, EventType.Opened, VerdictGroup.Person));
        Assert.Empty(App.Verify());
    }

    [Fact]
    public async Task Another_network_within_thirty_seconds_is_another_open()
    {
        var (campaign, message) = await GivenAsync();

        await App.StoreAsync(
            Some.Event(message, EventType.Opened),
            Some.Event(message, EventType.Opened, TimeSpan.FromSeconds(5), ip: "198.51.100.9"));

        Assert.Equal((2, 1), await App.CountAsync(campaign, EventType.Opened, VerdictGroup.Person));
    }

    [Fact]
    public async Task A_late_event_in_between_turns_the_next_into_a_repeat()
    {
        var (campaign, message) = await GivenAsync();
        await App.StoreAsync(Some.Event(message, EventType.Opened));
        await App.StoreAsync(Some.Event(message, EventType.Opened, TimeSpan.FromSeconds(50)));

        await App.StoreAsync(Some.Event(message, EventType.Opened, TimeSpan.FromSeconds(25)));

        Assert.Equal((1, 1), await App.CountAsync(campaign, EventType.Opened, VerdictGroup.Person));
        Assert.Empty(App.Verify());
    }

    [Fact]
    public async Task A_double_click_counts_once_and_a_second_link_is_never_damped()
    {
        var (campaign, message) = await GivenAsync();
        var first = await App.GivenLinkAsync(campaign, "https://example.com/1", 1);
        var second = await App.GivenLinkAsync(campaign, "https://example.com/2", 2);
        await App.GivenLinkAsync(campaign, "https://example.com/3", 3);

        await App.StoreAsync(
            Some.Event(message, EventType.Clicked, linkId: first),
            Some.Event(message, EventType.Clicked, TimeSpan.FromSeconds(1), linkId: second),
            Some.Event(message, EventType.Clicked, TimeSpan.FromSeconds(2), linkId: first));

        Assert.Equal((2, 1), await App.CountAsync(campaign, EventType.Clicked, VerdictGroup.Person));
        Assert.Empty(App.Verify());
    }

    [Fact]
    public async Task A_click_without_an_open_implies_a_unique_open_and_no_total()
    {
        var (campaign, message) = await GivenAsync();
        var link = await App.GivenLinkAsync(campaign);

        await App.StoreAsync(Some.Event(message, EventType.Clicked, linkId: link));

        Assert.Equal((0, 1), await App.CountAsync(campaign, EventType.Opened, VerdictGroup.Person));
        Assert.True((await App.StateAsync(message)).OpenInferred);
    }

    [Fact]
    public async Task A_machine_click_implies_nothing()
    {
        var (campaign, message) = await GivenAsync();
        var link = await App.GivenLinkAsync(campaign);

        await App.StoreAsync(Some.Event(message, EventType.Clicked, linkId: link, userAgent: Some.Scanner));

        Assert.Equal((0, 0), await App.CountAsync(campaign, EventType.Opened, VerdictGroup.Person));
        Assert.Equal((1, 0), await App.CountAsync(campaign, EventType.Clicked, VerdictGroup.Scanner));
    }

    [Fact]
    public async Task A_persons_open_takes_the_place_of_the_privacy_proxys()
    {
        var (campaign, message) = await GivenAsync();
        await App.StoreAsync(Some.Event(message, EventType.Opened, userAgent: Some.ApplePrivacy));
        Assert.Equal((1, 1), await App.CountAsync(campaign, EventType.Opened, VerdictGroup.Privacy));

        await App.StoreAsync(Some.Event(message, EventType.Opened, TimeSpan.FromHours(2)));

        Assert.Equal((1, 0), await App.CountAsync(campaign, EventType.Opened, VerdictGroup.Privacy));
        Assert.Equal((1, 1), await App.CountAsync(campaign, EventType.Opened, VerdictGroup.Person));
        Assert.Empty(App.Verify());
    }

    [Fact]
    public async Task An_event_reported_twice_changes_nothing()
    {
        var (campaign, message) = await GivenAsync();
        var delivered = Some.Event(message, EventType.Delivered, key: $"api:{message}-1");

        await App.StoreAsync(delivered, delivered);
        await App.StoreAsync(delivered);

        Assert.Equal((1, 1), await App.CountAsync(campaign, EventType.Delivered));
    }

    [Fact]
    public async Task A_soft_bounce_is_taken_back_by_a_later_delivery_and_a_hard_one_stays()
    {
        var (campaign, soft) = await GivenAsync();
        var hard = await App.GivenMessageAsync(campaign);

        await App.StoreAsync(
            Some.Event(soft, EventType.Bounced, bounce: BounceKind.Soft),
            Some.Event(hard, EventType.Bounced, bounce: BounceKind.Hard),
            Some.Event(soft, EventType.Delivered, TimeSpan.FromMinutes(5)),
            Some.Event(hard, EventType.Delivered, TimeSpan.FromMinutes(5)));

        Assert.Equal((2, 1), await App.CountAsync(campaign, EventType.Bounced));
        Assert.Equal(MessageStatus.Delivered, (await App.StateAsync(soft)).Status);
        Assert.Equal(MessageStatus.Bounced, (await App.StateAsync(hard)).Status);
        Assert.Empty(App.Verify());
    }

    [Fact]
    public async Task Opened_then_bounced_was_a_scanner_until_a_delivery_turns_up()
    {
        var (campaign, message) = await GivenAsync();
        await App.StoreAsync(Some.Event(message, EventType.Opened));
        await App.StoreAsync(Some.Event(message, EventType.Bounced, TimeSpan.FromMinutes(10), bounce: BounceKind.Hard));

        Assert.Equal((0, 0), await App.CountAsync(campaign, EventType.Opened, VerdictGroup.Person));
        Assert.Equal((1, 0), await App.CountAsync(campaign, EventType.Opened, VerdictGroup.Scanner));
        Assert.Equal(MessageStatus.Bounced, (await App.StateAsync(message)).Status);
        Assert.Empty(App.Verify());

        await App.StoreAsync(Some.Event(message, EventType.Delivered, TimeSpan.FromMinutes(-1)));

        Assert.Equal((1, 1), await App.CountAsync(campaign, EventType.Opened, VerdictGroup.Person));
        Assert.Empty(App.Verify());
    }

    [Fact]
    public async Task An_esps_own_opens_are_left_out_where_our_pixel_sees_them()
    {
        var (campaign, message) = await GivenAsync();

        await App.StoreAsync(Some.Event(message, EventType.Opened, source: EventSource.Webhook), Some.Event(message, EventType.Delivered, source: EventSource.Webhook));

        Assert.Equal((0, 0), await App.CountAsync(campaign, EventType.Opened, VerdictGroup.Person));
        Assert.Equal((1, 1), await App.CountAsync(campaign, EventType.Delivered));
    }

    [Fact]
    public async Task A_clock_ahead_is_trusted_for_five_minutes_only()
    {
        var (_, message) = await GivenAsync();
        var ahead = Some.Event(message, EventType.Delivered) with { OccurredAt = Some.Noon + TimeSpan.FromDays(400), ReceivedAt = Some.Noon };

        await App.StoreAsync(ahead);

        Assert.Equal((Some.Noon + TimeSpan.FromMinutes(5)).ToUnixTimeMilliseconds(), (await App.StateAsync(message)).DeliveredAt);
    }

    [Fact]
    public async Task Unsubscribing_puts_the_address_on_the_suppression_list()
    {
        var (_, message) = await GivenAsync();

        await App.StoreAsync(Some.Event(message, EventType.Unsubscribed, source: EventSource.Tracking));

        await using var db = App.Database();
        var email = db.Messages.Single(m => m.Id == message).Email;
        Assert.Equal(("unsubscribed", "tracking_link"), db.Suppressions.Where(s => s.Email == email).Select(s => ValueTuple.Create(s.Reason, s.Source)).Single());
    }

    private async Task<(long Campaign, long Message)> GivenAsync()
    {
        var campaign = await App.GivenCampaignAsync();
        return (campaign, await App.GivenMessageAsync(campaign));
    }

    public sealed class Host : IAsyncDisposable
    {
        public TestApp App { get; } = new();

        public ValueTask DisposeAsync() => App.DisposeAsync();
    }
}
