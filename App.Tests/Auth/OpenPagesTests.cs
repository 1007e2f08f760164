using Microsoft.Playwright;
using ScoreTracking.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace ScoreTracking.Tests.Auth;

/// <summary>Live pages cost memory, so nobody may open them without end.</summary>
public sealed class OpenPagesTests : IAsyncDisposable
{
    private readonly TestApp _app = new(new() { ["Auth:PagesPerUser"] = "2" });

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Fact]
    public async Task One_page_too_many_says_so_and_comes_alive_once_another_is_closed()
    {
        await using var visit = await Browser.VisitAsync(_app, Look.Light);
        await visit.OpenAsync("/campaigns");
        var second = await visit.Page.Context.NewPageAsync();
        await second.GotoAsync("/campaigns");
        await second.WaitForSelectorAsync("[data-live]");

        var third = await visit.Page.Context.NewPageAsync();
        await third.GotoAsync("/campaigns");
        await Expect(third.GetByRole(AriaRole.Heading, new() { Name = "You have too many pages open" })).ToBeVisibleAsync();
        await Expect(third.GetByRole(AriaRole.Heading, new() { Name = "Campaigns" })).ToHaveCountAsync(0);

        await second.GotoAsync("about:blank");
        await Eventually.TrueAsync(async () =>
        {
            await third.GetByRole(AriaRole.Link, new() { Name = "Load again" }).ClickAsync();
            await third.WaitForSelectorAsync("[data-live]");
            return await third.GetByRole(AriaRole.Heading, new() { Name = "Campaigns" }).CountAsync() == 1;
        });
    }
}
