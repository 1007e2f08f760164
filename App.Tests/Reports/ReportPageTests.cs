using System.Diagnostics;
using System.Net;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using ScoreTracking.Counters;
using ScoreTracking.Data;
using ScoreTracking.Events;
using ScoreTracking.Live;
using ScoreTracking.Settings;
using ScoreTracking.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace ScoreTracking.Tests.Reports;

/// <summary>The report as a viewer has it open.</summary>
public sealed class ReportPageTests : IAsyncLifetime
{
    private readonly TestApp _app = new();

    public ValueTask InitializeAsync()
    {
        _app.Clock.Set(Some.Noon.AddHours(3));
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Fact]
    public async Task Figures_move_within_a_second_of_an_event_without_reload()
    {
        var campaign = await _app.GivenCampaignAsync();
        var link = await _app.GivenLinkAsync(campaign);
        var messages = await SentAsync(campaign, 4);
        await using var visit = await Browser.VisitAsync(_app, Look.Light);
        await visit.OpenAsync($"/campaigns/cmp_{campaign}");
        await Expect(Figure(visit, "Opened")).ToHaveTextAsync("0");
        await visit.Page.EvaluateAsync("() => { window.same = true; }");

        var opened = await TimeToShowAsync(visit, "Opened", "1", Some.Event(messages[0], EventType.Opened, TimeSpan.FromHours(1), source: EventSource.Tracking));
        var clicked = await TimeToShowAsync(visit, "Clicked", "1", Some.Event(messages[1], EventType.Clicked, TimeSpan.FromHours(1), linkId: link, source: EventSource.Tracking));

        TestContext.Current.TestOutputHelper?.WriteLine($"From storing to the screen: open {opened.TotalMilliseconds:0} ms, click {clicked.TotalMilliseconds:0} ms.");
        await Expect(Figure(visit, "Opened")).ToHaveTextAsync("2"); // Who clicks has opened.
        await Expect(Figure(visit, "Click-to-open")).ToHaveTextAsync("50.0%");
        await Expect(visit.Page.GetByRole(AriaRole.Region, new() { Name = "Links" }).GetByRole(AriaRole.Row, new() { Name = "Offer" })).ToContainTextAsync("25.0%");
        Assert.True(await visit.Page.EvaluateAsync<bool>("() => window.same"));
        Assert.True(opened < Allowed && clicked < Allowed, $"{opened} and {clicked}");
        Assert.Empty(visit.Errors);
    }

    [Fact]
    public async Task Switches_change_the_figures_and_the_address_and_Back_takes_them_back()
    {
        var campaign = await _app.GivenCampaignAsync();
        await _app.GivenLinkAsync(campaign);
        var messages = await SentAsync(campaign, 4);
        await _app.StoreAsync(
            Some.Event(messages[0], EventType.Delivered, TimeSpan.FromMinutes(1)),
            Some.Event(messages[1], EventType.Delivered, TimeSpan.FromMinutes(1)),
            Some.Event(messages[0], EventType.Opened, TimeSpan.FromHours(1), source: EventSource.Tracking),
            Some.Event(messages[1], EventType.Opened, TimeSpan.FromHours(1), userAgent: Some.ApplePrivacy, source: EventSource.Tracking));
        await using var visit = await Browser.VisitAsync(_app, Look.Light);
        await visit.OpenAsync($"/campaigns/cmp_{campaign}");
        await Expect(Figure(visit, "Opened")).ToHaveTextAsync("2");

        await ChooseAsync(visit, "Confirmed opens");
        await Expect(Figure(visit, "Opened")).ToHaveTextAsync("1");
        await Expect(Tile(visit, "Opened")).ToContainTextAsync("25.0%");
        await ChooseAsync(visit, "Rates of delivered");
        await Expect(Tile(visit, "Opened")).ToContainTextAsync("50.0%");
        await Expect(visit.Page).ToHaveURLAsync($"{_app.ClientOptions.BaseAddress}campaigns/cmp_{campaign}?opens=confirmed&basis=delivered");

        await visit.Page.ReloadAsync();
        await Expect(Figure(visit, "Opened")).ToHaveTextAsync("1");
        await visit.Page.GoBackAsync();
        await visit.Page.GoBackAsync();
        await Expect(Figure(visit, "Opened")).ToHaveTextAsync("2");
        Assert.Empty(visit.Errors);
    }

