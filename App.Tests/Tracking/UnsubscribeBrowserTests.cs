using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using ScoreTracking.Data;
using ScoreTracking.Tests.Support;
using ScoreTracking.Tokens;
using static Microsoft.Playwright.Assertions;

namespace ScoreTracking.Tests.Tracking;

public sealed class UnsubscribeBrowserTests : IAsyncDisposable
{
    private readonly TestApp _app = new();

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Fact]
    public async Task A_reader_keeps_one_topic_refuses_tracking_and_then_leaves_with_the_keyboard_alone()
    {
        var (path, message) = await GivenAsync();
        await using var visit = await Browser.VisitAsync(_app, Look.Light);
        var page = visit.Page;
        await page.GotoAsync(path);

        await page.GetByLabel("Offers").FocusAsync();
        await page.Keyboard.PressAsync("Space");
        await page.GetByRole(AriaRole.Button, new() { Name = "Save choice" }).PressAsync("Enter");
        await Expect(page.GetByRole(AriaRole.Status)).ToHaveTextAsync("Your choice is saved.");
        await Expect(page.GetByLabel("Offers")).Not.ToBeCheckedAsync();
        await Expect(page.GetByLabel("Events")).ToBeCheckedAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Do not track me" }).PressAsync("Enter");
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Allow tracking" })).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Unsubscribe", Exact = true }).PressAsync("Enter");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("You are unsubscribed");

        await _app.StoredAsync();
        await using var db = _app.Database();
        var contact = await db.Messages.Where(m => m.Id == message).Join(db.Contacts, m => m.ContactId, c => c.Id, (_, c) => c).SingleAsync(TestContext.Current.CancellationToken);
        Assert.Equal(("[\"Offers\"]", TrackingConsent.Denied), (contact.RefusedTopics, contact.TrackingConsent));
        Assert.True(await db.Suppressions.AnyAsync(s => s.Email == contact.Email, TestContext.Current.CancellationToken));
        Assert.Empty(visit.Errors);
    }

    [Theory, InlineData("light"), InlineData("dark"), InlineData("phone")]
    public async Task The_page_fits_every_screen_and_axe_finds_nothing(string look)
    {
        var (path, _) = await GivenAsync();
        await using var visit = await Browser.VisitAsync(_app, Look.All.Single(one => one.Name == look));
        await visit.Page.SetExtraHTTPHeadersAsync([new("Accept-Language", look == "phone" ? "de" : "en")]);

        await visit.Page.GotoAsync(path);
        await visit.PhotographAsync("unsubscribe");
        Assert.Empty(await UnprotectedAxeAsync(path, look));
        Assert.False(await visit.IsWiderThanScreenAsync());
        await visit.Page.Locator("button").First.ClickAsync();
        await visit.PhotographAsync("unsubscribed");

        Assert.Empty(visit.Errors);
    }

    // The page runs no script, not even a checker's: so it is checked where the policy is lifted for that.
    private async Task<IReadOnlyList<string>> UnprotectedAxeAsync(string path, string look)
    {
        await using var visit = await Browser.VisitAsync(_app, Look.All.Single(one => one.Name == look));
        await visit.Page.RouteAsync($"**{path}", async route =>
        {
            var answer = await route.FetchAsync();
            await route.FulfillAsync(new() { Response = answer, Headers = answer.Headers.Where(header => header.Key != "content-security-policy").ToDictionary() });
        });
        await visit.Page.GotoAsync(path);
        return await Axe.FindingsAsync(visit);
    }

    private async Task<(string Path, long Message)> GivenAsync()
    {
        var campaign = await _app.GivenCampaignAsync();
        await using var db = _app.Database();
        await db.Campaigns.ExecuteUpdateAsync(set => set.SetProperty(c => c.Topics, Topics.Write(["Offers", "Events"])));
        var message = await _app.GivenMessageAsync(campaign);
        return ($"/u/{_app.Services.GetRequiredService<TrackingIds>().Write(TrackingKind.Unsubscribe, new TrackingId(message))}", message);
    }
}
