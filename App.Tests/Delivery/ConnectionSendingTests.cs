using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using ScoreTracking.Api;
using ScoreTracking.Events;
using ScoreTracking.Tests.Campaigns;
using ScoreTracking.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace ScoreTracking.Tests.Delivery;

/// <summary>Mail on its way over a connection, through the whole server.</summary>
public sealed class ConnectionSendingTests : IAsyncLifetime
{
    private readonly ScriptedSmtpServer _server = new();
    private ScriptedHttpServer _esp = null!;
    private TestApp _app = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _esp = await ScriptedHttpServer.OpenAsync();
        _app = new TestApp(new() { ["Transports:Endpoints:postmark"] = _esp.Url });
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        await _server.DisposeAsync();
        await _esp.DisposeAsync();
    }

    [Fact]
    public async Task A_connection_that_cannot_work_stops_says_why_and_goes_on_once_it_can()
    {
        var id = await ConnectAsync("starttls");
        var (campaign, _) = await _app.GivenQueuedAsync(3);

        await Eventually.TrueAsync(async () => (string?)(await SendingAsync(id))["status"] == "stopped");
        var stopped = await SendingAsync(id);
        Assert.Equal(("The server offers no encryption.", 3, 0), ((string?)stopped["because"], (int)stopped["waiting"]!, (int)stopped["uncertain"]!));
        Assert.Equal(HttpStatusCode.OK, (await _app.Api.PostAsync($"/api/v1/connections/{id}/actions/try_again", null, Token)).StatusCode);
        await Eventually.TrueAsync(async () => (string?)(await SendingAsync(id))["status"] == "stopped");
        Assert.Empty(_server.Mails);

        await _app.SendAsync(HttpMethod.Patch, $"/api/v1/connections/{id}", new JsonObject { ["settings"] = Settings("none") }, HttpStatusCode.OK);

        await Eventually.TrueAsync(() => _server.Mails.Count == 3);
        await Eventually.TrueAsync(async () => await SendingAsync(id) is { } now && ((string?)now["status"], (int)now["waiting"]!) == ("ready", 0));
        await Eventually.TrueAsync(async () => await _app.CountAsync(campaign, EventType.Sent) == (3, 3));
        Assert.Empty(_app.Verify());
    }

    [Fact]
    public async Task Only_a_connection_that_sends_can_be_told_to_try_again()
    {
        var (inbound, missing) = ((string)(await _app.SendAsync(HttpMethod.Post, "/api/v1/connections", JsonNode.Parse("""{"name":"In","provider":"inbound","basic_auth":{"user":"in","password":"long enough"}}"""), HttpStatusCode.Created))["id"]!, "con_999");

        Assert.Equal("off", (string?)(await SendingAsync(inbound))["status"]);
        Assert.Equal(HttpStatusCode.Conflict, (await _app.Api.PostAsync($"/api/v1/connections/{inbound}/actions/try_again", null, Token)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await _app.Api.PostAsync($"/api/v1/connections/{missing}/actions/try_again", null, Token)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await _app.Api.GetAsync($"/api/v1/connections/{missing}/sending", Token)).StatusCode);
    }

    [Fact]
    public async Task What_an_ESP_took_is_found_again_in_what_it_reports()
    {
        var (user, password) = ("esp", "correct-horse-battery");
        var connection = await _app.SendAsync(
            HttpMethod.Post,
            "/api/v1/connections",
            JsonNode.Parse($$"""{"name":"Postmark","provider":"postmark","secrets":{"server_token":"token-1"},"basic_auth":{"user":"{{user}}","password":"{{password}}"},"settings":{"connections":1} }"""),
            HttpStatusCode.Created);
        _esp.Answer = async context =>
        {
            var mails = _esp.Received.Last().Json.AsArray();
            await ScriptedHttpServer.With(200, new JsonArray([.. mails.Select(mail => (JsonNode)new JsonObject { ["ErrorCode"] = 0, ["Message"] = "OK", ["MessageID"] = $"pm-{mail!["Metadata"]!["st_message_id"]}" })]).ToJsonString())(context);
        };

        var (campaign, messages) = await _app.GivenQueuedAsync(5);

        await Eventually.TrueAsync(async () => await _app.CountAsync(campaign, EventType.Sent) == (5, 5));
        var carried = _esp.Received.SelectMany(request => request.Json.AsArray()).Select(mail => (string)mail!["Metadata"]!["st_message_id"]!).Order().ToList();
        Assert.Equal(messages.Select(PublicId.Message).Order(), carried);
        using var report = new HttpRequestMessage(HttpMethod.Post, new Uri((string)connection["webhook_url"]!).AbsolutePath);
        report.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}")));
        report.Content = new StringContent($$"""{"RecordType":"Delivery","MessageID":"pm-x","Recipient":"other@example.com","DeliveredAt":"{{_app.Clock.GetUtcNow():O}}","Metadata":{"st_message_id":"{{carried[0]}}"} }""", Encoding.UTF8, "application/json");
        using var anonymous = _app.Anonymous();
        Assert.Equal(HttpStatusCode.OK, (await anonymous.SendAsync(report, Token)).StatusCode);
        await _app.StoredAsync();
        Assert.Equal((1, 1), await _app.CountAsync(campaign, EventType.Delivered));
        Assert.Empty(_app.Verify());
    }

    [Fact]
    public async Task On_its_page_a_stopped_connection_is_put_right_and_seen_to_go_on()
    {
        var id = await ConnectAsync("starttls");
        await _app.GivenQueuedAsync(2);
        await using var visit = await Browser.VisitAsync(_app, Look.Light);
        var page = visit.Page;

        await visit.OpenAsync($"/connections/{id}");
        await Expect(page.Locator(".badge").First).ToHaveTextAsync("Stopped");
        await Expect(page.GetByText("The server offers no encryption.")).ToBeVisibleAsync();
        await visit.PhotographAsync("smtp-stopped");
        Assert.Empty(await Axe.FindingsAsync(visit));
        await page.GetByRole(Microsoft.Playwright.AriaRole.Button, new() { Name = "Edit" }).ClickAsync();
        await page.GetByRole(Microsoft.Playwright.AriaRole.Dialog).Locator("#settings-security").SelectOptionAsync("none");
        await page.GetByRole(Microsoft.Playwright.AriaRole.Dialog).GetByRole(Microsoft.Playwright.AriaRole.Button, new() { Name = "Save" }).ClickAsync();

        await Expect(page.Locator(".badge").First).ToHaveTextAsync("Ready");
        await Eventually.TrueAsync(() => _server.Mails.Count == 2);
        Assert.Empty(visit.Errors);
    }

    private async Task<string> ConnectAsync(string security) =>
        (string)(await _app.SendAsync(HttpMethod.Post, "/api/v1/connections", new JsonObject { ["name"] = "Relay", ["provider"] = "smtp", ["settings"] = Settings(security) }, HttpStatusCode.Created))["id"]!;

    private JsonObject Settings(string security) => new() { ["host"] = "127.0.0.1", ["port"] = _server.Port, ["security"] = security, ["connections"] = 2 };

    private async Task<JsonNode> SendingAsync(string id) => await _app.GetAsync($"/api/v1/connections/{id}/sending");
}
