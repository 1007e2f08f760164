using Microsoft.Playwright;
using ScoreTracking.Events;
using ScoreTracking.Tests.Campaigns;
using ScoreTracking.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace ScoreTracking.Tests.Reports;

/// <summary>A verdict corrected where it is read.</summary>
public sealed class ReclassificationPageTests : IAsyncLifetime
{
    private readonly TestApp _app = new();

    public ValueTask InitializeAsync()
    {
        _app.Clock.Set(Some.Noon.AddHours(1));
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Fact]
    public async Task A_scanners_click_becomes_a_persons_and_the_figures_follow_and_the_rules_get_it_back()
    {
        var campaign = await GivenAsync();
        await using var visit = await Browser.VisitAsync(_app, Look.Light);
        await visit.OpenAsync($"/campaigns/cmp_{campaign}");
        var row = visit.Page.GetByRole(AriaRole.Region, new() { Name = "Activity", Exact = true }).Locator("tbody tr").Filter(new() { HasText = "Clicked" });
        await Expect(row).ToContainTextAsync("a scanner by name");

        await row.GetByRole(AriaRole.Combobox).SelectOptionAsync("human");

        await Expect(row).ToContainTextAsync("set by hand");
        await Expect(visit.Page.GetByText("Verdict saved")).ToBeVisibleAsync();
        Assert.Equal((1, 1), await _app.CountAsync(campaign, EventType.Clicked, VerdictGroup.Person));
        await visit.PhotographAsync("activity-by-hand");

        await row.GetByRole(AriaRole.Combobox).SelectOptionAsync("auto");

        await Expect(row).Not.ToContainTextAsync("set by hand");
        Assert.Equal((0, 0), await _app.CountAsync(campaign, EventType.Clicked, VerdictGroup.Person));
        Assert.Empty(visit.Errors);
        Assert.Empty(_app.Verify());
    }

    [Theory, InlineData("dark"), InlineData("phone")]
    public async Task It_fits_every_screen_and_only_hits_can_be_corrected(string look)
    {
        var campaign = await GivenAsync();
        await using var visit = await Browser.VisitAsync(_app, Look.All.Single(one => one.Name == look));
        await visit.OpenAsync($"/campaigns/cmp_{campaign}");

        await Expect(visit.Page.Locator(".activity tbody tr")).ToHaveCountAsync(3);
        await Expect(visit.Page.Locator(".verdict-choice")).ToHaveCountAsync(2);
        await visit.PhotographAsync("activity-by-hand");
        Assert.False(await visit.IsWiderThanScreenAsync());
    }

    [Fact]
    public async Task A_viewer_reads_verdicts_and_changes_none()
    {
        var campaign = await GivenAsync();
        await _app.SqlAsync("UPDATE users SET role = 'viewer'");
        using var viewer = await Visitor.SignedInAsync(_app);

        var page = await viewer.Client.GetStringAsync($"/campaigns/cmp_{campaign}");

        Assert.Contains("a scanner by name", page, StringComparison.Ordinal);
        Assert.DoesNotContain("verdict-choice", page, StringComparison.Ordinal);
    }

    private async Task<long> GivenAsync()
    {
        var campaign = await _app.GivenCampaignAsync();
        var (message, link) = (await _app.GivenMessageAsync(campaign), await _app.GivenLinkAsync(campaign));
        await _app.StoreAsync(
            Some.Event(message, EventType.Delivered),
            Some.Event(message, EventType.Opened, TimeSpan.FromMinutes(10)),
            Some.Event(message, EventType.Clicked, TimeSpan.FromMinutes(20), linkId: link, userAgent: Some.Scanner));
        return campaign;
    }
}
