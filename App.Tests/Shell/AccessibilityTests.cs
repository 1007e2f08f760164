using Microsoft.Playwright;
using ScoreTracking.Tests.Campaigns;
using ScoreTracking.Tests.Reports;
using ScoreTracking.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace ScoreTracking.Tests.Shell;

/// <summary>What axe-core finds on every page, in light, dark and on a phone; and the report without a mouse.</summary>
public sealed class AccessibilityTests : IAsyncLifetime
{
    private readonly TestApp _app = new();

    public ValueTask InitializeAsync()
    {
        _app.Clock.Set(Some.Noon.AddHours(3));
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Theory, InlineData("light"), InlineData("dark"), InlineData("phone")]
    public async Task Axe_finds_nothing_on_the_pages_of_the_product(string look)
    {
        var tested = await _app.GivenTestedAsync();
        var other = await _app.GivenTestedAsync();
        var draft = await _app.GivenDraftAsync();
        await _app.SuppressAsync("gone@example.com", "hard_bounce");
        await using var visit = await Browser.VisitAsync(_app, Look.All.Single(one => one.Name == look));
        var findings = new List<string>();
        foreach (var address in new[]
        {
            "/", "/campaigns", $"/campaigns/cmp_{tested}", $"/campaigns/cmp_{tested}/recipients", $"/campaigns/{draft}", $"/campaigns/{draft}/edit", "/campaigns/new",
            $"/campaigns/{draft}/recipients", $"/reports/compare?ids=cmp_{tested},cmp_{other}", "/contacts", "/contacts/ctc_1", "/contacts/import", "/connections", "/connections/new", "/settings", "/settings/notifications", "/settings/webhooks", "/notifications", "/not-found", "/suppressions", "/suppressions/import", "/messages", "/messages/new",
        })
        {
            await visit.OpenAsync(address);
            await Expect(visit.Page.Locator(".loading")).ToHaveCountAsync(0);
            findings.AddRange((await Axe.FindingsAsync(visit)).Select(finding => $"{address} {finding}"));
        }

        Assert.Empty(findings);
    }

    [Theory, InlineData("light"), InlineData("dark")]
    public async Task Axe_finds_nothing_before_the_product(string look)
    {
        await using var fresh = new TestApp(new() { ["Setup:AdminEmail"] = "", ["Setup:AdminPassword"] = "" });
        var findings = new List<string>();
        foreach (var (app, address) in new[] { (fresh, "/setup"), (_app, "/login"), (_app, "/account/password"), (_app, "/docs") })
        {
            await using var visit = await Browser.VisitAsync(app, Look.All.Single(one => one.Name == look));
            await visit.Page.GotoAsync(address);
            findings.AddRange((await Axe.FindingsAsync(visit)).Select(finding => $"{address} {finding}"));
        }

        Assert.Empty(findings);
    }

    [Fact]
    public async Task Axe_finds_nothing_in_what_opens_over_the_report()
    {
        var tested = await _app.GivenTestedAsync();
        await using var visit = await Browser.VisitAsync(_app, Look.Light);
        await visit.OpenAsync($"/campaigns/cmp_{tested}");
        await Expect(visit.Page.GetByRole(AriaRole.Heading, new() { Name = "Links" })).ToBeVisibleAsync();
        await visit.Page.EvaluateAsync("() => document.querySelectorAll('details').forEach(one => { one.open = true; })");

        var unfolded = await Axe.FindingsAsync(visit);
        await visit.Page.Keyboard.PressAsync("?");
        await visit.Page.WaitForSelectorAsync("#keys[open]");

        Assert.Empty(unfolded);
        Assert.Empty(await Axe.FindingsAsync(visit));
    }

    [Fact]
    public async Task The_keyboard_reaches_everything_on_the_report_in_the_order_it_is_read_and_sees_where_it_is()
    {
        var tested = await _app.GivenTestedAsync();
        await using var visit = await Browser.VisitAsync(_app, Look.Light);
        var page = visit.Page;
        await visit.OpenAsync($"/campaigns/cmp_{tested}");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Links" })).ToBeVisibleAsync();

        // Every stop: what it is, and whether a ring or a change of colour shows it.
        await page.EvaluateAsync("() => { window.stops = []; }");
        await page.Locator(".skip-link").FocusAsync();
        await page.Keyboard.PressAsync("Shift+Tab");
        for (var i = 0; i < 200; i++)
        {
            await page.Keyboard.PressAsync("Tab");
            var more = await page.EvaluateAsync<bool>("""
                () => {
                    const at = document.activeElement;
                    if (at === document.body || window.stops.some(stop => stop.at === at)) return false;
                    const style = getComputedStyle(at);
                    const box = at.getBoundingClientRect();
                    window.stops.push({ at, seen: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0, onScreen: box.width > 0 && box.bottom > 0 && box.top < innerHeight });
                    return true;
                }
                """);
            if (!more)
            {
                break;
            }
        }

        var missed = await page.EvaluateAsync<string[]>("""
            () => [...document.querySelectorAll("a[href], button:not([disabled]), input:not([type=hidden]):not([disabled]), summary, [tabindex='0']")]
                .filter(one => one.checkVisibility({ visibilityProperty: true }) && !stops.some(stop => stop.at === one)).map(one => one.outerHTML.slice(0, 120))
            """);
        var disordered = await page.EvaluateAsync<string[]>("""
            () => stops.slice(1).filter((stop, i) => !(stops[i].at.compareDocumentPosition(stop.at) & Node.DOCUMENT_POSITION_FOLLOWING)).map(stop => stop.at.outerHTML.slice(0, 120))
            """);
        var unseen = await page.EvaluateAsync<string[]>("() => stops.filter(stop => !stop.seen || !stop.onScreen).map(stop => stop.at.outerHTML.slice(0, 120))");

        Assert.Empty(missed);
        Assert.Empty(disordered);
        Assert.Empty(unseen);
        Assert.True(await page.EvaluateAsync<int>("() => stops.length") > 30);
    }

    [Fact]
    public async Task A_dialog_keeps_the_keyboard_and_gives_it_back()
    {
        var draft = await _app.GivenDraftAsync();
        await using var visit = await Browser.VisitAsync(_app, Look.Light);
        var page = visit.Page;
        await visit.OpenAsync($"/campaigns/{draft}/recipients");
        var delete = page.Locator("[data-dialog=confirm-delete]");
        await Expect(delete).ToBeEnabledAsync();

        await delete.FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        await page.WaitForSelectorAsync("#confirm-delete[open]");
        for (var i = 0; i < 6; i++)
        {
            await page.Keyboard.PressAsync("Tab");

            // The browser's own bar may have its turn; the page behind must not.
            Assert.True(await page.EvaluateAsync<bool>("() => document.activeElement === document.body || document.activeElement.closest('#confirm-delete') !== null"));
        }

        await page.Keyboard.PressAsync("Escape");
        await Expect(page.Locator("#confirm-delete")).Not.ToHaveAttributeAsync("open", "");
        await Expect(delete).ToBeFocusedAsync();
    }
}
