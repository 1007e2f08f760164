using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using Microsoft.Playwright;
using ScoreTracking.Tests.Campaigns;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Suppressions;

public sealed class SuppressionsPageTests : IAsyncLifetime
{
    private const string Hostile = "<img src=x onerror=window.__xss=1>";

    private readonly TestApp _app = new();

    public ValueTask InitializeAsync()
    {
        _app.Clock.Set(Some.Noon);
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Fact]
    public async Task Who_unsubscribes_appears_by_themselves_and_leads_to_their_page_and_back()
    {
        var campaign = await _app.GivenDraftAsync();
        var copy = (await _app.BatchAsync(campaign, [new JsonObject { ["customer_id"] = "1", ["email"] = "ana@example.com" }]))[0];
        await using var visit = await Browser.VisitAsync(_app, Look.Light);
        var page = visit.Page;
        await visit.OpenAsync("/suppressions");
        await Expect(page.Locator(".empty-title")).ToHaveTextAsync("Nobody is suppressed");

        var unsubscribe = new Uri(Regex.Match((string)copy["headers"]!["List-Unsubscribe"]!, "<(https?://[^>]+)>").Groups[1].Value);
        using (var reader = _app.Anonymous())
        using (var answer = await reader.PostAsync(new Uri(unsubscribe.PathAndQuery, UriKind.Relative), new FormUrlEncodedContent([new("List-Unsubscribe", "One-Click")])))
        {
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }

        var row = page.Locator("tbody tr");
        await Expect(row).ToContainTextAsync("Unsubscribed");
        await Expect(row).ToContainTextAsync("By the unsubscribe link");
        await Expect(row.Locator($"a[href='/campaigns/{campaign}']")).ToBeVisibleAsync();

        await row.GetByRole(AriaRole.Link, new() { Name = "ana@example.com" }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Suppressed: unsubscribed" }).ClickAsync();
        await Expect(page.Locator("[data-search]")).ToHaveValueAsync("ana@example.com");
        await Expect(row).ToHaveCountAsync(1);
        Assert.Empty(visit.Errors);
        Assert.Empty(_app.Verify());
    }

    [Fact]
    public async Task An_address_is_suppressed_by_keyboard_and_what_is_wrong_is_said()
    {
        await using var visit = await Browser.VisitAsync(_app, Look.Phone);
        var page = visit.Page;
        await visit.OpenAsync("/suppressions");

        await page.GetByRole(AriaRole.Button, new() { Name = "Suppress an address" }).FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("#suppress-email")).ToBeFocusedAsync();
        await page.Keyboard.TypeAsync("no address");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("#suppress-email-error")).ToHaveTextAsync("This is not an email address.");
        await page.Locator("#suppress-email").FillAsync(" Zoe@Example.com ");
        await page.Keyboard.PressAsync("Tab");
        await page.Keyboard.TypeAsync($"asked {Hostile}");
        await page.Keyboard.PressAsync("Tab");
        await page.Keyboard.PressAsync("Tab");
        await page.Keyboard.PressAsync("Enter");