    [Fact]
    public async Task A_switch_far_down_leaves_the_page_where_it_is()
    {
        var campaign = await _app.GivenCampaignAsync();
        await _app.GivenLinkAsync(campaign);
        await SentAsync(campaign, 1);
        await using var visit = await Browser.VisitAsync(_app, Look.Phone);
        await visit.OpenAsync($"/campaigns/cmp_{campaign}");

        await visit.Page.GetByRole(AriaRole.Link, new() { Name = "By address" }).ScrollIntoViewIfNeededAsync();
        var before = await visit.Page.EvaluateAsync<int>("() => Math.round(scrollY)");
        await ChooseAsync(visit, "By address");
        await Expect(visit.Page.GetByRole(AriaRole.Columnheader, new() { Name = "Places" })).ToBeVisibleAsync();

        Assert.InRange(await visit.Page.EvaluateAsync<int>("() => Math.round(scrollY)"), before - 100, before + 100);
        Assert.True(before > 0);
    }

    [Fact]
    public async Task The_keyboard_reads_the_chart_and_zooms_into_a_marked_range()
    {
        var campaign = await _app.GivenCampaignAsync();
        await SentAsync(campaign, 3);
        await using var visit = await Browser.VisitAsync(_app, Look.Light);
        await visit.OpenAsync($"/campaigns/cmp_{campaign}");

        await visit.Page.Locator(".chart-stage").FocusAsync();
        await visit.Page.Keyboard.PressAsync("ArrowRight");
        var spoken = await visit.Page.TextContentAsync("[data-chart-live]");
        await visit.Page.Keyboard.PressAsync("Shift+ArrowRight");
        await visit.Page.Keyboard.PressAsync("Enter");
        await Expect(visit.Page).ToHaveURLAsync($"{_app.ClientOptions.BaseAddress}campaigns/cmp_{campaign}?from=2026-09-01T12%3A00Z&to=2026-09-01T12%3A30Z");

        Assert.Equal("Tue 1 Sep 2026, 12:00: Sent 3, Opens 0, Clicks 0", spoken);
        await Expect(visit.Page.Locator("[data-chart]")).ToHaveAttributeAsync("data-steps", "2");
        await Expect(visit.Page.GetByRole(AriaRole.Navigation, new() { Name = "Range" }).Locator("[aria-current]")).ToHaveTextAsync("1 Sep 12:00 – 1 Sep 12:30");

        await ChooseAsync(visit, "7 days");
        await Expect(visit.Page).ToHaveURLAsync($"{_app.ClientOptions.BaseAddress}campaigns/cmp_{campaign}?range=7d");
        Assert.Empty(visit.Errors);
    }

