using Microsoft.EntityFrameworkCore;
using Microsoft.Playwright;
using ScoreTracking.Data;
using ScoreTracking.Events;
using ScoreTracking.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace ScoreTracking.Tests.Reports;

/// <summary>The recipient browser, the activity log and the downloads as a viewer has them open.</summary>
public sealed class RecipientPageTests : IAsyncLifetime
{
    private readonly TestApp _app = new();

    public ValueTask InitializeAsync()
    {
        _app.Clock.Set(Some.Noon.AddHours(9));
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Fact]
    public async Task Recipients_are_found_paged_and_opened_and_the_address_bar_remembers()
    {
        var campaign = await BusyCampaign.MakeAsync(_app, 120);
        await using var db = _app.Database();
        var complained = await db.MessageStates.CountAsync(s => s.CampaignId == campaign.Id && s.ComplainedAt > 0);
        await using var visit = await Browser.VisitAsync(_app, Look.Light);
        await visit.OpenAsync($"/campaigns/cmp_{campaign.Id}");
        var section = visit.Page.GetByRole(AriaRole.Region, new() { Name = "Recipients", Exact = true });
        var rows = section.Locator("tbody tr");
        await Expect(section).ToContainTextAsync("120 recipients");
        await Expect(rows).ToHaveCountAsync(25);
        var first = await rows.First.TextContentAsync();

        await section.GetByRole(AriaRole.Link, new() { Name = "Next" }).ClickAsync();
        await Expect(rows.First).Not.ToHaveTextAsync(first!);
        await section.GetByRole(AriaRole.Link, new() { Name = "Previous" }).ClickAsync();
        await Expect(rows.First).ToHaveTextAsync(first!);

        await section.GetByLabel("Status").SelectOptionAsync("complained");
        await Expect(rows).ToHaveCountAsync(complained);
        await Expect(section).ToContainTextAsync($"{complained} recipients");
        await Expect(visit.Page).ToHaveURLAsync($"{_app.ClientOptions.BaseAddress}campaigns/cmp_{campaign.Id}?status=complained");
        await rows.First.GetByRole(AriaRole.Button).ClickAsync();
        await Expect(section.Locator(".happened li")).Not.ToHaveCountAsync(0);
        await Expect(section.Locator(".happened")).ToContainTextAsync("Complained");
        await visit.PhotographAsync("recipients-open");

        await visit.OpenAsync(visit.Page.Url);
        await Expect(rows).ToHaveCountAsync(complained);
        await visit.Page.GoBackAsync();
        await Expect(rows).ToHaveCountAsync(25);
        await visit.Page.WaitForSelectorAsync("[data-live]");

        var email = await db.Messages.Where(m => m.Id == campaign.Messages[3]).Select(m => m.Email).SingleAsync();
        await section.GetByLabel("Address or customer id").FillAsync(email[..^8]);
        await visit.Page.Keyboard.PressAsync("Enter");
        await Expect(rows).ToHaveCountAsync(1);
        await Expect(rows).ToContainTextAsync(email);
        await section.GetByLabel("Status").SelectOptionAsync("has_bounced");
        await Expect(section.GetByText("Nobody fits")).ToBeVisibleAsync();
        await section.GetByRole(AriaRole.Link, new() { Name = "Show everyone" }).ClickAsync();
        await Expect(rows).ToHaveCountAsync(25);
        Assert.Empty(visit.Errors);
    }

    [Fact]
    public async Task New_events_appear_in_an_open_log_and_filters_narrow_it()
    {
        var campaign = await BusyCampaign.MakeAsync(_app, 40);
        await using var visit = await Browser.VisitAsync(_app, Look.Light);
        await visit.OpenAsync($"/campaigns/cmp_{campaign.Id}");
        var section = visit.Page.GetByRole(AriaRole.Region, new() { Name = "Activity", Exact = true });
        await Expect(section.Locator("tbody tr")).ToHaveCountAsync(25);

        await _app.StoreAsync(Some.Event(campaign.Messages[5], EventType.Opened, TimeSpan.FromHours(8), userAgent: Some.Scanner));
        await Expect(section.Locator("tbody tr").First).ToContainTextAsync("Scanner");
        await Expect(section.Locator("tbody tr").First).ToContainTextAsync("a scanner by name");

        await section.GetByLabel("Verdict").SelectOptionAsync("scanner");
        await Expect(section.Locator("tbody tr")).ToHaveCountAsync(1);
        await section.GetByLabel("Event type").SelectOptionAsync("clicked");
        await Expect(section.GetByText("No such event")).ToBeVisibleAsync();
        await Expect(visit.Page).ToHaveURLAsync($"{_app.ClientOptions.BaseAddress}campaigns/cmp_{campaign.Id}?verdict=scanner&type=clicked");
        Assert.Empty(visit.Errors);
    }

