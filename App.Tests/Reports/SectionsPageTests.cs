using System.Text.RegularExpressions;
using Microsoft.Playwright;
using ScoreTracking.Counters;
using ScoreTracking.Data;
using ScoreTracking.Events;
using ScoreTracking.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace ScoreTracking.Tests.Reports;

/// <summary>Places, clients and providers as a viewer sees them.</summary>
public sealed class SectionsPageTests : IAsyncLifetime
{
    private readonly TestApp _app = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync()
    {
        _app.Clock.Set(Some.Noon.AddHours(3));
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Theory, InlineData("light"), InlineData("dark"), InlineData("phone")]
    public async Task Places_clients_and_providers_fit_every_screen(string look)
    {
        var campaign = await CountedAsync();
        await using var visit = await Browser.VisitAsync(_app, Look.All.Single(one => one.Name == look));

        await visit.OpenAsync($"/campaigns/cmp_{campaign}");
        await Expect(Table(visit, "Opens by country").Locator("tbody tr")).ToHaveCountAsync(12);
        await Expect(Table(visit, "Opens by country").Locator("tbody tr").Last).ToContainTextAsync("Unknown (proxied)");
        await Expect(visit.Page.GetByRole(AriaRole.Img, new() { NameRegex = new Regex("^World map: Germany 28") })).ToBeVisibleAsync();
        await Expect(visit.Page.GetByText("Outlook.com took 70.0% of its messages so far, all others 99.0%")).ToBeVisibleAsync();
        await visit.PhotographAsync("report-sections");

        Assert.Empty(await Axe.FindingsAsync(visit));
        Assert.False(await visit.IsWiderThanScreenAsync());
        Assert.Empty(visit.Errors);
    }

    [Fact]
    public async Task Switches_of_a_section_change_its_table_and_stand_in_the_address()
    {
        var campaign = await CountedAsync();
        await using var visit = await Browser.VisitAsync(_app, Look.Light);
        await visit.OpenAsync($"/campaigns/cmp_{campaign}");

        await ChooseAsync(visit, "How fine", "Cities");
        await Expect(Table(visit, "Opens by city")).ToContainTextAsync("Munich");
        await ChooseAsync(visit, "Counted in places", "Clicks");
        await Expect(visit.Page.Locator("section:has(#places)").GetByText("No clicks by people yet")).ToBeVisibleAsync();
        await ChooseAsync(visit, "Told apart by", "Devices");
        await Expect(Table(visit, "Opens by device").Locator("tbody th")).ToHaveTextAsync(["Mobile", "Desktop", "Unknown (proxied)"]);

        await Expect(visit.Page).ToHaveURLAsync(new Regex("places=city&places_event=click&clients=device$"));
        await visit.Page.GoBackAsync();
        await Expect(Table(visit, "Opens by client")).ToBeVisibleAsync();
        Assert.Empty(visit.Errors);
    }

    [Fact]
    public async Task More_countries_than_fit_are_shown_on_request()
    {
        var campaign = await CountedAsync();
        await using var visit = await Browser.VisitAsync(_app, Look.Light);
        await visit.OpenAsync($"/campaigns/cmp_{campaign}");

        await visit.Page.Locator("section:has(#places)").GetByRole(AriaRole.Button, new() { Name = "Show 14" }).ClickAsync();

        await Expect(Table(visit, "Opens by country").Locator("tbody tr")).ToHaveCountAsync(16);
    }

    [Fact]
    public async Task The_sections_are_reached_by_keyboard_and_the_one_being_read_is_marked()
    {
        var campaign = await CountedAsync();
        await using var visit = await Browser.VisitAsync(_app, Look.Light);
        await visit.OpenAsync($"/campaigns/cmp_{campaign}?opens=confirmed");
        var nav = visit.Page.GetByRole(AriaRole.Navigation, new() { Name = "Sections" });
        Assert.Equal(
            await nav.GetByRole(AriaRole.Link).AllInnerTextsAsync(),
            await nav.GetByRole(AriaRole.Link).EvaluateAllAsync<string[]>("links => links.filter(link => document.getElementById(link.hash.slice(1))?.tagName === 'H2').map(link => link.innerText)"));

        await nav.GetByRole(AriaRole.Link, new() { Name = "Places" }).FocusAsync();
        await visit.Page.Keyboard.PressAsync("Enter");

        await Expect(nav.Locator("[aria-current]")).ToHaveTextAsync("Places");
        await Expect(visit.Page.GetByRole(AriaRole.Heading, new() { Name = "Places" })).ToBeInViewportAsync();
        await Expect(visit.Page).ToHaveURLAsync(new Regex(@"opens=confirmed#places$"));
    }

