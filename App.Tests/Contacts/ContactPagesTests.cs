using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using ScoreTracking.Events;
using ScoreTracking.Tests.Campaigns;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Contacts;

public sealed class ContactPagesTests : IAsyncLifetime
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
    public async Task The_list_begins_empty_fills_by_itself_and_a_click_moves_its_person_to_the_top()
    {
        await using var visit = await Browser.VisitAsync(_app, Look.Light);
        var page = visit.Page;
        await visit.OpenAsync("/contacts");
        await Expect(page.Locator(".empty-title")).ToHaveTextAsync("Nobody here yet");

        var mail = await GivenMailAsync(30);
        await Expect(page.Locator("tbody tr")).ToHaveCountAsync(25);
        await Expect(page.Locator(".pager-text")).ToHaveTextAsync("30 contacts");

        await ClickAsync(mail[7]);
        await Expect(page.Locator("tbody tr").First).ToContainTextAsync("person8@example.com");
        await Expect(page.Locator("tbody tr").First).ToContainTextAsync("29.3");
        Assert.Empty(visit.Errors);
        Assert.Empty(_app.Verify());
    }

    [Fact]
    public async Task The_list_searches_filters_orders_and_pages_and_its_address_says_how()
    {
        await GivenMailAsync(30);
        await _app.SuppressAsync("person3@example.com", "hard_bounce");
        await using var visit = await Browser.VisitAsync(_app, Look.Light);
        var page = visit.Page;
        var rows = page.Locator("tbody tr");
        await visit.OpenAsync("/contacts?sort=email");
        await Expect(rows.First).ToContainTextAsync("person10@example.com");

        await page.ClickAsync("text=Next");
        await Expect(rows).ToHaveCountAsync(5);
        await page.ClickAsync("text=Previous");
        await Expect(rows).ToHaveCountAsync(25);
        await Expect(page.Locator(".pager [aria-disabled]")).ToHaveTextAsync("Previous");

        await page.Keyboard.PressAsync("/");
        await page.Keyboard.TypeAsync("person2");
        await Expect(rows).ToHaveCountAsync(11);
        await page.FillAsync("[data-search]", "");
        await Expect(rows).ToHaveCountAsync(25);
        await page.GetByLabel("Mail", new() { Exact = true }).SelectOptionAsync("true");
        await Expect(rows).ToHaveCountAsync(1);
        await Expect(rows.First).ToContainTextAsync("Hard bounce");
        await page.GetByLabel("Tracking consent").SelectOptionAsync("granted");
        await Expect(page.Locator(".empty-title")).ToHaveTextAsync("No contact matches");
        Assert.Contains("suppressed=true", page.Url, StringComparison.Ordinal);

        await page.GoBackAsync();
        await Expect(rows).ToHaveCountAsync(1);
        Assert.Empty(visit.Errors);
    }

    [Fact]
    public async Task A_persons_page_tells_who_they_are_why_their_score_is_what_it_is_and_what_happened_live()
    {
        var mail = (await GivenMailAsync(1))[0];
        var contact = (string)(await _app.ListAsync(""))["data"]![0]!["id"]!;
        await _app.PutAsync("id-1", new JsonObject { ["data"] = new JsonObject { ["city"] = Hostile, ["vip"] = true } });
        await using var visit = await Browser.VisitAsync(_app, Look.Light);
        var page = visit.Page;
        await visit.OpenAsync("/contacts");
        await page.GetByRole(AriaRole.Link, new() { Name = "person1@example.com" }).ClickAsync();
        await Expect(page.Locator("h1")).ToHaveTextAsync("person1@example.com");
        await Expect(page.GetByText("No score yet")).ToBeVisibleAsync();
        await Expect(page.GetByText("Nothing has happened yet")).ToBeVisibleAsync();
        await Expect(page.Locator(".attributes")).ToContainTextAsync(Hostile);

        await OpenAsync(mail);
        await ClickAsync(mail);
        await Expect(page.Locator(".reasons tbody tr")).ToHaveCountAsync(2);
        await Expect(page.Locator(".reasons tbody tr").First).ToContainTextAsync("Click on \u201cShop\u201d");
        await Expect(page.Locator(".reasons tbody tr").First).ToContainTextAsync("83.3%");
        await Expect(page.Locator(".contact-happened li")).ToHaveCountAsync(2);
        await Expect(page.Locator(".contact-happened li").First).ToContainTextAsync("Spring sale");

        // What moves no score shows as well.
        await _app.StoreAsync(new EmailEvent { Type = EventType.Delivered, Source = EventSource.Api, MessageId = mail.MessageId, OccurredAt = Some.Noon, ReceivedAt = Some.Noon });
        await Expect(page.Locator(".contact-happened li")).ToHaveCountAsync(3);

        await page.GetByLabel("Event type").SelectOptionAsync("clicked");
        await Expect(page.Locator(".contact-happened li")).ToHaveCountAsync(1);
        await page.GetByLabel("Event type").SelectOptionAsync("bounced");
        await page.ClickAsync("text=Show all events");
        await Expect(page.Locator(".contact-happened li")).ToHaveCountAsync(3);
        Assert.Null(await page.EvaluateAsync<int?>("() => window.__xss ?? null"));
        Assert.Empty(visit.Errors);
        Assert.Empty(_app.Verify());
    }

    [Fact]
    public async Task An_answer_about_tracking_is_recorded_on_the_page_by_keyboard()
    {
        await GivenMailAsync(1);
        await using var visit = await Browser.VisitAsync(_app, Look.Phone);
        var page = visit.Page;
        await visit.OpenAsync("/contacts/ctc_1");

        await page.GetByRole(AriaRole.Button, new() { Name = "Record an answer" }).FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        await page.GetByLabel("Answer", new() { Exact = true }).SelectOptionAsync("denied");
        await page.GetByLabel("What they answered to").FillAsync($"May we measure? {Hostile}");
        await page.Keyboard.PressAsync("Tab");
        await page.Keyboard.PressAsync("Tab");
        await page.Keyboard.PressAsync("Enter");

        await Expect(page.Locator("dialog[open]")).ToHaveCountAsync(0);
        await Expect(page.Locator(".checks")).ToContainTextAsync("Refused");
        await Expect(page.Locator(".checks")).ToContainTextAsync($"May we measure? {Hostile}");
        var consent = (await _app.GetAsync("/api/v1/contacts/ctc_1"));
        Assert.Equal(("denied", "manual"), ((string)consent["tracking_consent"]!, (string)consent["consent"]!["method"]!));
        Assert.Empty(visit.Errors);
    }

    [Fact]
    public async Task Who_sees_no_addresses_sees_no_contacts_and_who_is_not_there_is_not_found()
    {
        await GivenMailAsync(1);
        using (var admin = await Visitor.SignedInAsync(_app))
        {
            Assert.Equal(HttpStatusCode.OK, await admin.StatusAsync("/contacts/ctc_1"));
            foreach (var path in new[] { "/contacts/ctc_2", "/contacts/ctc_0", "/contacts/id-1", "/contacts/x" })
            {
                Assert.Equal(HttpStatusCode.NotFound, await admin.StatusAsync(path));
            }
        }

        await _app.SqlAsync("UPDATE users SET role = 'viewer'");
        using var viewer = await Visitor.SignedInAsync(_app);
        Assert.Equal(HttpStatusCode.Forbidden, await viewer.StatusAsync("/contacts"));
        Assert.Equal(HttpStatusCode.Forbidden, await viewer.StatusAsync("/contacts/ctc_1"));
        Assert.DoesNotContain("href=\"/contacts\"", await viewer.Client.GetStringAsync("/campaigns"), StringComparison.Ordinal);
    }

    private static ILocatorAssertions Expect(ILocator locator) => Assertions.Expect(locator);

    // Mail of one campaign, instrumented for each of them.
    private async Task<List<(long MessageId, string Open, string Click)>> GivenMailAsync(int people)
    {
        var campaign = await _app.GivenDraftAsync();
        var recipients = Enumerable.Range(1, people).Select(i => new JsonObject { ["customer_id"] = $"id-{i}", ["email"] = $"person{i}@example.com" });
        return [.. (await _app.BatchAsync(campaign, recipients)).Select(copy => (long.Parse(((string)copy["message_id"]!)[4..]), Ours("o", copy), Ours("c", copy)))];
    }

    private static string Ours(string kind, JsonNode copy) => Regex.Match((string)copy["html"]!, $"http://[^\"]+(/{kind}/[^\"]+)").Groups[1].Value;

    private Task OpenAsync((long MessageId, string Open, string Click) mail) => HitAsync(mail.Open);

    private Task ClickAsync((long MessageId, string Open, string Click) mail) => HitAsync(mail.Click);

    private async Task HitAsync(string path)
    {
        using var reader = _app.Anonymous();
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.TryAddWithoutValidation("User-Agent", Some.Firefox);
        using var response = await reader.SendAsync(request);
        await _app.StoredAsync();
    }
}
