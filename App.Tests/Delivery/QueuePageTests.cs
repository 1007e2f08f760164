using Microsoft.Playwright;
using ScoreTracking.Events;
using ScoreTracking.Tests.Campaigns;
using ScoreTracking.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace ScoreTracking.Tests.Delivery;

/// <summary>What a connection's page says of its mail, and every page where nothing may leave, in a browser.</summary>
public sealed class QueuePageTests : IAsyncLifetime
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
    public async Task A_person_decides_what_became_of_uncertain_mail_and_the_figures_follow()
    {
        var (campaign, messages) = await _app.GivenQueuedAsync(3);
        _server.Answer = line => line == "CONTENT" ? ScriptedSmtpServer.Drop : null;
        await _app.ConnectAsync(_server.Port, lanes: 1);
        await _app.CompletedAsync(campaign);
        _server.Answer = _ => null;
        await using var visit = await Browser.VisitAsync(_app, Look.Light);
        var page = visit.Page;
        await visit.OpenAsync("/connections/con_1");

        await Expect(page.GetByRole(AriaRole.Group, new() { Name = "Uncertain" }).Locator(".metric-value")).ToHaveTextAsync("3");
        Assert.Empty(await Axe.FindingsAsync(visit));
        await page.Locator("button:text-is('It arrived')").First.ClickAsync();
        await Expect(page.Locator("button:text-is('It arrived')")).ToHaveCountAsync(2);
        await page.Locator($"[data-dialog=resend-msg_{messages[1]}]").ClickAsync();
        await page.Locator($"#resend-msg_{messages[1]} .button-primary").ClickAsync();
        await Expect(page.Locator("button:text-is('It arrived')")).ToHaveCountAsync(1);
        await page.Locator("button:text-is('Give up')").First.ClickAsync();
        await Expect(page.Locator("button:text-is('It arrived')")).ToHaveCountAsync(0);

        await Eventually.TrueAsync(async () => await _app.CountAsync(campaign, EventType.Sent) == (2, 2));
        await Eventually.TrueAsync(async () => await _app.CountAsync(campaign, EventType.Dropped) == (1, 1));
        Assert.Single(_server.Mails);
        Assert.Empty(visit.Errors);
    }

    [Fact]
    public async Task A_connection_that_stopped_says_why_and_goes_on_when_it_is_tried_again()
    {
        var (campaign, _) = await _app.GivenQueuedAsync(1);
        _server.Answer = line => line.StartsWith("MAIL", StringComparison.Ordinal) ? "530 5.7.0 Authentication required" : null;
        await _app.ConnectAsync(_server.Port, lanes: 1);
        await using var visit = await Browser.VisitAsync(_app, Look.Dark);
        await visit.OpenAsync("/connections/con_1");

        await Expect(visit.Page.Locator("[data-line=stopped] .notice-bad")).ToContainTextAsync("Authentication required");
        _server.Answer = _ => null;
        await visit.Page.Locator("[data-line=stopped] .notice-bad button").ClickAsync();

        await Expect(visit.Page.Locator("[data-line=ready]")).ToBeVisibleAsync();
        await _app.CompletedAsync(campaign);
        Assert.Single(_server.Mails);
        Assert.Empty(visit.Errors);
    }

    [Fact]
    public async Task Every_page_says_that_nothing_leaves_until_an_administrator_agrees()
    {
        _app.Clock.Advance(TimeSpan.FromDays(1));
        await using var visit = await Browser.VisitAsync(_app, Look.Light);
        await visit.OpenAsync("/campaigns");

        await Expect(visit.Page.Locator(".sending-held")).ToContainTextAsync("No mail is being sent.");
        await visit.Page.Locator("[data-dialog=confirm-release]").ClickAsync();
        await visit.Page.Locator("#confirm-release .button-primary").ClickAsync();

        await Expect(visit.Page.Locator(".sending-held")).ToHaveCountAsync(0);
        Assert.False((bool)(await _app.GetAsync("/api/v1/sending"))["held"]!);
        Assert.Empty(visit.Errors);
    }
}
