using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Microsoft.Playwright;
using ScoreTracking.Tests.Campaigns;
using ScoreTracking.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace ScoreTracking.Tests.Privacy;

/// <summary>Export, delete and erase on a contact's page.</summary>
public sealed class PersonActionsTests : IAsyncDisposable
{
    private readonly TestApp _app = new();

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Fact]
    public async Task A_person_is_handed_out_and_erased_by_an_administrator()
    {
        var campaign = await _app.GivenDraftAsync();
        await _app.PostAsync($"/api/v1/campaigns/{campaign}/instrument", JsonNode.Parse("""{"customer_id":"42","email":"ana@example.com"}"""));
        await using var visit = await Browser.VisitAsync(_app, Look.Light);
        var page = visit.Page;
        await visit.OpenAsync("/contacts/ctc_1");

        var download = await page.RunAndWaitForDownloadAsync(() => page.GetByRole(AriaRole.Link, new() { Name = "Export" }).ClickAsync());
        Assert.Contains("ana@example.com", await File.ReadAllTextAsync(await download.PathAsync()), StringComparison.Ordinal);
        await page.GetByRole(AriaRole.Button, new() { Name = "Erase" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Dialog)).ToContainTextAsync("It cannot be undone.");
        Assert.Empty(await Axe.FindingsAsync(visit));
        await visit.PhotographAsync("erase-dialog");
        await page.GetByRole(AriaRole.Button, new() { Name = "Keep them" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Dialog)).ToHaveCountAsync(0);
        await page.GetByRole(AriaRole.Button, new() { Name = "Erase" }).ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Erase" }).ClickAsync();

        await Expect(page.GetByText("The person was erased.")).ToBeVisibleAsync();
        await page.WaitForURLAsync("**/contacts");
        Assert.Empty(_app.FilesWith("ana@example.com"));
        Assert.Empty(visit.Errors);
    }

    [Fact]
    public async Task A_contact_is_deleted_and_leaves_the_list()
    {
        var campaign = await _app.GivenDraftAsync();
        await _app.PostAsync($"/api/v1/campaigns/{campaign}/instrument", JsonNode.Parse("""{"customer_id":"42","email":"ana@example.com"}"""));
        await using var visit = await Browser.VisitAsync(_app, Look.Phone);
        var page = visit.Page;
        await visit.OpenAsync("/contacts/ctc_1");
        Assert.False(await visit.IsWiderThanScreenAsync());

        await page.GetByRole(AriaRole.Button, new() { Name = "Delete" }).ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Delete" }).ClickAsync();

        await Expect(page.GetByText("Nobody here yet")).ToBeVisibleAsync();
        Assert.Empty((await _app.GetAsync("/api/v1/contacts")).AsArray());
        await _app.RefusedAsync(HttpMethod.Get, "/api/v1/contacts/ctc_1", null, 404);
        await using var db = _app.Database();
        Assert.Equal("ana@example.com", await db.Messages.Select(m => m.Email).SingleAsync());
        Assert.Empty(visit.Errors);
    }
}