    [Fact]
    public async Task Where_only_machines_opened_the_page_says_so()
    {
        var campaign = await _app.GivenCampaignAsync();
        var message = await _app.GivenMessageAsync(campaign);
        await _app.StoreAsync(
            Some.Event(message, EventType.Sent),
            Some.Event(message, EventType.Opened, TimeSpan.FromHours(1), userAgent: Some.Scanner, source: EventSource.Tracking));
        await using var visit = await Browser.VisitAsync(_app, Look.Light);

        await visit.OpenAsync($"/campaigns/cmp_{campaign}");

        await Expect(visit.Page.GetByText("So far only machines opened or clicked")).ToBeVisibleAsync();
        await Expect(visit.Page.Locator("section:has(#places)").GetByText("No opens by people yet")).ToBeVisibleAsync();
        await Expect(visit.Page.Locator("section:has(#clients)").GetByText("No opens by people yet")).ToBeVisibleAsync();
        await visit.PhotographAsync("report-machines-only");
        Assert.Empty(visit.Errors);
    }

    [Fact]
    public async Task Where_nothing_was_sent_rates_are_absent_and_the_page_says_why()
    {
        var campaign = await _app.GivenCampaignAsync();
        var message = await _app.GivenMessageAsync(campaign);
        await _app.StoreAsync(Some.Event(message, EventType.Opened, TimeSpan.FromHours(1), source: EventSource.Tracking));
        await using var visit = await Browser.VisitAsync(_app, Look.Light);

        await visit.OpenAsync($"/campaigns/cmp_{campaign}");

        await Expect(visit.Page.GetByText("no message was reported as sent")).ToBeVisibleAsync();
        await Expect(visit.Page.GetByText("Nothing was sent yet")).ToBeVisibleAsync();
        await Expect(visit.Page.GetByRole(AriaRole.Group, new() { Name = "Opened", Exact = true }).Locator(".metric-rate")).ToHaveTextAsync("–");
        Assert.Empty(visit.Errors);
    }

    [Fact]
    public async Task Hostile_names_of_links_places_and_clients_are_shown_as_text()
    {
        const string Name = "\"'></title></svg><script>window.__xss = 1</script><img src=x onerror=\"window.__xss = 1\">";
        var campaign = await CountedCampaign.InsertAsync(_app);
        await campaign.CountAsync(Dimension.Summary, "", EventType.Sent, VerdictGroup.None, 9, 9);
        var link = await campaign.LinkAsync("", 1, "javascript:window.__xss=1", Name);
        await campaign.CountAsync(Dimension.Link, $"{link}", EventType.Clicked, VerdictGroup.Person, 3, 3);
        await using (var db = _app.Database())
        {
            var place = new PlaceRow { Country = "DE", Region = Name, City = Name };
            db.Add(place);
            await db.SaveChangesAsync(Token);
            await OpensAsync(campaign, Dimension.City, $"{place.Id}", 3);
        }

        await OpensAsync(campaign, Dimension.Country, Name, 3);
        await OpensAsync(campaign, Dimension.Country, "DE", 3);
        await OpensAsync(campaign, Dimension.Client, Name, 3);
        await using var visit = await Browser.VisitAsync(_app, Look.Light);

        foreach (var view in (string[])["", "?places=city&links=url", "?links=mail"])
        {
            await visit.OpenAsync($"/campaigns/cmp_{campaign.Id}{view}");
            await Expect(Table(visit, "Opens by client").Locator("tbody th")).ToHaveTextAsync([Name]);

            Assert.True(await visit.Page.EvaluateAsync<bool>("() => window.__xss === undefined && document.querySelectorAll('img[src=x], [href^=\"javascript:\"]').length === 0"));
        }

        Assert.Empty(visit.Errors);
    }

