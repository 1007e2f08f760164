using Microsoft.Playwright;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Shell;

public sealed class BrowserTests : IAsyncLifetime
{
    private readonly TestApp _app = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Theory, InlineData("light"), InlineData("dark"), InlineData("phone")]
    public async Task The_frame_becomes_live_without_an_error_and_fits_its_screen(string look)
    {
        await using var visit = await Browser.VisitAsync(_app, Look.All.Single(one => one.Name == look));

        await visit.OpenAsync("/not-found");
        await visit.PhotographAsync("not-found");

        Assert.Empty(visit.Errors);
        Assert.False(await visit.IsWiderThanScreenAsync());
    }

    [Fact]
    public async Task The_theme_follows_the_system_until_chosen_and_then_every_page()
    {
        await using var visit = await Browser.VisitAsync(_app, Look.Light);
        await visit.OpenAsync("/not-found");
        var system = await BackgroundAsync(visit);

        await visit.Page.ClickAsync("[data-theme-toggle]");
        var light = await BackgroundAsync(visit);
        await visit.Page.ClickAsync("[data-theme-toggle]");
        var dark = await BackgroundAsync(visit);
        await visit.OpenAsync("/not-found");
        var darkAgain = await BackgroundAsync(visit);

        Assert.Equal(system, light);
        Assert.NotEqual(light, dark);
        Assert.Equal(dark, darkAgain);
        Assert.Equal("dark", await visit.Page.GetAttributeAsync("html", "data-theme"));
    }

    [Fact]
    public async Task A_question_mark_shows_the_keys_and_escape_hides_them()
    {
        await using var visit = await Browser.VisitAsync(_app, Look.Light);
        await visit.OpenAsync("/not-found");

        await visit.Page.Keyboard.PressAsync("?");
        await visit.Page.WaitForSelectorAsync("#keys[open]");
        await visit.Page.Keyboard.PressAsync("Escape");

        Assert.Null(await visit.Page.GetAttributeAsync("#keys", "open"));
    }

    [Fact]
    public async Task On_a_phone_the_menu_opens_and_closes()
    {
        await using var visit = await Browser.VisitAsync(_app, Look.Phone);
        await visit.OpenAsync("/not-found");
        var link = visit.Page.Locator(".nav-link[href='/campaigns']");
        var before = await link.IsVisibleAsync();

        await visit.Page.ClickAsync("[data-nav-toggle]");
        var open = await link.IsVisibleAsync();
        var told = await visit.Page.GetAttributeAsync("[data-nav-toggle]", "aria-expanded");
        await visit.PhotographAsync("menu");
        await visit.Page.Keyboard.PressAsync("Escape");

        Assert.Equal((false, true, "true"), (before, open, told));
        Assert.False(await link.IsVisibleAsync());
    }

    [Fact]
    public async Task The_skip_link_shows_when_focused_and_leads_into_the_content()
    {
        await using var visit = await Browser.VisitAsync(_app, Look.Light);
        await visit.OpenAsync("/not-found");
        var hidden = (await visit.Page.Locator(".skip-link").BoundingBoxAsync())!.Y;

        await visit.Page.FocusAsync(".skip-link");
        var shown = (await visit.Page.Locator(".skip-link").BoundingBoxAsync())!.Y;
        await visit.Page.Keyboard.PressAsync("Enter");
        await visit.Page.Keyboard.PressAsync("Tab");

        Assert.True(hidden < 0 && shown >= 0, $"{hidden} → {shown}");
        Assert.Equal("Go to campaigns", await visit.Page.EvaluateAsync<string>("() => document.activeElement.textContent"));
    }

    [Fact]
    public async Task A_page_that_loads_leaves_the_focus_alone_and_one_reached_from_within_gives_it_to_its_title()
    {
        await using var visit = await Browser.VisitAsync(_app, Look.Light);
        var page = visit.Page;
        await page.GotoAsync("/contacts/import");
        await page.Locator(".skip-link").FocusAsync();
        await page.WaitForSelectorAsync("[data-live]");
        await page.Locator(".nav-link[href='/campaigns']").FocusAsync();
        await page.Keyboard.PressAsync("Enter");

        await Assertions.Expect(page.Locator("h1")).ToHaveTextAsync("Campaigns");
        await Assertions.Expect(page.Locator("h1")).ToBeFocusedAsync();
        await page.Locator("[data-theme-toggle]").FocusAsync();
        await page.EvaluateAsync("() => scoreTracking.arrive()");
        await Assertions.Expect(page.Locator("[data-theme-toggle]")).ToBeFocusedAsync();

        // A title that comes with what its page reads.
        await page.EvaluateAsync("() => { document.activeElement.blur(); window.title = document.querySelector('h1'); title.remove(); scoreTracking.arrive(); }");
        await page.EvaluateAsync("() => document.querySelector('.page-title-row').append(title)");
        await Assertions.Expect(page.Locator("h1")).ToBeFocusedAsync();
        Assert.Empty(visit.Errors);
    }

    private static Task<string> BackgroundAsync(Visit visit) =>
        visit.Page.EvaluateAsync<string>("() => getComputedStyle(document.body).backgroundColor");
}
