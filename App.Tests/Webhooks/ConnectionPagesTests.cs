using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Microsoft.Playwright;
using ScoreTracking.Api;
using ScoreTracking.Events;
using ScoreTracking.Tests.Support;
using ScoreTracking.Webhooks;
using Microsoft.Extensions.DependencyInjection;
using ScoreTracking.Connections;
using static Microsoft.Playwright.Assertions;

namespace ScoreTracking.Tests.Webhooks;

public sealed class ConnectionPagesTests : IAsyncLifetime
{
    private readonly TestApp _app = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Fact]
    public async Task An_ESP_is_connected_tried_and_seen_to_report_without_a_reload()
    {
        var campaign = await _app.GivenCampaignAsync();
        var message = await _app.GivenMessageAsync(campaign);
        await using var visit = await Browser.VisitAsync(_app, Look.Light);
        var page = visit.Page;

        await visit.OpenAsync("/connections");
        await Expect(page.GetByText("Connect the ESP you send with")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Main).GetByRole(AriaRole.Link, new() { Name = "Connect an ESP" }).First.ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Postmark" }).ClickAsync();
        await page.GetByLabel("Name", new() { Exact = true }).FillAsync("  ");
        await page.GetByLabel("Password").FillAsync("short");
        await page.GetByRole(AriaRole.Button, new() { Name = "Create connection" }).ClickAsync();
        await Expect(page.GetByText("must have 1 to 100 characters")).ToBeVisibleAsync();
        await Expect(page.GetByText("a password of at least 8 characters")).ToBeVisibleAsync();
        await page.GetByLabel("Name", new() { Exact = true }).FillAsync("Newsletters");
        await page.GetByRole(AriaRole.Button, new() { Name = "Generate" }).ClickAsync();
        await Expect(page.GetByLabel("Password")).Not.ToHaveValueAsync("short");
        var password = await page.GetByLabel("Password").InputValueAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Create connection" }).ClickAsync();

        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Newsletters" })).ToBeVisibleAsync();
        await Expect(page.GetByText(password)).ToBeVisibleAsync();
        await Expect(page.GetByText("Waiting", new() { Exact = true })).ToBeVisibleAsync();
        var url = await page.Locator(".setup-label + .copy .copy-text").InnerTextAsync();

        await page.GetByRole(AriaRole.Button, new() { Name = "Hard bounce" }).ClickAsync();
        await Expect(page.GetByText("Accepted and stored: its user name and password were checked")).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Row).Filter(new() { HasText = "test@example.com" })).ToContainTextAsync("hard · 5.1.1");

        Assert.Equal(HttpStatusCode.OK, await PostAsync(url, password, Delivered(message)));
        var row = page.Locator(".received tbody tr:not(.received-detail)").Filter(new() { HasText = "ann@example.com" });
        await Expect(row).ToContainTextAsync("Delivered");
        await Expect(row.GetByRole(AriaRole.Link, new() { Name = "Spring sale" })).ToHaveAttributeAsync("href", $"/campaigns/{PublicId.Campaign(campaign)}");
        await row.GetByRole(AriaRole.Button, new() { Name = "Details of delivered, ann@example.com" }).ClickAsync();
        await Expect(page.Locator(".received-detail")).ToContainTextAsync("\"esp_message_id\": \"pm-1\"");

        Assert.Equal(HttpStatusCode.Unauthorized, await PostAsync(url, "wrong-password", Delivered(message)));
        await Expect(page.Locator("section", new() { Has = page.Locator("#refused") }).GetByText("User name or password are missing or wrong.")).ToBeVisibleAsync();

        await page.GetByLabel("Event type").SelectOptionAsync("bounced");
        await Expect(row).ToHaveCountAsync(0);
        Assert.EndsWith("?type=bounced", page.Url, StringComparison.Ordinal);
        await page.GetByRole(AriaRole.Link, new() { Name = "Matched", Exact = true }).ClickAsync();
        await Expect(page.GetByText("No event matches")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Show all events" }).ClickAsync();
        await Expect(row).ToHaveCountAsync(1);

        await page.GetByRole(AriaRole.Button, new() { Name = "Disable" }).ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Disable" }).ClickAsync();
        await Expect(page.GetByText("Disabled: requests are answered with 404")).ToBeVisibleAsync();
        Assert.Equal(HttpStatusCode.NotFound, await PostAsync(url, password, Delivered(message)));
        await page.GetByRole(AriaRole.Button, new() { Name = "Enable" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Disable" }).First).ToBeVisibleAsync();
        Assert.Equal(HttpStatusCode.OK, await PostAsync(url, password, Delivered(message)));

        await page.GetByRole(AriaRole.Button, new() { Name = "Delete" }).ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Delete" }).ClickAsync();
        await Expect(page.GetByText("Connect the ESP you send with")).ToBeVisibleAsync();
        Assert.Equal((1, 1), await _app.CountAsync(campaign, EventType.Delivered));
        Assert.Empty(visit.Errors);
    }

    [Fact]
    public async Task A_key_the_ESP_shows_later_is_entered_later_rotated_and_the_rotation_ended()
    {
        await using var visit = await Browser.VisitAsync(_app, Look.Light);
        var page = visit.Page;
        await visit.OpenAsync("/connections/new?provider=resend");
        await page.GetByRole(AriaRole.Button, new() { Name = "Create connection" }).ClickAsync();

        await Expect(page.GetByText("Everything is refused until you enter the signing secret.")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Delivered" }).ClickAsync();
        await Expect(page.Locator(".test-result")).ToContainTextAsync("Refused, as a real event would be now");

        await EnterAsync(page, "Enter", "not a secret");
        await Expect(page.GetByText("A signing secret is whsec_ followed by base64.")).ToBeVisibleAsync();
        await FinishAsync(page, "whsec_Zmlyc3QtZmlyc3QtZmlyc3QtZmlyc3Q=");
        await page.GetByRole(AriaRole.Button, new() { Name = "Delivered" }).ClickAsync();
        await Expect(page.Locator(".test-result")).ToContainTextAsync("Accepted and stored: its signature was checked");

        await EnterAsync(page, "Replace", "whsec_c2Vjb25kLXNlY29uZC1zZWNvbmQtc2Vjb25k");
        await FinishAsync(page, "whsec_c2Vjb25kLXNlY29uZC1zZWNvbmQtc2Vjb25k");
        await Expect(page.GetByText("the new and the old one are accepted")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "End rotation" }).ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "End rotation" }).ClickAsync();
        await Expect(page.GetByText("the new and the old one are accepted")).ToHaveCountAsync(0);

        await page.GetByRole(AriaRole.Button, new() { Name = "Edit" }).ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByLabel("Name").FillAsync("Receipts");
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Receipts" })).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Dialog)).ToHaveCountAsync(0);
        await page.GetByRole(AriaRole.Link, new() { Name = "Connections" }).First.ClickAsync();
        await Expect(page.Locator("h1")).ToHaveTextAsync("Connections");
        await Expect(page.GetByRole(AriaRole.Row, new() { Name = "Receipts" })).ToContainTextAsync("Resend");
        Assert.Empty(visit.Errors);
    }

    [Fact]
    public async Task The_log_pages_by_key_back_and_forth()
    {
        var (id, url) = await ConnectAsync();
        for (var i = 1; i <= 60; i++)
        {
            await PostAsync(url, Password, Record("Delivery", $"pm-{i}", $"r{i}@example.com", 0));
        }

        await _app.StoredAsync();
        await using var db = _app.Database();
        PublicId.TryConnection(id, out var number);
        var first = await ReceivedPageQuery.RunAsync(db, number, ReceivedView.Read(null, null, null), Token);
        var second = await ReceivedPageQuery.RunAsync(db, number, ReceivedView.Read(null, "no", first.Next), Token);
        var third = await ReceivedPageQuery.RunAsync(db, number, ReceivedView.Read("delivered", null, second.Next), Token);
        var back = await ReceivedPageQuery.RunAsync(db, number, ReceivedView.Read(null, null, third.Previous), Token);
        var start = await ReceivedPageQuery.RunAsync(db, number, ReceivedView.Read(null, null, back.Previous), Token);

        Assert.Equal(Enumerable.Range(1, 60).Reverse().Select(i => $"pm-{i}"), first.Rows.Concat(second.Rows).Concat(third.Rows).Select(row => row.EspMessageId));
        Assert.Equal((null, null), (first.Previous, third.Next));
        Assert.Equal(second.Rows.Select(row => row.Id), back.Rows.Select(row => row.Id));
        Assert.Equal(first.Rows.Select(row => row.Id), start.Rows.Select(row => row.Id));
        Assert.Equal((first.Next, ""), (start.Next, start.Previous ?? ""));
        Assert.Empty((await ReceivedPageQuery.RunAsync(db, number, ReceivedView.Read("bounced", null, null), Token)).Rows);
        Assert.Empty((await ReceivedPageQuery.RunAsync(db, number, ReceivedView.Read(null, "yes", null), Token)).Rows);
    }

    [Fact]
    public async Task An_address_that_names_no_connection_is_not_found()
    {
        await using var visit = await Browser.VisitAsync(_app, Look.Light);

        var missing = await visit.Page.GotoAsync("/connections/con_99");
        var nonsense = await visit.Page.GotoAsync("/connections/99");

        Assert.Equal((404, 404), (missing!.Status, nonsense!.Status));
    }

    [Theory, InlineData("light"), InlineData("dark"), InlineData("phone")]
    public async Task The_pages_fit_every_screen(string look)
    {
        var campaign = await _app.GivenCampaignAsync();
        var message = await _app.GivenMessageAsync(campaign);
        await using var visit = await Browser.VisitAsync(_app, Look.All.Single(one => one.Name == look));

        await ShowAsync(visit, "/connections", "connections-empty");
        await ShowAsync(visit, "/connections/new", "connections-choose");
        await ShowAsync(visit, "/connections/new?provider=postmark", "connections-new");
        await ShowAsync(visit, "/connections/new?provider=amazon_ses", "connections-new-ses");
        await ShowAsync(visit, "/connections/new?provider=brevo", "connections-new-brevo");
        await visit.OpenAsync("/connections/new?provider=mailjet");
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Create connection" }).ClickAsync();
        await Expect(visit.Page.GetByText("Copy these now.")).ToBeVisibleAsync();
        await visit.PhotographAsync("connection-created");
        Assert.False(await visit.IsWiderThanScreenAsync());

        var (id, url) = await ConnectAsync();
        await PostAsync(url, Password, Record("Delivery", "0a129aee-e1cd-480d-b08d-4f48548ff48d", "ann@example.com", message));
        await PostAsync(url, Password, Record("Open", "0a129aee-e1cd-480d-b08d-4f48548ff48d", "ann@example.com", message));
        await PostAsync(url, Password, Record("Delivery", "5c1d73ab-92f7-4fd6-90ca-a8b2f1f0f7b2", "ben.with.a.very.long.name.indeed@subdomain.example.com", 0));
        await PostAsync(url, Password, Bounce("SoftBounce", "7b0d9e3f-8f0a-4b43-a3fb-0f6f3e1b9b7c", "carla@example.com", "smtp;452 4.2.2 The email account that you tried to reach is over quota. Please direct the recipient to clear out space, then try again later (in reply to RCPT TO command)"));
        await PostAsync(url, Password, Bounce("HardBounce", "9f5b1a60-6b7f-4c9a-8e40-7a2f5f0b6a11", "nobody@example.com", "smtp;550 5.1.1 <nobody@example.com>: Recipient address rejected: User unknown"));
        await PostAsync(url, Password, Bounce("SpamComplaint", "2e8f6d1c-3b0a-4a52-9f57-6e1d2c3b4a59", "dora@example.com", ""));
        await PostAsync(url, "wrong-password", "{}");
        await PostAsync(url, Password, "not JSON at all");
        PublicId.TryConnection(id, out var number);
        await _app.Services.GetRequiredService<TestEvents>().SendAsync(number, SampleKind.Delivered, "Postmark", Token);
        await _app.StoredAsync();

        await ShowAsync(visit, "/connections", "connections");
        await visit.OpenAsync($"/connections/{id}");
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Details of bounced, nobody@example.com" }).ClickAsync();
        await Expect(visit.Page.Locator(".received-detail")).ToBeVisibleAsync();
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Delivered", Exact = true }).ClickAsync();
        await Expect(visit.Page.Locator(".test-result")).ToBeVisibleAsync();
        await visit.PhotographAsync("connection");
        Assert.False(await visit.IsWiderThanScreenAsync());
        await ShowAsync(visit, $"/connections/{id}?type=clicked", "connection-no-match");
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Replace" }).ClickAsync();
        await Expect(visit.Page.GetByRole(AriaRole.Dialog)).ToBeVisibleAsync();
        await visit.PhotographAsync("connection-dialog");

        Assert.Empty(visit.Errors);
    }

    private const string Password = "correct-horse-battery";

    private static async Task ShowAsync(Visit visit, string address, string name)
    {
        await visit.OpenAsync(address);
        await Expect(visit.Page.Locator(".loading")).ToHaveCountAsync(0);
        await visit.PhotographAsync(name);
        Assert.False(await visit.IsWiderThanScreenAsync(), $"{name} is wider than its screen");
    }

    private static async Task EnterAsync(IPage page, string action, string secret)
    {
        // User name and password have such a button, too, further down.
        await page.GetByRole(AriaRole.Button, new() { Name = action, Exact = true }).First.ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Textbox).FillAsync(secret);
        if (!secret.StartsWith("whsec_", StringComparison.Ordinal))
        {
            await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        }
    }

    private static async Task FinishAsync(IPage page, string secret)
    {
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Textbox).FillAsync(secret);
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Dialog)).ToHaveCountAsync(0);
    }

    private async Task<(string Id, string Url)> ConnectAsync()
    {
        var outcome = await _app.Services.GetRequiredService<ConnectionEdits>().CreateAsync(
            new ConnectionBody { Name = "Newsletters", Provider = "postmark", BasicAuth = new BasicAuth("esp", Password) }, Token);
        return (outcome.Connection!.Id, outcome.Connection.WebhookUrl!);
    }

    // Its public address is another than that of a test's server.
    private async Task<HttpStatusCode> PostAsync(string url, string password, string body)
    {
        using var client = _app.Anonymous();
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(url).AbsolutePath) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        var user = password == Password ? "esp" : "scoretracking";
        request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}")));
        using var answer = await client.SendAsync(request, Token);
        return answer.StatusCode;
    }

    private static string Delivered(long message) => Record("Delivery", "pm-1", "ann@example.com", message);

    private static string Record(string record, string id, string recipient, long message) => $$$"""
        {"RecordType":"{{{record}}}","MessageID":"{{{id}}}","Recipient":"{{{recipient}}}","{{{(record == "Delivery" ? "DeliveredAt" : "ReceivedAt")}}}":"{{{Some.Noon.ToString("O", CultureInfo.InvariantCulture)}}}",
         "Details":"250 2.0.0 Ok: queued as 4F1B2C","Metadata":{{{(message == 0 ? "{}" : $$"""{"message_id":"{{PublicId.Message(message)}}"}""")}}},"UserAgent":"Mozilla/5.0"}
        """;

    private static string Bounce(string type, string id, string recipient, string details) => $$"""
        {"RecordType":"{{(type == "SpamComplaint" ? type : "Bounce")}}","ID":1,"Type":"{{type}}","MessageID":"{{id}}","Email":"{{recipient}}","BouncedAt":"{{Some.Noon.ToString("O", CultureInfo.InvariantCulture)}}","Details":"{{details}}"}
        """;
}
