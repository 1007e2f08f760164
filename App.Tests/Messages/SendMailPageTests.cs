using System.Text;
using Microsoft.Playwright;
using ScoreTracking.Tests.Delivery;
using ScoreTracking.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace ScoreTracking.Tests.Messages;

public sealed class SendMailPageTests : IAsyncLifetime
{
    private readonly TestApp _app = new();
    private readonly ScriptedSmtpServer _server = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task A_mail_is_written_with_a_file_refused_and_tried_again_on_its_page()
    {
        await _app.ConnectAsync(_server.Port);
        _server.Answer = line => line.StartsWith("RCPT", StringComparison.Ordinal) ? "550 5.7.1 not <b>from</b> here" : null;
        await using var visit = await Browser.VisitAsync(_app, Look.Light);
        var page = visit.Page;
        await visit.OpenAsync("/messages/new");
        await Expect(page.Locator("#via option")).ToHaveTextAsync(["Mail server", "Me, from my own mailbox or program"]);
        await page.FillAsync("#from", "Eva Lind <eva@acme.example>");
        await page.FillAsync("#to", "Ana <ana@example.com>");
        await page.FillAsync("#subject", "The offer");
        await page.FillAsync("#html", "<p>{{#if vip}}The offer</p>");
        await Expect(page.Locator("#files")).ToBeEnabledAsync();
        await page.SetInputFilesAsync("#files", new FilePayload { Name = "offer.txt", MimeType = "text/plain", Buffer = Encoding.UTF8.GetBytes("ten percent") });
        await Expect(page.Locator(".mail-files li")).ToContainTextAsync("offer.txt");
        await page.ClickAsync("button[type=submit]");
        await Expect(page.Locator("#html-error")).ToContainTextAsync("line 1, column 4");

        await page.FillAsync("#html", "<p>The offer</p>");
        await page.ClickAsync("button[type=submit]");
        await Expect(page.Locator("h1")).ToHaveTextAsync("The offer");
        await Expect(page.Locator("#standing")).ToHaveTextAsync("Not sent");
        await Expect(page.Locator(".standing-reason")).ToContainTextAsync("not <b>from</b> here");

        _server.Answer = _ => null;
        await page.GetByRole(AriaRole.Button, new() { Name = "Try again" }).ClickAsync();
        await Expect(page.Locator("#standing")).ToHaveCountAsync(0);
        Assert.Contains("offer.txt", Assert.Single(_server.Mails).Text, StringComparison.Ordinal);
        Assert.Contains(Convert.ToBase64String(Encoding.UTF8.GetBytes("ten percent")), _server.Mails.Single().Text, StringComparison.Ordinal);
        Assert.Empty(await Axe.FindingsAsync(visit));
        Assert.Empty(visit.Errors);
    }
}
