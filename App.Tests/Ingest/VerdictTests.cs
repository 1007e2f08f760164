using Microsoft.EntityFrameworkCore;
using ScoreTracking.Events;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Ingest;

/// <summary>Rules 5 and 8 to 11 of docs/numbers.md: what other events say of who made a hit.</summary>
public sealed class VerdictTests(AppFixture fixture) : IClassFixture<AppFixture>
{
    private const string BareWebKit = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)";
    private const string Elsewhere = "198.51.100.4";

    private TestApp App => fixture.App;

    [Theory]
    [InlineData(2_000, "burst")]
    [InlineData(2_001, "")]
    public async Task Three_links_within_two_seconds_are_a_scanners_with_the_open_before_them(int milliseconds, string reason)
    {
        var (_, message, links) = await GivenAsync(links: 3);

        await App.StoreAsync(Open(message, 0));
        await App.StoreAsync(Click(message, 60_000, links[0]));
        await App.StoreAsync(Click(message, 60_900, links[1]));
        await App.StoreAsync(Click(message, 60_000 + milliseconds, links[2]));

        await AssertAsync(message, reason, reason, reason, reason);
    }

    [Fact]
    public async Task The_first_clicks_of_a_burst_count_until_it_is_one_and_then_are_taken_back()
    {
        var (campaign, message, links) = await GivenAsync(links: 4);
        await App.StoreAsync(Click(message, 0, links[0]), Click(message, 500, links[1]));
        Assert.Equal((2, 1), await App.CountAsync(campaign, EventType.Clicked, VerdictGroup.Person));

        await App.StoreAsync(Click(message, 1_000, links[2]));

        Assert.Equal((0, 0), await App.CountAsync(campaign, EventType.Clicked, VerdictGroup.Person));
        Assert.Equal((0, 0), await App.CountAsync(campaign, EventType.Opened, VerdictGroup.Person));
        Assert.Equal((3, 0), await App.CountAsync(campaign, EventType.Clicked, VerdictGroup.Scanner));
        Assert.Empty(App.Verify());
    }

    [Fact]
    public async Task Both_links_of_a_mail_that_has_two_are_a_burst()
    {
        var (_, message, links) = await GivenAsync(links: 2);

        await App.StoreAsync(Click(message, 0, links[0]), Click(message, 1_500, links[1]));

        await AssertAsync(message, "burst", "burst");
    }

    [Fact]
    public async Task The_same_link_again_and_again_is_no_burst()
    {
        var (_, message, links) = await GivenAsync(links: 2);

        await App.StoreAsync(Click(message, 0, links[0]), Click(message, 500, links[0]), Click(message, 1_000, links[0]));

        await AssertAsync(message, "", "", "");
    }

    [Fact]
    public async Task Two_links_of_html_the_caller_brought_prove_nothing_since_nobody_knows_how_many_it_had()
    {
        var (campaign, message, _) = await GivenAsync(links: 0);
        var first = await App.GivenLinkAsync(campaign, "https://example.com/1", 1, content: "own");
        var second = await App.GivenLinkAsync(campaign, "https://example.com/2", 2, content: "own");

        await App.StoreAsync(Click(message, 0, first), Click(message, 500, second));

        await AssertAsync(message, "", "");
    }

    [Fact]
    public async Task After_a_burst_only_the_opens_of_its_client_are_the_scanners()
    {
        var (campaign, message, links) = await GivenAsync(links: 3);
        await App.StoreAsync(Click(message, 0, links[0]), Click(message, 10, links[1]), Click(message, 20, links[2]));

        await App.StoreAsync(Open(message, 90_000));
        await App.StoreAsync(Open(message, 120_000, ip: Elsewhere));
        await App.StoreAsync(Click(message, 180_000, links[0], ip: Elsewhere));

        await AssertAsync(message, "burst", "burst", "burst", "burst", "", "");
        Assert.Equal((1, 1), await App.CountAsync(campaign, EventType.Opened, VerdictGroup.Person));
    }

    [Theory]
    [InlineData(-600_000, "fleet")]
    [InlineData(600_000, "fleet")]
    [InlineData(-600_001, "")]
    [InlineData(600_001, "")]
    public async Task A_client_that_burst_for_another_recipient_within_ten_minutes_is_a_fleet_whichever_comes_first(int milliseconds, string reason)
    {
        var (campaign, swept, links) = await GivenAsync(links: 3);
        var before = await App.GivenMessageAsync(campaign);
        var after = await App.GivenMessageAsync(campaign);

        await App.StoreAsync(Open(before, milliseconds - 5_000), Click(before, milliseconds, links[0]));
        await App.StoreAsync(Click(swept, 0, links[0]), Click(swept, 0, links[1]), Click(swept, 0, links[2]));
        await App.StoreAsync(Click(after, milliseconds, links[0]));
        await App.StoreAsync(Open(after, milliseconds + 5_000));

        await AssertAsync(before, reason, reason);
        await AssertAsync(after, reason, reason);
    }

    [Theory]
    [InlineData(601_000, "fleet")]
    [InlineData(601_001, "")]
    [InlineData(-601_000, "fleet")]
    [InlineData(-601_001, "")]
    public async Task Ten_minutes_are_counted_from_the_nearest_click_of_the_burst(int milliseconds, string reason)
    {
        var (campaign, swept, links) = await GivenAsync(links: 3);
        var lone = await App.GivenMessageAsync(campaign);

        await App.StoreAsync(Click(swept, -1_000, links[0]), Click(swept, 0, links[1]), Click(swept, 1_000, links[2]));
        await App.StoreAsync(Click(lone, milliseconds, links[0]));

        await AssertAsync(lone, reason);
    }

    [Fact]
    public async Task A_fleet_is_of_one_campaign_one_client_and_other_recipients()
    {
        var (campaign, swept, links) = await GivenAsync(links: 3);
        var (_, elsewhere, others) = await GivenAsync(links: 3);
        var person = await App.GivenMessageAsync(campaign);

        await App.StoreAsync(Click(swept, 0, links[0]), Click(swept, 10, links[1]), Click(swept, 20, links[2]));
        await App.StoreAsync(Click(swept, 60_000, links[0]), Click(elsewhere, 60_000, others[0]), Click(person, 60_000, links[0], ip: Elsewhere), Open(person, 30_000));

        await AssertAsync(swept, "burst", "burst", "burst", "");
        await AssertAsync(elsewhere, "");
        await AssertAsync(person, "", "");
    }

    [Theory]
    [InlineData(0, Verdict.Privacy)]
    [InlineData(60_000, Verdict.Privacy)]
    [InlineData(60_001, Verdict.Human)]
    [InlineData(-1, Verdict.Human)]
    public async Task Bare_webkit_within_a_minute_of_delivery_is_a_privacy_proxy_and_later_a_person(int milliseconds, Verdict verdict)
    {
        var (campaign, known, _) = await GivenAsync(links: 0);
        var late = await App.GivenMessageAsync(campaign);

        await App.StoreAsync(Event(known, EventType.Delivered, 0));
        await App.StoreAsync(Open(known, milliseconds, BareWebKit));
        await App.StoreAsync(Open(late, milliseconds, BareWebKit));
        await App.StoreAsync(Event(late, EventType.Delivered, 0));
        await App.StoreAsync(Event(late, EventType.Delivered, 70_000));

        await AssertAsync(known, verdict == Verdict.Privacy ? "bare_webkit_at_delivery" : "");
        await AssertAsync(late, verdict == Verdict.Privacy ? "bare_webkit_at_delivery" : "");
        var group = verdict.Group();
        Assert.Equal((2, 2), await App.CountAsync(campaign, EventType.Opened, group));
    }

    [Theory]
    [InlineData("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Safari/605.1.15")]
    [InlineData("Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148")]
    [InlineData(Some.Firefox)]
    public async Task Whoever_names_more_than_the_engine_is_no_bare_webkit(string agent)
    {
        var (_, message, _) = await GivenAsync(links: 0);

        await App.StoreAsync(Event(message, EventType.Delivered, 0));
        await App.StoreAsync(Open(message, 5_000, agent));

        await AssertAsync(message, "");
    }

    [Theory]
    [InlineData(0, "too_fast")]
    [InlineData(1_999, "too_fast")]
    [InlineData(2_000, "")]
    [InlineData(-1, "")]
    public async Task Nobody_clicks_within_two_seconds_of_the_hand_off(int milliseconds, string reason)
    {
        var (campaign, known, links) = await GivenAsync(links: 3);
        var late = await App.GivenMessageAsync(campaign);

        await App.StoreAsync(Event(known, EventType.Sent, 0));
        await App.StoreAsync(Click(known, milliseconds, links[0]));
        await App.StoreAsync(Click(late, milliseconds, links[0], ip: Elsewhere), Open(late, 1_000, ip: Elsewhere));
        await App.StoreAsync(Event(late, EventType.Sent, 0), Event(late, EventType.Sent, 60_000));

        await AssertAsync(known, reason);
        await AssertAsync(late, milliseconds > 1_000 ? ["", reason] : [reason, ""]);
    }

    [Fact]
    public async Task Clicks_around_that_of_a_link_nobody_sees_are_a_machines_and_opens_are_not()
    {
        var (_, message, links) = await GivenAsync(links: 3);
        var unseen = Click(message, 20_000, 0) with { KnownVerdict = Verdict.Scanner, KnownReasons = VerdictReasons.Honeypot };

        await App.StoreAsync(Click(message, 9_999, links[0]));
        await App.StoreAsync(Click(message, 14_000, links[1], ip: Elsewhere));
        await App.StoreAsync(unseen);
        await App.StoreAsync(Open(message, 25_000));
        await App.StoreAsync(Click(message, 30_000, links[2]));
        await App.StoreAsync(Click(message, 40_000, links[2]));

        await AssertAsync(message, "", "honeypot", "honeypot", "", "honeypot", "");
    }

    [Fact]
    public async Task What_is_a_machines_anyway_keeps_its_own_reasons_and_previews_and_prefetches_make_no_burst()
    {
        var (_, message, links) = await GivenAsync(links: 4);
        var preview = Click(message, 100, links[1]) with { KnownVerdict = Verdict.Self, KnownReasons = VerdictReasons.PreviewToken };
        var prefetch = Click(message, 200, links[2]) with { KnownVerdict = Verdict.Prefetch, KnownReasons = VerdictReasons.PrefetchHeader };

        await App.StoreAsync(Click(message, 0, links[0]), preview, prefetch, Click(message, 300, links[3], Some.Scanner));
        await AssertAsync(message, "", "preview_token", "prefetch_header", "scanner_name");

        await App.StoreAsync(Click(message, 400, links[1]));
        await AssertAsync(message, "burst", "preview_token", "prefetch_header", "scanner_name", "burst");
    }

    private static EmailEvent Event(long message, EventType type, int milliseconds) => Some.Event(message, type, TimeSpan.FromMilliseconds(milliseconds));

    private static EmailEvent Open(long message, int milliseconds, string agent = Some.Firefox, string ip = "203.0.113.7") =>
        Some.Event(message, EventType.Opened, TimeSpan.FromMilliseconds(milliseconds), userAgent: agent, ip: ip);

    private static EmailEvent Click(long message, int milliseconds, long link, string agent = Some.Firefox, string ip = "203.0.113.7") =>
        Some.Event(message, EventType.Clicked, TimeSpan.FromMilliseconds(milliseconds), linkId: link, userAgent: agent, ip: ip);

    private async Task<(long Campaign, long Message, long[] Links)> GivenAsync(int links)
    {
        var campaign = await App.GivenCampaignAsync();
        var made = new long[links];
        for (var i = 0; i < links; i++)
        {
            made[i] = await App.GivenLinkAsync(campaign, $"https://example.com/{i + 1}", i + 1);
        }

        return (campaign, await App.GivenMessageAsync(campaign), made);
    }

    // By the time of the hits; a hit without reasons is a person's.
    private async Task AssertAsync(long message, params string[] reasons)
    {
        await using var db = App.Database();
        var hits = await db.Events.Where(e => e.MessageId == message && (e.Type == EventType.Opened || e.Type == EventType.Clicked)).OrderBy(e => e.OccurredAt).ToListAsync();

        Assert.Equal(reasons, hits.Select(hit => string.Join(' ', hit.Reasons.Names())));
        Assert.All(hits, hit => Assert.Equal(hit.Reasons.Names().Count == 0, hit.Verdict == Verdict.Human));
        Assert.Empty(App.Verify());
    }
}