        await Expect(page.Locator("dialog[open]")).ToHaveCountAsync(0);
        await Expect(page.Locator("tbody tr")).ToContainTextAsync("zoe@example.com");
        await Expect(page.Locator("tbody tr")).ToContainTextAsync($"asked {Hostile}");
        Assert.False(await visit.IsWiderThanScreenAsync());
        Assert.Equal(0, await page.EvaluateAsync<int>("() => window.__xss ?? 0"));
        Assert.Equal("manual", (string?)(await _app.GetAsync("/api/v1/suppressions/zoe@example.com"))["source"]);
        Assert.Empty(visit.Errors);
        Assert.Empty(_app.Verify());
    }

    [Theory, InlineData("light"), InlineData("dark"), InlineData("phone")]
    public async Task The_list_searches_filters_and_pages_and_its_address_says_how(string look)
    {
        for (var i = 1; i <= 30; i++)
        {
            await _app.SuppressAsync($"person{i}@example.com", i % 3 == 0 ? "complaint" : "hard_bounce");
        }

        _app.Clock.Advance(TimeSpan.FromDays(2));
        await _app.PostCreatedAsync("/api/v1/suppressions", """{"email":"latest@example.com","note":"Asked by telephone not to be written to any more"}""");
        await using var visit = await Browser.VisitAsync(_app, Look.All.Single(one => one.Name == look));
        var page = visit.Page;
        var rows = page.Locator("tbody tr");
        await visit.OpenAsync("/suppressions");
        await Expect(rows).ToHaveCountAsync(25);
        await Expect(rows.First).ToContainTextAsync("latest@example.com");
        await Expect(page.Locator(".pager-text")).ToHaveTextAsync("31 addresses");
        await visit.PhotographAsync("suppressions");
        Assert.Empty(await Axe.FindingsAsync(visit));
        Assert.False(await visit.IsWiderThanScreenAsync());

        await page.ClickAsync("text=Next");
        await Expect(rows).ToHaveCountAsync(6);
        await page.ClickAsync("text=Previous");
        await Expect(rows).ToHaveCountAsync(25);

        await page.Keyboard.PressAsync("/");
        await page.Keyboard.TypeAsync("son1");
        await Expect(rows).ToHaveCountAsync(11);
        await Expect(page.Locator("[data-search]")).ToHaveValueAsync("son1");
        await page.GetByLabel("Reason").SelectOptionAsync("complaint");
        await Expect(rows).ToHaveCountAsync(3);
        var csv = await page.RunAndWaitForDownloadAsync(() => page.GetByRole(AriaRole.Link, new() { Name = "Export CSV" }).ClickAsync());
        Assert.Equal(4, (await File.ReadAllLinesAsync(await csv.PathAsync())).Length);
        await page.GetByLabel("From").FillAsync("2026-09-03");
        await Expect(page.Locator(".empty-title")).ToHaveTextAsync("No address matches");
        await page.GoBackAsync();
        await Expect(rows).ToHaveCountAsync(3);

        await visit.OpenAsync("/suppressions?from=2026-09-03&to=2026-09-03&source=api");
        await Expect(rows).ToHaveCountAsync(1);
        await visit.OpenAsync("/suppressions?from=2026-09-03&to=2026-09-01");
        await Expect(page.GetByText("The last day lies before the first")).ToBeVisibleAsync();
        Assert.Empty(visit.Errors);
    }

    [Theory, InlineData("light"), InlineData("dark"), InlineData("phone")]
    public async Task An_administrator_lifts_and_says_why_where_the_person_had_asked(string look)
    {
        await _app.PostCreatedAsync("/api/v1/suppressions", """{"email":"byhand@example.com"}""");
        var campaign = await _app.GivenDraftAsync();
        var copy = (await _app.BatchAsync(campaign, [new JsonObject { ["customer_id"] = "1", ["email"] = "gone@example.com" }]))[0];
        using (var reader = _app.Anonymous())
        {
            var path = new Uri(Regex.Match((string)copy["headers"]!["List-Unsubscribe"]!, "<(https?://[^>]+)>").Groups[1].Value).PathAndQuery;
            using var answer = await reader.PostAsync(new Uri(path, UriKind.Relative), content: null);
            await _app.StoredAsync();
        }

        await using var visit = await Browser.VisitAsync(_app, Look.All.Single(one => one.Name == look));
        var page = visit.Page;
        var rows = page.Locator("tbody tr");
        await visit.OpenAsync("/suppressions");
        await Expect(rows).ToHaveCountAsync(2);

        await page.GetByRole(AriaRole.Button, new() { Name = "Lift gone@example.com" }).ClickAsync();
        await Expect(page.Locator("#lift-title")).ToHaveTextAsync("Let gone@example.com get mail again?");
        await page.ClickAsync("#lift .button-primary");
        await Expect(page.Locator("#lift-note-error")).ToHaveTextAsync("They asked not to be mailed: say why they may be.");
        await page.FillAsync("#lift-note", $"Asked again\non 3 September {Hostile}");

        // Others arrive meanwhile: the dialog stays.
        await _app.PostCreatedAsync("/api/v1/suppressions", """{"email":"another@example.com"}""");
        await Expect(rows).ToHaveCountAsync(3);
        await page.ScreenshotAsync(new() { Path = visit.PictureOf("suppressions-lift") });
        Assert.Empty(await Axe.FindingsAsync(visit));
        await page.ClickAsync("#lift .button-primary");
        await Expect(rows).ToHaveCountAsync(2);
        await Expect(page.Locator("dialog[open]")).ToHaveCountAsync(0);

        await page.GetByRole(AriaRole.Button, new() { Name = "Lift byhand@example.com" }).ClickAsync();
        await Expect(page.Locator("#lift-title")).ToHaveTextAsync("Let byhand@example.com get mail again?");
        await Expect(page.Locator("#lift-note")).ToHaveValueAsync("");
        await page.ClickAsync("#lift .button-primary");
        await Expect(rows).ToHaveCountAsync(1);

        await using var db = _app.Database();
        Assert.Equal(
            [$"gone@example.com Asked again\non 3 September {Hostile} usr_1", "byhand@example.com  usr_1"],
            await db.SuppressionLifts.OrderBy(lift => lift.Id).Select(lift => $"{lift.Email} {lift.Note} {lift.LiftedBy}").ToListAsync());
        Assert.Empty(visit.Errors);
        Assert.Empty(_app.Verify());
    }

    [Theory, InlineData("light"), InlineData("dark"), InlineData("phone")]
    public async Task A_file_is_imported_and_what_was_not_valid_is_offered(string look)
    {
        await _app.SuppressAsync("old@example.com", "hard_bounce");
        await using var visit = await Browser.VisitAsync(_app, Look.All.Single(one => one.Name == look));
        var page = visit.Page;
        await visit.OpenAsync("/suppressions");
        await page.GetByRole(AriaRole.Link, new() { Name = "Import", Exact = true }).ClickAsync();
        await Expect(page.Locator("h1")).ToHaveTextAsync("Import suppressions");

        await visit.ChooseCsvAsync("name,city\nAna,Lisbon\n");
        await Expect(page.GetByRole(AriaRole.Alert)).ToHaveTextAsync("The first line must name the columns, and one of them must be \"email\".");
        await visit.ChooseCsvAsync("email,note\none@example.com,trap\nbad,\nold@example.com,\n");
        await Expect(page.Locator("[data-import=done]")).ToContainTextAsync("Download the rows that were not valid");
        await Expect(page.GetByRole(AriaRole.Alert)).ToHaveCountAsync(0);
        await Expect(page.Locator(".outcome")).ToHaveTextAsync(new Regex(@"Added\s*1\s*On the list before\s*1\s*Not valid\s*1"));
        await visit.PhotographAsync("suppressions-import");
        Assert.Empty(await Axe.FindingsAsync(visit));
        Assert.False(await visit.IsWiderThanScreenAsync());
        var errors = await page.RunAndWaitForDownloadAsync(() => page.GetByRole(AriaRole.Link, new() { Name = "Download the rows" }).ClickAsync());
        Assert.Contains("3,bad,email is not an email address", await File.ReadAllTextAsync(await errors.PathAsync()), StringComparison.Ordinal);
        await page.GetByRole(AriaRole.Navigation, new() { Name = "Breadcrumb" }).GetByRole(AriaRole.Link).ClickAsync();
        await Expect(page.Locator("tbody tr")).ToHaveCountAsync(2);
        Assert.Empty(visit.Errors);
    }

    [Fact]
    public async Task A_viewer_sees_no_addresses_and_a_marketer_cannot_lift()
    {
        await _app.SuppressAsync("old@example.com", "hard_bounce");
        await _app.SqlAsync("UPDATE users SET role = 'viewer'");
        using (var viewer = await Visitor.SignedInAsync(_app))
        {
            Assert.Equal(HttpStatusCode.Forbidden, await viewer.StatusAsync("/suppressions"));
            Assert.Equal(HttpStatusCode.Forbidden, await viewer.StatusAsync("/suppressions/import"));
            Assert.Equal(HttpStatusCode.Forbidden, await viewer.StatusAsync("/suppressions/export.csv"));
            Assert.DoesNotContain("href=\"/suppressions\"", await viewer.Client.GetStringAsync("/"), StringComparison.Ordinal);
        }

        await _app.SqlAsync("UPDATE users SET role = 'marketer'");
        using var marketer = await Visitor.SignedInAsync(_app);
        var list = await marketer.Client.GetStringAsync("/suppressions");

        Assert.Contains("old@example.com", list, StringComparison.Ordinal);
        Assert.Contains("href=\"/suppressions\"", list, StringComparison.Ordinal);
        Assert.DoesNotContain("Lift", list, StringComparison.Ordinal);
        Assert.Contains("old@example.com", await marketer.Client.GetStringAsync("/suppressions/export.csv?reason=hard_bounce"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_limit_of_soft_bounces_is_set_on_the_settings_page()
    {
        await using var visit = await Browser.VisitAsync(_app, Look.Light);
        var page = visit.Page;
        await visit.OpenAsync("/settings");
        var limit = page.GetByLabel("Soft bounces in a row");
        await Expect(limit).ToHaveValueAsync("5");

        await limit.FillAsync("1");
        await page.GetByRole(AriaRole.Button, new() { Name = "Save soft bounces" }).ClickAsync();
        await Expect(page.Locator("#soft-limit-error")).ToHaveTextAsync("The limit must be 2 to 50.");
        await limit.FillAsync("7");
        await page.GetByRole(AriaRole.Button, new() { Name = "Save soft bounces" }).ClickAsync();

        await Expect(page.GetByText("Soft bounces saved")).ToBeVisibleAsync();
        await Expect(page.Locator("#soft-limit-error")).ToHaveCountAsync(0);
        Assert.Equal(7, (int)(await _app.GetAsync("/api/v1/settings"))["soft_bounce_limit"]!);
        Assert.Empty(visit.Errors);
    }

    private static ILocatorAssertions Expect(ILocator locator) => Assertions.Expect(locator);
}
