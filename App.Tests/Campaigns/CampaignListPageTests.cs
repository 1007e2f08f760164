using Microsoft.Playwright;
using ScoreTracking.Events;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Campaigns;

public sealed class CampaignListPageTests : IAsyncLifetime
{
    private readonly TestApp _app = new();

    public ValueTask InitializeAsync()
    {
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Fact]
    public async Task The_list_searches_filters_pages_and_moves_with_events()
    {
        for (var i = 1; i <= 30; i++)
        {
            await _app.GivenDraftAsync(CampaignApi.Campaign($"Letter {i:00}"));
            _app.Clock.Advance(TimeSpan.FromMinutes(1));
        }

        var running = await _app.GivenCampaignAsync();
        var messages = new[] { await _app.GivenMessageAsync(running), await _app.GivenMessageAsync(running) };
        await using var visit = await Browser.VisitAsync(_app, Look.Light);
        var page = visit.Page;
        await visit.OpenAsync("/campaigns");
        var rows = page.Locator("tbody tr");
        await Expect(rows).ToHaveCountAsync(25);
        await Expect(rows.First).ToContainTextAsync("Spring sale");

        await _app.StoreAsync([.. messages.Select(message => Some.Event(message, EventType.Sent))]);
        await Expect(rows.First.Locator("td").Nth(3)).ToHaveTextAsync("2");

        await page.ClickAsync("text=Next");
        await Expect(rows).ToHaveCountAsync(6);
        await Expect(rows.Last).ToContainTextAsync("Letter 01");
        await page.ClickAsync("text=Previous");
        await Expect(rows.First).ToContainTextAsync("Spring sale");
        await Expect(page.Locator(".pager [aria-disabled]")).ToHaveTextAsync("Previous");

        await page.ClickAsync("text=Next");
        await page.ClickAsync("a.sort");
        await Expect(rows.First).ToContainTextAsync("Letter 01");
        await page.FillAsync("[data-search]", "letter 2");
        await Expect(rows).ToHaveCountAsync(10);
        await page.Locator(".switch").GetByText("Running").ClickAsync();
        await Expect(page.Locator(".empty-title")).ToHaveTextAsync("No campaign matches");
        await page.GoBackAsync();
        await Expect(rows).ToHaveCountAsync(10);
        Assert.Empty(visit.Errors);
    }

    [Fact]
    public async Task A_viewer_sees_the_list_and_nothing_that_changes_a_campaign()
    {
        var id = await _app.GivenDraftAsync();
        await _app.SqlAsync("UPDATE users SET role = 'viewer'");
        using var viewer = await Visitor.SignedInAsync(_app);

        var list = await viewer.Client.GetStringAsync("/campaigns");
        var statuses = new List<System.Net.HttpStatusCode>();
        foreach (var path in new[] { "/campaigns/new", $"/campaigns/{id}/edit", $"/campaigns/{id}/recipients", "/previews/x", $"/campaigns/{id}/imports/job_1/errors.csv" })
        {
            statuses.Add(await viewer.StatusAsync(path));
        }

        Assert.Contains("Spring sale", list, StringComparison.Ordinal);
        Assert.DoesNotContain("New campaign", list, StringComparison.Ordinal);
        Assert.All(statuses, status => Assert.Equal(System.Net.HttpStatusCode.Forbidden, status));
    }

    private static ILocatorAssertions Expect(ILocator locator) => Assertions.Expect(locator);
}
