using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using ScoreTracking.Connections;
using ScoreTracking.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace ScoreTracking.Tests.Delivery;

public sealed class SmtpConnectionPagesTests : IAsyncLifetime
{
    private readonly TestApp _app = new();
    private readonly ScriptedSmtpServer _server = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task A_mail_server_is_entered_tried_and_put_right()
    {
        await using var visit = await Browser.VisitAsync(_app, Look.Light);
        var page = visit.Page;

        await visit.OpenAsync("/connections/new");
        await page.GetByRole(AriaRole.Link, new() { Name = "SMTP server" }).ClickAsync();
        await page.Locator("#preset").SelectOptionAsync("Fastmail");
        await Expect(page.Locator("#settings-port")).ToHaveValueAsync("465");
        await Expect(page.Locator("#settings-security")).ToHaveValueAsync("tls");
        await page.Locator("#name").FillAsync("Our relay");
        await page.Locator("#settings-host").FillAsync("127.0.0.1");
        await page.Locator("#settings-port").FillAsync("port");
        await page.Locator("#settings-security").SelectOptionAsync("none");
        await page.Locator("#settings-from").FillAsync("news@acme.example");
        await page.GetByRole(AriaRole.Button, new() { Name = "Create connection" }).ClickAsync();
        await Expect(page.GetByText("is a number from 1 to 65535")).ToBeVisibleAsync();
        await page.Locator("#settings-port").FillAsync(_server.Port.ToString(CultureInfo.InvariantCulture));
        await page.GetByRole(AriaRole.Button, new() { Name = "Create connection" }).ClickAsync();

        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Our relay" })).ToBeVisibleAsync();
        await Expect(page.Locator(".badge").First).ToHaveTextAsync("Ready");
        _server.Answer = line => line.StartsWith("RCPT", StringComparison.Ordinal) ? "550 5.1.1 <b>no</b> such user" : null;
        await page.Locator("#test-to").FillAsync("bob@example.net");
        await page.GetByRole(AriaRole.Button, new() { Name = "Send", Exact = true }).ClickAsync();
        await Expect(page.Locator(".test-steps .step-failed")).ToContainTextAsync("550 5.1.1 <b>no</b> such user");
        await Expect(page.Locator(".test-steps .step-ok")).ToHaveCountAsync(4);

        _server.Answer = _ => null;
        await page.GetByRole(AriaRole.Button, new() { Name = "Send", Exact = true }).ClickAsync();
        await Expect(page.GetByText("The server took it. Look into the mailbox of bob@example.net")).ToBeVisibleAsync();
        Assert.Equal("news@acme.example", Assert.Single(_server.Mails).Sender);

        await page.GetByRole(AriaRole.Button, new() { Name = "Edit" }).ClickAsync();
        await page.GetByRole(AriaRole.Dialog).Locator("#settings-user").FillAsync("ann");
        await page.GetByRole(AriaRole.Dialog).Locator("#secrets-password").FillAsync("geheim-123");
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await Expect(page.GetByText("sends the password in the clear")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Dialog).GetByText("Only where asked for").ClickAsync();
        await page.GetByRole(AriaRole.Dialog).Locator("#settings-allow_sign_in_without_tls").SelectOptionAsync("true");
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Dialog)).ToHaveCountAsync(0);
        await page.GetByRole(AriaRole.Button, new() { Name = "Send", Exact = true }).ClickAsync();
        await Expect(page.Locator(".test-steps .step-failed")).ToContainTextAsync("The server offers no way to sign in.");
        await Expect(page.GetByText("geheim")).ToHaveCountAsync(0);

        await page.GetByRole(AriaRole.Button, new() { Name = "Disable" }).ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Disable" }).ClickAsync();
        await Expect(page.GetByText("Disabled: nothing is handed over, and what waits goes on waiting.")).ToBeVisibleAsync();
        Assert.Empty(visit.Errors);
    }

    [Fact]
    public async Task An_ESP_that_reports_is_given_its_key_so_that_mail_can_be_handed_to_it()
    {
        var made = await _app.Services.GetRequiredService<ConnectionEdits>().CreateAsync(new ConnectionBody { Name = "SG", Provider = "sendgrid" }, Token);
        await using var visit = await Browser.VisitAsync(_app, Look.Light);
        var page = visit.Page;

        await visit.OpenAsync($"/connections/{made.Connection!.Id}");
        await Expect(page.GetByText("It needs the API key.")).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Send", Exact = true })).ToHaveCountAsync(0);
        await page.GetByRole(AriaRole.Button, new() { Name = "Set up" }).ClickAsync();
        await page.GetByRole(AriaRole.Dialog).Locator("#secrets-api_key").FillAsync("SG.one");
        await page.GetByRole(AriaRole.Dialog).Locator("#settings-region").SelectOptionAsync("eu");
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();

        await Expect(page.GetByRole(AriaRole.Dialog)).ToHaveCountAsync(0);
        await Expect(page.Locator("section", new() { Has = page.Locator("#sending") })).ToContainTextAsync("European Union");
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Send", Exact = true })).ToBeEnabledAsync();
        await Expect(page.GetByText("Everything is refused until you enter the verification key.")).ToBeVisibleAsync();
        Assert.Empty(visit.Errors);
    }

    [Theory, InlineData("light"), InlineData("dark"), InlineData("phone")]
    public async Task The_pages_fit_every_screen(string look)
    {
        await using var visit = await Browser.VisitAsync(_app, Look.All.Single(one => one.Name == look));
        var page = visit.Page;
        var made = await _app.Services.GetRequiredService<ConnectionEdits>().CreateAsync(
            new ConnectionBody
            {
                Name = "Our relay",
                Provider = "smtp",
                Settings = new Dictionary<string, string> { ["host"] = "127.0.0.1", ["port"] = _server.Port.ToString(CultureInfo.InvariantCulture), ["security"] = "none", ["from"] = "news@acme.example", ["per_second"] = "25" },
            },
            Token);

        await visit.OpenAsync("/connections/new?provider=smtp");
        await page.GetByText("Only where asked for").ClickAsync();
        await visit.PhotographAsync("smtp-new");
        Assert.False(await visit.IsWiderThanScreenAsync());
        Assert.Empty(await Axe.FindingsAsync(visit));
        await visit.OpenAsync("/connections");
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "Our relay" })).ToBeVisibleAsync();
        await visit.PhotographAsync("smtp-list");
        await visit.OpenAsync($"/connections/{made.Connection!.Id}");
        await page.Locator("#test-to").FillAsync("bob@example.net");
        await page.GetByRole(AriaRole.Button, new() { Name = "Send", Exact = true }).ClickAsync();
        await Expect(page.Locator(".test-steps .step-ok")).ToHaveCountAsync(8);
        await visit.PhotographAsync("smtp");
        Assert.False(await visit.IsWiderThanScreenAsync());
        Assert.Empty(await Axe.FindingsAsync(visit));
        await page.GetByRole(AriaRole.Button, new() { Name = "Edit" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Dialog)).ToBeVisibleAsync();
        await visit.PhotographAsync("smtp-dialog");
        Assert.Empty(visit.Errors);
    }
}
