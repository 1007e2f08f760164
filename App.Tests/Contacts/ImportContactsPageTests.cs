using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.Playwright;
using ScoreTracking.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace ScoreTracking.Tests.Contacts;

public sealed class ImportContactsPageTests : IAsyncDisposable
{
    private const string Csv = """
        Kunde;E-Mail;First name;Notes
        7;ana@example.com;<script>window.__xss=1</script>;x
        8;not an address;Bob;x
        9;carl@example.com;Carl;x

        """;

    private readonly TestApp _app = new();

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Theory, InlineData("light"), InlineData("dark"), InlineData("phone")]
    public async Task A_file_is_mapped_and_imported_by_eye(string look)
    {
        await using var visit = await Browser.VisitAsync(_app, Look.All.Single(one => one.Name == look));
        var page = visit.Page;
        await visit.OpenAsync("/contacts/import");

        await visit.ChooseCsvAsync(Csv);
        await Expect(page.GetByLabel("E-Mail is")).ToHaveValueAsync("email");
        await Expect(page.GetByLabel("Attribute of First name")).ToHaveValueAsync("first_name");
        await page.GetByLabel("Kunde is").SelectOptionAsync("Customer id");
        await page.GetByLabel("Notes is").SelectOptionAsync("Nothing, leave it out");
        await visit.PhotographAsync("import-mapping");
        Assert.Empty(await Axe.FindingsAsync(visit));
        Assert.False(await visit.IsWiderThanScreenAsync());
        await page.GetByRole(AriaRole.Button, new() { Name = "Import", Exact = true }).ClickAsync();

        await Expect(page.Locator("[data-import=done]")).ToBeVisibleAsync();
        await Expect(page.Locator(".outcome-bad dd")).ToHaveTextAsync("1");
        await visit.PhotographAsync("import-done");
        Assert.Empty(await Axe.FindingsAsync(visit));
        var download = await page.RunAndWaitForDownloadAsync(() => page.GetByRole(AriaRole.Link, new() { Name = "Download the rows" }).ClickAsync());
        Assert.Contains("3,not an address,email is not an email address", await File.ReadAllTextAsync(await download.PathAsync()), StringComparison.Ordinal);
        Assert.Equal(0, await page.EvaluateAsync<int>("() => window.__xss ?? 0"));
        Assert.Empty(visit.Errors);
        await using var db = _app.Database();
        Assert.Equal(
            ["""7 ana@example.com {"first_name":"<script>window.__xss=1</script>"}""", """9 carl@example.com {"first_name":"Carl"}"""],
            await db.Contacts.OrderBy(c => c.Id).Select(c => $"{c.CustomerId} {c.Email} {c.Attributes}").ToListAsync());
    }

    [Fact]
    public async Task What_cannot_be_imported_is_said_and_nothing_is_kept()
    {
        await using var visit = await Browser.VisitAsync(_app, Look.Light);
        var page = visit.Page;
        await visit.OpenAsync("/contacts/import");

        await visit.ChooseCsvAsync("");
        await Expect(page.GetByRole(AriaRole.Alert)).ToHaveTextAsync("The file is empty.");
        await visit.ChooseCsvAsync("name;city\nAna;Lisbon\n");
        await page.GetByRole(AriaRole.Button, new() { Name = "Import", Exact = true }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Alert)).ToHaveTextAsync("Say which column is the email address.");
        await page.GetByLabel("name is").SelectOptionAsync("Email");
        await page.GetByLabel("city is").SelectOptionAsync("Email");
        await page.GetByRole(AriaRole.Button, new() { Name = "Import", Exact = true }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("two columns are to be");
        await page.GetByRole(AriaRole.Button, new() { Name = "Choose another file" }).ClickAsync();

        await Expect(page.Locator("input[type=file]")).ToBeAttachedAsync();
        Assert.Empty(Directory.GetFiles(Path.Combine(_app.DataDirectory, "imports")));
        Assert.Empty(visit.Errors);
    }
}