    [Fact]
    public async Task A_download_has_the_filter_of_the_screen_and_shows_how_far_it_came()
    {
        var campaign = await BusyCampaign.MakeAsync(_app, 60);
        await using var db = _app.Database();
        var opened = await db.MessageStates.CountAsync(s => s.CampaignId == campaign.Id && s.OpenedAt > 0);
        await using var visit = await Browser.VisitAsync(_app, Look.Light);
        await visit.OpenAsync($"/campaigns/cmp_{campaign.Id}?status=has_opened");
        var section = visit.Page.GetByRole(AriaRole.Region, new() { Name = "Recipients", Exact = true });

        var download = await visit.Page.RunAndWaitForDownloadAsync(() => section.GetByRole(AriaRole.Link, new() { Name = "CSV", Exact = true }).ClickAsync());
        var lines = await File.ReadAllLinesAsync(await download.PathAsync());

        Assert.Equal("spring-sale-recipients-2026-09-01.csv", download.SuggestedFilename);
        Assert.Equal(opened + 1, lines.Length);
        await Expect(section.GetByRole(AriaRole.Status).Filter(new() { HasText = "downloaded" })).ToContainTextAsync($"{opened} rows downloaded");
        Assert.Empty(visit.Errors);
    }

    [Theory, InlineData("light"), InlineData("dark"), InlineData("phone")]
    public async Task Both_lists_fit_every_screen(string look)
    {
        var campaign = await BusyCampaign.MakeAsync(_app, 60);
        await _app.StoreAsync(
            Some.Event(campaign.Messages[5], EventType.Opened, TimeSpan.FromHours(8), userAgent: Some.Scanner),
            Some.Event(campaign.Messages[6], EventType.Bounced, TimeSpan.FromHours(8), bounce: BounceKind.Hard) with { Reason = "550 5.1.1 <somebody.with.a.long.name@example.com>: Recipient address rejected: User unknown in virtual mailbox table" });
        await using var visit = await Browser.VisitAsync(_app, Look.All.Single(known => known.Name == look));
        await visit.OpenAsync($"/campaigns/cmp_{campaign.Id}");
        await visit.Page.GetByRole(AriaRole.Region, new() { Name = "Recipients", Exact = true }).Locator("tbody tr").Nth(1).GetByRole(AriaRole.Button).ClickAsync();
        await Expect(visit.Page.Locator(".happened")).ToBeVisibleAsync();

        await visit.PhotographAsync("recipients");

        Assert.Equal("", string.Join("\n", await Axe.FindingsAsync(visit)));
        Assert.False(await visit.IsWiderThanScreenAsync());
        Assert.Empty(visit.Errors);
    }

    [Fact]
    public async Task A_viewer_sees_what_happened_but_no_addresses_and_takes_no_files()
    {
        var campaign = await BusyCampaign.MakeAsync(_app, 30);
        await using var db = _app.Database();
        var emails = await db.Messages.Where(m => m.CampaignId == campaign.Id).Select(m => m.Email).ToListAsync();
        using var made = await System.Net.Http.Json.HttpClientJsonExtensions.PostAsJsonAsync(_app.Api, "/api/v1/users", new { email = "vera@example.com", role = "viewer", password = "purple kettle on a roof" });
        using var viewer = await Visitor.SignedInAsync(_app, "vera@example.com", "purple kettle on a roof");
        using var admin = await Visitor.SignedInAsync(_app);

        var seen = await viewer.Client.GetStringAsync($"/campaigns/cmp_{campaign.Id}?q={emails[3]}");
        var all = await admin.Client.GetStringAsync($"/campaigns/cmp_{campaign.Id}");

        Assert.Contains(emails[3], all, StringComparison.Ordinal);
        Assert.Contains("…@", System.Net.WebUtility.HtmlDecode(seen), StringComparison.Ordinal);
        Assert.DoesNotContain(emails, email => seen.Replace($"q={emails[3]}", "", StringComparison.Ordinal).Contains(email, StringComparison.OrdinalIgnoreCase));
        Assert.DoesNotContain("recipients.csv", seen, StringComparison.Ordinal);
        Assert.Contains("recipients.csv", all, StringComparison.Ordinal);
    }
}
