using Microsoft.Playwright;
using ScoreTracking.Events;
using ScoreTracking.Tests.Campaigns;
using ScoreTracking.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace ScoreTracking.Tests.Suppressions;

public sealed class SuppressionsPageTests : IAsyncLifetime
{
    private readonly TestApp _app = new();

    public ValueTask InitializeAsync()
    {
        Assertions.SetDefaultExpectTimeout(15_000);
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Fact]
    public async Task The_list_fills_by_itself_and_an_administrator_adds_filters_and_lifts()
    {
        var campaign = await _app.GivenCampaignAsync();
        var message = await _app.GivenMessageAsync(campaign);
        await using var visit = await Browser.VisitAsync(_app, Look.Light);
        var page = visit.Page;
        await visit.OpenAsync("/suppressions");
        await Expect(page.Locator(".empty-title")).ToHaveTextAsync("Nobody is suppressed");

        await _app.StoreAsync(Some.Event(message, EventType.Complained));
        var rows = page.Locator("tbody tr");
        await Expect(rows).ToHaveCountAsync(1);
        await Expect(rows.First).ToContainTextAsync("Complaint");
        await Expect(rows.First).ToContainTextAsync("Spring sale");

        await page.GetByRole(AriaRole.Button, new() { Name = "Suppress an address" }).ClickAsync();
        await page.GetByLabel("Address", new() { Exact = true }).FillAsync("no address");
        await page.GetByRole(AriaRole.Button, new() { Name = "Suppress", Exact = true }).ClickAsync();
        await Expect(page.Locator("#suppress .field-error")).ToContainTextAsync("not an email address");
        await page.GetByLabel("Address", new() { Exact = true }).FillAsync("zoe@example.com");
        await page.Locator("#suppress-note").FillAsync("<b>asked</b> by phone");
        await page.GetByRole(AriaRole.Button, new() { Name = "Suppress", Exact = true }).ClickAsync();
        await Expect(rows).ToHaveCountAsync(2);
        await Expect(rows.Filter(new() { HasText = "zoe@example.com" })).ToContainTextAsync("<b>asked</b> by phone");

        await page.Locator("select[aria-label=Reason]").SelectOptionAsync("complaint");
        await Expect(rows).ToHaveCountAsync(1);
        await rows.First.GetByRole(AriaRole.Button, new() { Name = "Lift" }).First.ClickAsync();
        await page.Locator("dialog[open] button.button-primary").ClickAsync();
        await Expect(page.Locator("dialog[open] .field-error")).ToContainTextAsync("say why");
        await page.Locator("dialog[open] input").FillAsync("asked for mail again");
        await page.Locator("dialog[open] button.button-primary").ClickAsync();
        await Expect(page.Locator(".empty-title")).ToHaveTextAsync("No suppression matches");
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

        await page.SetInputFilesAsync("input[type=file]", new FilePayload { Name = "gone.csv", MimeType = "text/csv", Buffer = "email,note\none@example.com,trap\nbad,\nold@example.com,\n"u8.ToArray() });

        await Expect(page.Locator("[data-import=done]")).ToContainTextAsync("Download the rows that were not valid");
        await Expect(page.Locator("tbody tr")).ToHaveCountAsync(2);
        await visit.PhotographAsync($"suppressions-{look}");
        Assert.Empty(visit.Errors);
    }

    [Fact]
    public async Task A_viewer_sees_no_addresses_and_a_marketer_cannot_lift()
    {
        await _app.SuppressAsync("old@example.com", "hard_bounce");
        await _app.SqlAsync("UPDATE users SET role = 'viewer'");
        using (var viewer = await Visitor.SignedInAsync(_app))
        {
            Assert.Equal(System.Net.HttpStatusCode.Forbidden, await viewer.StatusAsync("/suppressions"));
            Assert.Equal(System.Net.HttpStatusCode.Forbidden, await viewer.StatusAsync("/suppressions/export.csv"));
            Assert.DoesNotContain("href=\"/suppressions\"", await viewer.Client.GetStringAsync("/"), StringComparison.Ordinal);
        }

        await _app.SqlAsync("UPDATE users SET role = 'marketer'");
        using var marketer = await Visitor.SignedInAsync(_app);
        var list = await marketer.Client.GetStringAsync("/suppressions");

        Assert.Contains("old@example.com", list, StringComparison.Ordinal);
        Assert.DoesNotContain("Let old@example.com get mail again?", list, StringComparison.Ordinal);
        Assert.Contains("old@example.com", await marketer.Client.GetStringAsync("/suppressions/export.csv?reason=hard_bounce"), StringComparison.Ordinal);
    }
}
