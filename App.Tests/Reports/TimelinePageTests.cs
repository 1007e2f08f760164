using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using ScoreTracking.Settings;
using ScoreTracking.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace ScoreTracking.Tests.Reports;

/// <summary>The chart of the report page, and the ranges it shows.</summary>
public sealed class TimelinePageTests : IAsyncLifetime
{
    private readonly TestApp _app = new();

    public ValueTask InitializeAsync()
    {
        _app.Clock.Set(Some.Noon.AddHours(3));
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Fact]
    public async Task The_keyboard_reads_the_chart_and_zooms_into_a_marked_range()
    {
        var campaign = await _app.GivenCampaignAsync();
        await _app.GivenSentAsync(campaign, 3);
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

        await visit.ChooseAsync("7 days");
        await Expect(visit.Page).ToHaveURLAsync($"{_app.ClientOptions.BaseAddress}campaigns/cmp_{campaign}?range=7d");
        Assert.Empty(visit.Errors);
    }

    [Fact]
    public async Task An_open_chart_follows_the_organization_to_another_time_zone()
    {
        var campaign = await _app.GivenCampaignAsync();
        await _app.GivenSentAsync(campaign, 1);
        await using var visit = await Browser.VisitAsync(_app, Look.Light);
        await visit.OpenAsync($"/campaigns/cmp_{campaign}");

        await _app.Services.GetRequiredService<OrganizationSettings>()
            .ChangeAsync(name: null, TimeZoneInfo.FindSystemTimeZoneById("Asia/Kolkata"), TestContext.Current.CancellationToken);

        await Expect(visit.Page.GetByText("Asia/Kolkata")).ToBeVisibleAsync();
        await Expect(visit.Page.Locator(".chart tbody th").First).ToHaveTextAsync("Tue 1 Sep 2026, 17:30");
        await Expect(visit.Page.GetByText("First sent 1 Sep 2026, 17:30")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Days_chosen_in_the_calendar_are_days_of_the_organization_and_stand_in_the_address()
    {
        await _app.Services.GetRequiredService<OrganizationSettings>()
            .ChangeAsync(name: null, TimeZoneInfo.FindSystemTimeZoneById("Asia/Kathmandu"), TestContext.Current.CancellationToken);
        var campaign = await _app.GivenCampaignAsync();
        await _app.GivenSentAsync(campaign, 3);
        await using var visit = await Browser.VisitAsync(_app, Look.Light);
        var page = visit.Page;
        await visit.OpenAsync($"/campaigns/cmp_{campaign}");

        // By keyboard alone, as far as a date field lets itself be typed into; once the page answers.
        await Expect(page.Locator(".dates button")).ToBeEnabledAsync();
        await page.Locator("main .popover summary").FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.GetByLabel("From")).ToHaveValueAsync("2026-09-01");
        await page.GetByLabel("From").FillAsync("2026-09-02");
        await page.GetByLabel("To", new() { Exact = true }).FillAsync("2026-08-31");
        await page.GetByRole(AriaRole.Button, new() { Name = "Show", Exact = true }).ClickAsync();
        await Expect(page.Locator("#dates-error")).ToHaveTextAsync("The last day lies before the first.");
        await visit.PhotographAsync("timeline-dates");
        await page.GetByLabel("From").FillAsync("2026-08-31");
        await page.GetByLabel("To", new() { Exact = true }).FillAsync("2026-09-01");
        await page.GetByLabel("To", new() { Exact = true }).PressAsync("Enter");

        await Expect(page).ToHaveURLAsync($"{_app.ClientOptions.BaseAddress}campaigns/cmp_{campaign}?from=2026-08-30T18%3A15Z&to=2026-09-01T18%3A15Z");
        await Expect(page.Locator("[data-chart]").First).ToHaveAttributeAsync("data-steps", "48");
        await Expect(page.GetByRole(AriaRole.Navigation, new() { Name = "Range" }).Locator("[aria-current]")).ToHaveTextAsync("31 Aug 00:00 – 2 Sep 00:00");
        await Expect(page.Locator("main .popover-body")).ToBeHiddenAsync();
        await Expect(page.Locator("main .popover summary")).ToBeFocusedAsync();

        await page.ReloadAsync();
        await Expect(page.Locator("[data-chart]").First).ToHaveAttributeAsync("data-steps", "48");
        Assert.Empty(visit.Errors);
    }

    [Fact]
    public async Task The_calendar_closes_with_escape_and_gives_the_keyboard_back()
    {
        var campaign = await _app.GivenCampaignAsync();
        await _app.GivenSentAsync(campaign, 1);
        await using var visit = await Browser.VisitAsync(_app, Look.Phone);
        await visit.OpenAsync($"/campaigns/cmp_{campaign}");
        await visit.Page.Locator("main .popover summary").ClickAsync();
        await Expect(visit.Page.Locator("main .popover-body")).ToBeVisibleAsync();
        Assert.False(await visit.IsWiderThanScreenAsync());

        await visit.Page.GetByLabel("From").FocusAsync();
        await visit.Page.Keyboard.PressAsync("Escape");

        await Expect(visit.Page.Locator("main .popover-body")).ToBeHiddenAsync();
        await Expect(visit.Page.Locator("main .popover summary")).ToBeFocusedAsync();
    }
}
