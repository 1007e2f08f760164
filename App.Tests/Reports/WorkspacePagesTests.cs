using System.Net;
using Microsoft.EntityFrameworkCore;
using Microsoft.Playwright;
using ScoreTracking.Counters;
using ScoreTracking.Events;
using ScoreTracking.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace ScoreTracking.Tests.Reports;

/// <summary>The overview and the comparison as a viewer has them open.</summary>
public sealed class WorkspacePagesTests : IAsyncLifetime
{
    private readonly TestApp _app = new();

    public ValueTask InitializeAsync()
    {
        _app.Clock.Set(Some.Noon.AddHours(3));
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Fact]
    public async Task The_start_page_says_what_to_do_first_and_then_moves_with_events()
    {
        await using var visit = await Browser.VisitAsync(_app, Look.Light);
        await visit.OpenAsync("/");
        await Expect(visit.Page.GetByRole(AriaRole.Heading, new() { Name = "Create your first campaign" })).ToBeVisibleAsync();

        var campaign = await _app.GivenCampaignAsync();
        var messages = await _app.GivenSentAsync(campaign, 4);
        await Expect(visit.Figure("Sent")).ToHaveTextAsync("4");
        await _app.StoreAsync(Some.Event(messages[0], EventType.Opened, TimeSpan.FromHours(1), source: EventSource.Tracking));

        await Expect(visit.Figure("Opened")).ToHaveTextAsync("1");
        await Expect(visit.Tile("Opened")).ToContainTextAsync("25.0%");
        await Expect(visit.Page.GetByRole(AriaRole.Row).Filter(new() { HasText = "Spring sale" })).ToContainTextAsync("Running");
        await visit.ChooseAsync("7 days");
        await Expect(visit.Page).ToHaveURLAsync($"{_app.ClientOptions.BaseAddress}?days=7");
        await Expect(visit.Page.Locator("[data-chart]")).ToHaveAttributeAsync("data-steps", $"{(6 * 24) + 16}");
        Assert.Empty(visit.Errors);
    }

    [Theory, InlineData("light"), InlineData("dark"), InlineData("phone")]
    public async Task The_overview_fits_every_screen_with_its_troubles_on_top(string look)
    {
        await _app.GivenTestedAsync();
        var hated = await _app.GivenTestedAsync();
        await using (var db = _app.Database())
        {
            db.Counters.Add(new() { CampaignId = hated, Dimension = Dimension.Summary.Name, Key = "", Type = EventType.Complained, Verdict = VerdictGroup.None, Total = 20, Unique = 20 });
            await db.Campaigns.ExecuteUpdateAsync(set => set.SetProperty(one => one.CreatedAt, _app.Clock.GetUtcNow()), TestContext.Current.CancellationToken);
            await db.SaveChangesAsync(TestContext.Current.CancellationToken);
        }

        await using var visit = await Browser.VisitAsync(_app, Look.All.Single(one => one.Name == look));
        await visit.OpenAsync("/");
        await Expect(visit.Page.Locator(".trouble li")).ToContainTextAsync(
            ["Complaints: 0.25% (20 of 8,000) over all campaigns of the last 28 days. Gmail", "Complaints: 0.50% (20 of 4,000) in Spring sale. At 0.3%"]);
        await visit.PhotographAsync("overview");

        Assert.False(await visit.IsWiderThanScreenAsync());
        Assert.Empty(visit.Errors);
    }

    [Fact]
    public async Task Campaigns_marked_in_the_list_are_compared_and_left_out_again()
    {
        var ids = new List<long>();
        for (var i = 0; i < 3; i++)
        {
            ids.Add(await _app.GivenCampaignAsync());
            await _app.GivenSentAsync(ids[^1], 2);
        }

        await using var visit = await Browser.VisitAsync(_app, Look.Light);
        var page = visit.Page;
        await visit.OpenAsync("/campaigns");
        var marks = page.GetByRole(AriaRole.Checkbox, new() { Name = "Compare Spring sale" });
        await marks.Nth(0).CheckAsync();
        await Expect(page.GetByText("Choose one more to compare")).ToBeVisibleAsync();
        await marks.Nth(1).CheckAsync();
        await marks.Nth(2).CheckAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Compare 3 campaigns" }).ClickAsync();

        await Expect(page.Locator(".compare tbody tr")).ToHaveCountAsync(3);
        await Expect(page).ToHaveURLAsync($"{_app.ClientOptions.BaseAddress}reports/compare?ids={string.Join(',', ids.Select(id => $"cmp_{id}"))}");
        await page.Locator(".leave-out").First.ClickAsync();
        await Expect(page.Locator(".compare tbody tr")).ToHaveCountAsync(2);
        await Expect(page.Locator(".leave-out")).ToHaveCountAsync(0);
        await page.GoBackAsync();
        await Expect(page.Locator(".compare tbody tr")).ToHaveCountAsync(3);
        Assert.Empty(visit.Errors);
    }

    [Theory, InlineData("light"), InlineData("dark"), InlineData("phone")]
    public async Task A_comparison_fits_every_screen(string look)
    {
        var first = await _app.GivenTestedAsync();
        var second = await _app.GivenTestedAsync();
        var third = await _app.GivenCampaignAsync();
        await using var visit = await Browser.VisitAsync(_app, Look.All.Single(one => one.Name == look));

        await visit.OpenAsync($"/reports/compare?ids=cmp_{first},cmp_{second},cmp_{third}");
        await Expect(visit.Page.Locator(".compare tbody tr")).ToHaveCountAsync(3);
        await visit.PhotographAsync("compare");

        await Expect(visit.Page.Locator(".best-mark")).ToHaveCountAsync(0);
        Assert.False(await visit.IsWiderThanScreenAsync());
        Assert.Empty(visit.Errors);
    }

    [Theory, InlineData("/reports/compare"), InlineData("/reports/compare?ids=cmp_1"), InlineData("/reports/compare?ids=nonsense,cmp_0"), InlineData("/reports/compare?ids=cmp_99998,cmp_99999")]
    public async Task A_comparison_of_nothing_is_a_page_that_says_so(string address)
    {
        using var visitor = await Visitor.SignedInAsync(_app);

        using var answer = await visitor.Client.GetAsync(address, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var page = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(page.Contains("Choose what to compare", StringComparison.Ordinal) || page.Contains("does not exist or was deleted", StringComparison.Ordinal));
    }
}