    [Fact]
    public async Task An_open_chart_follows_the_organization_to_another_time_zone()
    {
        var campaign = await _app.GivenCampaignAsync();
        await SentAsync(campaign, 1);
        await using var visit = await Browser.VisitAsync(_app, Look.Light);
        await visit.OpenAsync($"/campaigns/cmp_{campaign}");

        await _app.Services.GetRequiredService<OrganizationSettings>()
            .ChangeAsync(name: null, TimeZoneInfo.FindSystemTimeZoneById("Asia/Kolkata"), TestContext.Current.CancellationToken);

        await Expect(visit.Page.GetByText("Asia/Kolkata")).ToBeVisibleAsync();
        await Expect(visit.Page.Locator(".chart tbody th").First).ToHaveTextAsync("Tue 1 Sep 2026, 17:30");
        await Expect(visit.Page.GetByText("First sent 1 Sep 2026, 17:30")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task A_campaign_without_events_says_what_comes_next_and_becomes_a_report_with_the_first()
    {
        var campaign = await _app.GivenCampaignAsync();
        await StatusAsync(campaign, CampaignStatus.Draft);
        await using var visit = await Browser.VisitAsync(_app, Look.Light);
        await visit.OpenAsync($"/campaigns/cmp_{campaign}");
        await Expect(visit.Page.GetByRole(AriaRole.Heading, new() { Name = "This campaign has no recipients yet" })).ToBeVisibleAsync();
        await Expect(visit.Page.GetByRole(AriaRole.Link, new() { Name = "Add recipients" })).ToHaveAttributeAsync("href", $"/campaigns/cmp_{campaign}/recipients");
        await visit.PhotographAsync("report-draft");

        await StatusAsync(campaign, CampaignStatus.Running);
        await visit.Page.ReloadAsync();
        await visit.Page.WaitForSelectorAsync("[data-live]");
        await Expect(visit.Page.GetByRole(AriaRole.Heading, new() { Name = "Waiting for the first event" })).ToBeVisibleAsync();
        await visit.PhotographAsync("report-waiting");
        await SentAsync(campaign, 1);

        await Expect(Figure(visit, "Sent")).ToHaveTextAsync("1");
        await Expect(Tile(visit, "Delivered")).ToContainTextAsync("No delivery reports");
        Assert.Empty(visit.Errors);
    }

    [Theory, InlineData("light"), InlineData("dark"), InlineData("phone")]
    public async Task A_tested_campaign_shows_every_section_on_every_screen(string look)
    {
        var campaign = await TestedAsync();
        await using var visit = await Browser.VisitAsync(_app, Look.All.Single(one => one.Name == look));

        await visit.OpenAsync($"/campaigns/cmp_{campaign}");
        await Expect(visit.Page.GetByText("Winner: Five trails · content c2.")).ToBeVisibleAsync();
        await visit.PhotographAsync("report");

        var headings = await visit.Page.GetByRole(AriaRole.Heading, new() { Level = 2 }).AllInnerTextsAsync();
        Assert.Equal(["Over time", "Variants", "Links", "Recipients", "No recipients yet", "Activity", "Nothing has happened yet"], headings.Where(heading => heading != "Keys"));
        await Expect(visit.Page.GetByRole(AriaRole.Rowheader, new() { Name = "s2.c2" })).ToContainTextAsync("Winner");
        Assert.False(await visit.IsWiderThanScreenAsync());
        Assert.Empty(visit.Errors);
    }

    [Fact]
    public async Task On_paper_the_report_says_how_it_was_counted_and_has_no_controls()
    {
        var campaign = await TestedAsync();
        await using var visit = await Browser.VisitAsync(_app, new Look("print", 720, 1000, ColorScheme.Light));
        await visit.OpenAsync($"/campaigns/cmp_{campaign}?opens=confirmed");

        await visit.Page.EmulateMediaAsync(new() { Media = Media.Print });
        await visit.PhotographAsync("report");

        await Expect(visit.Page.GetByText("Confirmed opens, rates of sent")).ToBeVisibleAsync();
        await Expect(visit.Page.Locator(".switch:visible, .button:visible, .sidebar:visible")).ToHaveCountAsync(0);
        await Expect(Figure(visit, "Opened")).ToBeVisibleAsync();
        Assert.False(await visit.IsWiderThanScreenAsync());
    }

    [Fact]
    public async Task Variants_are_compared_by_the_metric_chosen()
    {
        var campaign = await TestedAsync();
        await using var visit = await Browser.VisitAsync(_app, Look.Light);
        await visit.OpenAsync($"/campaigns/cmp_{campaign}");
        await Expect(visit.Page.GetByRole(AriaRole.Row, new() { Name = "s2.c2" })).ToContainTextAsync("10.0%");

        await ChooseAsync(visit, "Open rate");

        await Expect(visit.Page.GetByText("No winner yet.")).ToBeVisibleAsync();
        await Expect(visit.Page).ToHaveURLAsync($"{_app.ClientOptions.BaseAddress}campaigns/cmp_{campaign}?metric=open_rate");
    }

    [Theory, InlineData("cmp_999"), InlineData("cmp_01"), InlineData("7")]
    public async Task An_address_that_names_no_campaign_is_not_found(string id)
    {
        using var visitor = await Visitor.SignedInAsync(_app);

        Assert.Equal(HttpStatusCode.NotFound, await visitor.StatusAsync($"/campaigns/{id}"));
    }

    [Fact]
    public async Task A_campaign_that_is_removed_meanwhile_leaves_the_not_found_page()
    {
        var campaign = await _app.GivenCampaignAsync();
        await using var visit = await Browser.VisitAsync(_app, Look.Light);
        await visit.OpenAsync($"/campaigns/cmp_{campaign}");

        await using (var db = _app.Database())
        {
            await db.Variants.Where(variant => variant.CampaignId == campaign).ExecuteDeleteAsync(TestContext.Current.CancellationToken);
            await db.Campaigns.Where(one => one.Id == campaign).ExecuteDeleteAsync(TestContext.Current.CancellationToken);
        }

        _app.Services.GetRequiredService<LiveUpdates>().Signal(LiveTopic.Campaign(campaign));

        await Expect(visit.Page.GetByRole(AriaRole.Heading, new() { Name = "There is nothing here" })).ToBeVisibleAsync();
    }

    /// <summary>The product promises one second; two busy cores that also run the browser may take longer, and the output says how long it was.</summary>
    private static TimeSpan Allowed => TimeSpan.FromSeconds(3);

    private static ILocator Tile(Visit visit, string label) => visit.Page.GetByRole(AriaRole.Group, new() { Name = label, Exact = true });

    private static ILocator Figure(Visit visit, string label) => Tile(visit, label).Locator(".metric-value");

    private static Task ChooseAsync(Visit visit, string option) => visit.Page.GetByRole(AriaRole.Link, new() { Name = option, Exact = true }).ClickAsync();

    private async Task<TimeSpan> TimeToShowAsync(Visit visit, string label, string text, EmailEvent reported)
    {
        // Noted by the page itself, in its own time: asking from here would add its own delay.
        await visit.Page.EvaluateAsync(
            """
            ([label, text]) => {
                const shown = () => document.querySelector(`.metric[aria-label="${label}"] .metric-value`)?.textContent === text;
                window.shownAt = new Promise(done => new MutationObserver(() => { if (shown()) done(Date.now()); }).observe(document.body, { subtree: true, childList: true, characterData: true }));
            }
            """,
            new[] { label, text });
        var storing = DateTimeOffset.FromUnixTimeMilliseconds(await visit.Page.EvaluateAsync<long>("() => Date.now()"));
        await _app.StoreAsync(reported);
        return DateTimeOffset.FromUnixTimeMilliseconds(await visit.Page.EvaluateAsync<long>("() => window.shownAt")) - storing;
    }

    private async Task<List<long>> SentAsync(long campaign, int count)
    {
        var messages = new List<long>();
        for (var i = 0; i < count; i++)
        {
            messages.Add(await _app.GivenMessageAsync(campaign));
        }

        await _app.StoreAsync([.. messages.Select(message => Some.Event(message, EventType.Sent))]);
        return messages;
    }

    private async Task StatusAsync(long campaign, string status)
    {
        await using var db = _app.Database();
        await db.Campaigns.Where(one => one.Id == campaign).ExecuteUpdateAsync(set => set.SetProperty(one => one.Status, status), TestContext.Current.CancellationToken);
    }

    /// <summary>Two subjects and two contents, 1,000 messages each; the last is clicked twice as often.</summary>
    private async Task<long> TestedAsync()
    {
        var campaign = await CountedCampaign.InsertAsync(
            _app,
            """
            {"factors":[{"field":"subject","levels":[{"key":"s1","value":"20% off everything waterproof, today and tomorrow only"},{"key":"s2","value":"Five trails"}]},
                        {"field":"html","levels":[{"key":"c1","value":"<p>1</p>"},{"key":"c2","value":"<p>2</p>"}]}]}
            """,
            [.. new[] { ("s1", "c1"), ("s1", "c2"), ("s2", "c1"), ("s2", "c2") }.Select(levels =>
                ($"{levels.Item1}.{levels.Item2}", $$"""{"subject":"{{levels.Item1}}","html":"{{levels.Item2}}"}""", 0.25, 1000L))]);
        for (var position = 0; position < 4; position++)
        {
            var key = position.ToString(System.Globalization.CultureInfo.InvariantCulture);
            await campaign.CountAsync(Dimension.Variant, key, EventType.Sent, VerdictGroup.None, 1000, 1000);
            await campaign.CountAsync(Dimension.Variant, key, EventType.Opened, VerdictGroup.Person, 400, 300);
            await campaign.CountAsync(Dimension.Variant, key, EventType.Clicked, VerdictGroup.Person, position == 3 ? 120 : 60, position == 3 ? 100 : 50);
        }

        await campaign.CountAsync(Dimension.Summary, "", EventType.Sent, VerdictGroup.None, 4000, 4000);
        await campaign.CountAsync(Dimension.Summary, "", EventType.Delivered, VerdictGroup.None, 3950, 3950);
        await campaign.CountAsync(Dimension.Summary, "", EventType.Opened, VerdictGroup.Person, 1600, 1200);
        await campaign.CountAsync(Dimension.Summary, "", EventType.Opened, VerdictGroup.Privacy, 500, 400);
        await campaign.CountAsync(Dimension.Summary, "", EventType.Clicked, VerdictGroup.Person, 300, 250);
        await campaign.CountAtAsync("2026-09-01T12:00Z", EventType.Sent, VerdictGroup.None, 4000, 4000);
        for (var quarter = 0; quarter < 11; quarter++)
        {
            var at = Some.Noon.AddMinutes(quarter * 15).ToString("yyyy-MM-dd'T'HH:mm'Z'", System.Globalization.CultureInfo.InvariantCulture);
            await campaign.CountAtAsync(at, EventType.Opened, VerdictGroup.Person, 300 - (quarter * 25), 200);
            await campaign.CountAtAsync(at, EventType.Clicked, VerdictGroup.Person, 50 - (quarter * 4), 20);
        }

        foreach (var content in new[] { "c1", "c2" })
        {
            var link = await campaign.LinkAsync(content, 1, "https://example.com/shop/jackets?utm_source=newsletter&utm_campaign=autumn-trails-new-arrivals-2026&size=all", "Rain jackets");
            await campaign.CountAsync(Dimension.Link, link.ToString(System.Globalization.CultureInfo.InvariantCulture), EventType.Clicked, VerdictGroup.Person, 120, content == "c1" ? 90 : 110);
        }

        return campaign.Id;
    }
}