    private static ILocator Table(Visit visit, string name) => visit.Page.GetByRole(AriaRole.Table, new() { Name = name });

    private static Task ChooseAsync(Visit visit, string what, string option) =>
        visit.Page.GetByRole(AriaRole.Navigation, new() { Name = what }).GetByRole(AriaRole.Link, new() { Name = option }).ClickAsync();

    /// <summary>Opens from sixteen places, by four clients, of mail to four providers, one of which refuses much.</summary>
    private async Task<long> CountedAsync()
    {
        var campaign = await CountedCampaign.InsertAsync(_app);
        await campaign.CountAsync(Dimension.Summary, "", EventType.Sent, VerdictGroup.None, 6400, 6400);
        await campaign.CountAsync(Dimension.Summary, "", EventType.Delivered, VerdictGroup.None, 6190, 6190);
        await campaign.CountAsync(Dimension.Summary, "", EventType.Opened, VerdictGroup.Person, 3300, 2400);
        await campaign.CountAtAsync("2026-09-01T12:00Z", EventType.Sent, VerdictGroup.None, 6400, 6400);
        string[] countries = ["DE", "FR", "US", "GB", "BR", "IN", "AU", "NL", "SE", "JP", "CA", "SG", "MX", "ZA"];
        foreach (var (code, at) in countries.Select((code, at) => (code, at)))
        {
            await OpensAsync(campaign, Dimension.Country, code, 1000 / (at + 1));
        }

        foreach (var dimension in new[] { Dimension.Country, Dimension.City, Dimension.Device })
        {
            await OpensAsync(campaign, dimension, Dimension.Proxied, 210);
        }

        await OpensAsync(campaign, Dimension.Country, "", 90);
        await using (var db = _app.Database())
        {
            var munich = new PlaceRow { Country = "DE", Region = "Bavaria", City = "Munich" };
            db.Add(munich);
            await db.SaveChangesAsync(Token);
            await OpensAsync(campaign, Dimension.City, $"{munich.Id}", 300);
        }

        foreach (var (client, opens) in new[] { ("Apple Mail", 800), ("Gmail", 700), ("Outlook (Windows)", 500), ("Thunderbird", 90), ("", 40) })
        {
            await OpensAsync(campaign, Dimension.Client, client, opens);
        }

        await OpensAsync(campaign, Dimension.Device, "mobile", 1200);
        await OpensAsync(campaign, Dimension.Device, "desktop", 900);
        foreach (var (provider, sent, delivered, complained) in new[] { ("1", 3000, 2960, 4), ("2", 500, 350, 3), ("5", 900, 895, 0), ("0", 2000, 1985, 1) })
        {
            await campaign.CountAsync(Dimension.Provider, provider, EventType.Sent, VerdictGroup.None, sent, sent);
            await campaign.CountAsync(Dimension.Provider, provider, EventType.Delivered, VerdictGroup.None, delivered, delivered);
            await campaign.CountAsync(Dimension.Provider, provider, EventType.Bounced, VerdictGroup.None, sent - delivered, sent - delivered);
            await campaign.CountAsync(Dimension.Provider, provider, EventType.Opened, VerdictGroup.Person, delivered / 2, delivered / 3);
            await campaign.CountAsync(Dimension.Provider, provider, EventType.Clicked, VerdictGroup.Person, delivered / 9, delivered / 10);
            await campaign.CountAsync(Dimension.Provider, provider, EventType.Complained, VerdictGroup.None, complained, complained);
        }

        await campaign.CountAsync(Dimension.ProviderBounce, $"{(2 << 2) + (int)BounceKind.Block}", EventType.Bounced, VerdictGroup.None, 140, 140);
        return campaign.Id;
    }

    private static Task OpensAsync(CountedCampaign campaign, Dimension dimension, string key, long messages) =>
        campaign.CountAsync(dimension, key, EventType.Opened, VerdictGroup.Person, messages * 3 / 2, messages);
}
