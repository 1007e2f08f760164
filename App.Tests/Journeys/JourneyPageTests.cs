using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using ScoreTracking.Api;
using ScoreTracking.Journeys;
using ScoreTracking.Journeys.Screens;
using ScoreTracking.Tests.Campaigns;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Journeys;

/// <summary>The pages of journeys, in a browser.</summary>
public sealed class JourneyPageTests : IAsyncLifetime
{
    private readonly TestApp _app = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Theory, InlineData("light"), InlineData("dark"), InlineData("phone")]
    public async Task They_fit_their_screen_and_can_be_used_by_everybody(string look)
    {
        var first = await _app.GivenDraftAsync();
        PublicId.TryCampaign(first, out var campaign);
        var desk = _app.Services.GetRequiredService<JourneyDesk>();
        var id = await desk.CreateAsync("Welcome and remind", TestContext.Current.CancellationToken);
        await desk.StoreAsync(id, DefinitionEditsTests.Reminder(campaign, 99), TestContext.Current.CancellationToken);
        await using var visit = await Browser.VisitAsync(_app, Look.All.Single(one => one.Name == look));
        await visit.OpenAsync("/journeys");
        await Expect(visit.Page.Locator(".table .row-title")).ToHaveTextAsync("Welcome and remind");
        await visit.PhotographAsync("journeys");
        Assert.Empty(await Axe.FindingsAsync(visit));

        await visit.OpenAsync($"/journeys/{PublicId.Journey(id)}");
        await visit.PhotographAsync("journey-draft");
        Assert.False(await visit.IsWiderThanScreenAsync());
        Assert.Empty(await Axe.FindingsAsync(visit));

        await visit.Page.Locator(look == "phone" ? "#row-click" : "#box-click").ClickAsync();
        await Expect(visit.Page.Locator("#wait-event")).ToBeFocusedAsync();
        await visit.PhotographAsync("journey-form");
        Assert.Empty(await Axe.FindingsAsync(visit));
        await visit.Page.Keyboard.PressAsync("Escape");
        await Expect(visit.Page.Locator(look == "phone" ? "#row-click" : "#box-click")).ToBeFocusedAsync();
        await visit.Page.Locator(look == "phone" ? "#row-plus-click-event" : "#plus-click-event").ClickAsync();
        await Expect(visit.Page.Locator(".add-choice").First).ToBeFocusedAsync();
        await visit.PhotographAsync("journey-add");
        Assert.Empty(await Axe.FindingsAsync(visit));
        Assert.Empty(visit.Errors);
    }

    [Fact]
    public async Task A_journey_is_drawn_by_keys_alone_changed_and_taken_back()
    {
        await _app.GivenDraftAsync();
        await using var visit = await Browser.VisitAsync(_app, Look.Light);
        var page = visit.Page;
        await visit.OpenAsync("/journeys");
        await page.Locator("[data-new-journey]").First.FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        await page.Locator("#box-").FocusAsync();

        // The "+" below, and from its menu what stands first: a send.
        await page.Keyboard.PressAsync("ArrowDown");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator(".add-choice").First).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("#send-campaign")).ToBeFocusedAsync();
        await page.Keyboard.TypeAsync("Spring");
        await Expect(page.Locator(".box-detail").Nth(1)).ToHaveTextAsync("Spring sale");
        await page.Keyboard.PressAsync("Escape");
        await Expect(page.Locator("#box-n1")).ToBeFocusedAsync();
        await Expect(page.Locator("#panel")).ToBeHiddenAsync();

        await page.Keyboard.PressAsync("ArrowDown");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator(".add-choice").First).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("ArrowDown");
        await page.Keyboard.PressAsync("ArrowDown");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("#wait-event")).ToBeFocusedAsync();
        await Expect(page.Locator("#wait-message")).ToHaveValueAsync("n1");
        await Expect(page.Locator("#wait-timeout")).ToHaveValueAsync("3");
        await page.Keyboard.PressAsync("Escape");
        await Expect(page.Locator("#box-n2")).ToBeFocusedAsync();
        await Expect(page.Locator(".joint-words")).ToHaveCountAsync(2);

        await page.Keyboard.PressAsync("Delete");
        await Expect(page.Locator("#box-n2")).ToHaveCountAsync(0);
        await Expect(page.Locator("#box-n1")).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("Control+z");
        await Expect(page.Locator("#box-n2")).ToBeVisibleAsync();
        await page.Keyboard.PressAsync("Control+y");
        await Expect(page.Locator("#box-n2")).ToHaveCountAsync(0);

        // What is on the canvas is what is stored.
        await Expect(page.Locator("[data-saved]").First).ToHaveAttributeAsync("data-saved", "yes");
        await page.ReloadAsync();
        await page.WaitForSelectorAsync("[data-live]");
        await Expect(page.Locator("#box-n1")).ToBeVisibleAsync();
        await Expect(page.Locator("#box-n2")).ToHaveCountAsync(0);
        Assert.Empty(visit.Errors);
    }

    [Fact]
    public async Task A_large_journey_is_made_smaller_larger_and_fitted()
    {
        var desk = _app.Services.GetRequiredService<JourneyDesk>();
        var id = await desk.CreateAsync("Long", TestContext.Current.CancellationToken);
        await desk.StoreAsync(id, JourneyDefinition.Empty with { Steps = [.. Enumerable.Range(1, 30).Select(i => new DelayStep($"n{i}", TimeSpan.FromDays(i), i < 30 ? $"n{i + 1}" : null))] }, TestContext.Current.CancellationToken);
        await using var visit = await Browser.VisitAsync(_app, Look.Light);
        var page = visit.Page;
        await visit.OpenAsync($"/journeys/{PublicId.Journey(id)}");

        await Expect(page.Locator("[data-canvas-scale]")).ToHaveTextAsync("100%");
        await page.ClickAsync("[data-canvas-zoom=fit]");
        await Expect(page.Locator("[data-canvas-scale]")).ToHaveTextAsync("25%");
        await page.Locator("#box-n30").FocusAsync();
        await page.Keyboard.PressAsync("+");
        await Expect(page.Locator("[data-canvas-scale]")).ToHaveTextAsync("30%");
        await page.Keyboard.PressAsync("-");
        await page.Keyboard.PressAsync("ArrowUp");
        await page.Keyboard.PressAsync("ArrowUp");
        await Expect(page.Locator("#box-n29")).ToBeFocusedAsync();
        Assert.Empty(visit.Errors);
    }

    private static ILocatorAssertions Expect(ILocator locator) => Assertions.Expect(locator);
}
