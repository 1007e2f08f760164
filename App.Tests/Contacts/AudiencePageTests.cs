using System.Text.Json.Nodes;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.Playwright;
using ScoreTracking.Tests.Campaigns;
using ScoreTracking.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace ScoreTracking.Tests.Contacts;

/// <summary>Segments and lists on the pages of contacts.</summary>
public sealed class AudiencePageTests : IAsyncDisposable
{
    private const string Hostile = "<img src=x onerror=window.__xss=1>";

    private readonly TestApp _app = new();

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Theory, InlineData("light"), InlineData("dark"), InlineData("phone")]
    public async Task Contacts_are_narrowed_to_a_segment_or_a_list_in_the_toolbar(string look)
    {
        for (var i = 1; i <= 30; i++)
        {
            await _app.AddAsync($"{i}", $"person{i:00}@example.com", new JsonObject { ["city"] = i <= 27 ? "Leeds" : "York" });
        }

        await _app.SqlAsync($$"""INSERT INTO segments (name, rule, created_at, updated_at) VALUES ('Leeds {{Hostile}}', '{"field":"attributes.city","op":"eq","value":"Leeds"}', 1, 1)""");
        await _app.SqlAsync("INSERT INTO lists (name, created_at) VALUES ('Guests', 1)");
        await _app.SqlAsync("INSERT INTO list_members (list_id, contact_id, added_at) VALUES (1, 28, 1), (1, 2, 1)");
        await using var visit = await Browser.VisitAsync(_app, Look.All.Single(one => one.Name == look));
        var page = visit.Page;
        var (rows, choice) = (page.Locator("tbody tr"), page.GetByLabel("Segment or list"));
        await visit.OpenAsync("/contacts?sort=email");
        await Expect(page.Locator(".pager-text")).ToHaveTextAsync("30 contacts");
        await Expect(choice.Locator("option")).ToHaveTextAsync(["Any segment or list", $"Leeds {Hostile}", "Guests (list)"]);

        await choice.FocusAsync();
        await page.Keyboard.TypeAsync("Leeds");
        // Whom a segment finds is not counted here.
        await Expect(page.Locator(".pager-text")).ToHaveTextAsync("");
        await page.Locator(".pager [rel=next]").ClickAsync();
        await Expect(rows).ToHaveCountAsync(2);
        await Expect(rows.Last).ToContainTextAsync("person27@example.com");
        await Expect(choice).ToHaveValueAsync("seg_1");
        await visit.PhotographAsync("contacts-segment");
        Assert.Empty(await Axe.FindingsAsync(visit));
        Assert.False(await visit.IsWiderThanScreenAsync());

        // Another choice begins with its first page; both stand in the address.
        await choice.SelectOptionAsync("Guests (list)");
        await Expect(rows).ToHaveTextAsync([new System.Text.RegularExpressions.Regex("person02@"), new System.Text.RegularExpressions.Regex("person28@")]);
        Assert.Contains("list_id=lst_1", page.Url, StringComparison.Ordinal);
        Assert.DoesNotContain("cursor", page.Url, StringComparison.Ordinal);
        await page.ReloadAsync();
        await page.WaitForSelectorAsync("[data-live]");
        await Expect(choice).ToHaveValueAsync("lst_1");
        await Expect(rows).ToHaveCountAsync(2);
        await choice.SelectOptionAsync("Any segment or list");
        await Expect(rows).ToHaveCountAsync(25);
        Assert.Equal(0, await page.EvaluateAsync<int>("() => window.__xss ?? 0"));
        Assert.Empty(visit.Errors);
    }

    [Theory, InlineData("light"), InlineData("dark"), InlineData("phone")]
    public async Task Everybody_in_a_file_is_put_on_a_list_there_is_or_on_a_new_one(string look)
    {
        await _app.SqlAsync($"INSERT INTO lists (name, created_at) VALUES ('Guests {Hostile}', 1)");
        await using var visit = await Browser.VisitAsync(_app, Look.All.Single(one => one.Name == look));
        var page = visit.Page;
        var choice = page.GetByLabel("Put everybody in the file on a list");
        await visit.OpenAsync("/contacts/import");
        await visit.ChooseCsvAsync("customer_id,email\n1,ana@example.com\n2,ben@example.com\n");
        await Expect(choice.Locator("option")).ToHaveTextAsync(["No list", $"Guests {Hostile}", "A new list …"]);

        await choice.SelectOptionAsync($"Guests {Hostile}");
        await ImportAsync(1);
        Assert.Equal(["1 ana@example.com", "1 ben@example.com"], await OnListsAsync());

        await visit.OpenAsync("/contacts/import");
        await visit.ChooseCsvAsync("customer_id,email\n2,ben@example.com\n3,cem@example.com\n");
        await choice.SelectOptionAsync("A new list …");
        await page.GetByRole(AriaRole.Button, new() { Name = "Import", Exact = true }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Alert)).ToBeVisibleAsync();
        await page.GetByLabel("Its name").FillAsync("Spring fair");
        await visit.PhotographAsync("import-list");
        Assert.Empty(await Axe.FindingsAsync(visit));
        Assert.False(await visit.IsWiderThanScreenAsync());
        await ImportAsync(2);

        Assert.Equal(["1 ana@example.com", "1 ben@example.com", "2 ben@example.com", "2 cem@example.com"], await OnListsAsync());
        await using (var db = _app.Database())
        {
            Assert.Equal("Spring fair", (await db.Lists.SingleAsync(list => list.Id == 2)).Name);
        }

        Assert.Equal(0, await page.EvaluateAsync<int>("() => window.__xss ?? 0"));
        Assert.Empty(visit.Errors);

        async Task ImportAsync(int done)
        {
            await page.GetByRole(AriaRole.Button, new() { Name = "Import", Exact = true }).ClickAsync();
            await Expect(page.Locator("[data-import=done]")).ToHaveCountAsync(done);
        }
    }

    private async Task<List<string>> OnListsAsync()
    {
        await using var db = _app.Database();
        return await (
            from member in db.ListMembers
            join contact in db.Contacts on member.ContactId equals contact.Id
            orderby member.ListId, contact.Id
            select $"{member.ListId} {contact.Email}").ToListAsync(TestContext.Current.CancellationToken);
    }
}
