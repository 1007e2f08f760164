using System.Text;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using ScoreTracking.Counters;
using ScoreTracking.Events;
using ScoreTracking.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace ScoreTracking.Tests.Reports;

/// <summary>The report of a tested campaign on every screen and on paper.</summary>
public sealed class ReportScreensTests : IAsyncLifetime
{
    private readonly TestApp _app = new();

    public ValueTask InitializeAsync()
    {
        _app.Clock.Set(Some.Noon.AddHours(3));
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Theory, InlineData("light"), InlineData("dark"), InlineData("phone")]
    public async Task A_tested_campaign_shows_every_section_on_every_screen(string look)
    {
        var campaign = await _app.GivenTestedAsync();
        await using var visit = await Browser.VisitAsync(_app, Look.All.Single(one => one.Name == look));

        await visit.OpenAsync($"/campaigns/cmp_{campaign}");
        await Expect(visit.Page.GetByText("Winner: Five trails · content c2.")).ToBeVisibleAsync();
        await visit.PhotographAsync("report");

        var headings = await visit.Page.GetByRole(AriaRole.Heading, new() { Level = 2 }).AllInnerTextsAsync();
        Assert.Equal(["Over time", "Variants", "Heatmap", "Links", "Places", "Clients and devices", "Mailbox providers", "Recipients", "Activity"], headings.Where(heading => heading != "Keys"));
        await Expect(visit.Page.GetByRole(AriaRole.Rowheader, new() { Name = "s2.c2 Winner" })).ToBeVisibleAsync();
        Assert.False(await visit.IsWiderThanScreenAsync());
        Assert.Empty(visit.Errors);
    }

    [Fact]
    public async Task On_paper_the_report_says_how_it_was_counted_and_has_no_controls()
    {
        var campaign = await _app.GivenTestedAsync();
        await using var visit = await Browser.VisitAsync(_app, new Look("print", 720, 1000, ColorScheme.Light));
        await visit.OpenAsync($"/campaigns/cmp_{campaign}?opens=confirmed");

        await visit.Page.EmulateMediaAsync(new() { Media = Media.Print });
        await visit.PhotographAsync("report");

        await Expect(visit.Page.GetByText("Confirmed opens, rates of sent")).ToBeVisibleAsync();
        await Expect(visit.Page.Locator(".switch:visible, .button:visible, .sidebar:visible")).ToHaveCountAsync(0);
        await Expect(visit.Figure("Opened")).ToBeVisibleAsync();
        Assert.False(await visit.IsWiderThanScreenAsync());

        // Chromium writes one /Type /Page for each sheet.
        var sheets = await visit.Page.PdfAsync(new() { Format = "A4", Path = visit.PictureOf("report").Replace(".png", ".pdf", StringComparison.Ordinal) });
        Assert.InRange(Regex.Count(Encoding.Latin1.GetString(sheets), "/Type /Page\\b"), 1, 3);
    }

    [Fact]
    public async Task Variants_are_compared_by_the_metric_chosen()
    {
        var campaign = await _app.GivenTestedAsync();
        await using var visit = await Browser.VisitAsync(_app, Look.Light);
        await visit.OpenAsync($"/campaigns/cmp_{campaign}");
        await Expect(visit.Page.Locator("section:has(#variants) tbody tr").Filter(new() { HasText = "s2.c2" }).First).ToContainTextAsync("10.0%");

        await visit.ChooseAsync("Open rate", "section:has(#variants)");

        await Expect(visit.Page.GetByText("No winner yet.")).ToBeVisibleAsync();
        await Expect(visit.Page).ToHaveURLAsync($"{_app.ClientOptions.BaseAddress}campaigns/cmp_{campaign}?metric=open_rate");
    }

    [Fact]
    public async Task A_test_without_a_winner_says_everything_that_is_missing()
    {
        var campaign = await GivenTest.GoldenAsync(_app);
        await campaign.CountAsync(Dimension.Summary, "", EventType.Sent, VerdictGroup.None, 6120, 6120);
        await using var visit = await Browser.VisitAsync(_app, Look.Light);
        await visit.OpenAsync($"/campaigns/cmp_{campaign.Id}");

        await visit.Page.GetByText("What a winner needs: 3 of 4").ClickAsync();

        var checks = await visit.Page.Locator(".winner-checks li").AllInnerTextsAsync();
        Assert.Equal(
            [
                "✓ Met: Recipients are split as the weights say (p = 1.00).",
                "✓ Met: Every variant needs 100 messages; the smallest has 1,000.",
                "✗ Not met: s2.h1 leads with a probability of 68.4%; 95.0% are needed.",
                "✓ Met: Choosing s2.h1 could still cost 0.36 percentage points on average; 0.48 are allowed.",
            ],
            checks.Select(check => string.Join(' ', check.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))));
        await Expect(visit.Page.Locator("section:has(#variants) tbody tr").First).ToContainTextAsync("pp");
    }
}
