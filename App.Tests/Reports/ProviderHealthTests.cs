using Microsoft.EntityFrameworkCore;
using Microsoft.Playwright;
using ScoreTracking.Events;
using ScoreTracking.Tests.Campaigns;
using ScoreTracking.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace ScoreTracking.Tests.Reports;

public sealed class ProviderHealthTests
{
    private const string Path = "/api/v1/reports/providers";

    [Fact]
    public async Task Providers_are_judged_over_all_campaigns_that_started_in_the_period()
    {
        await using var app = new TestApp();
        await GivenTroubleAsync(app);
        await SentAsync(app, "gmail.com", 200, complaints: 50, daysAgo: 31);

        var rows = (await app.GetAsync(Path)).AsArray();
        var longer = (await app.GetAsync($"{Path}?days=40")).AsArray();

        Assert.Equal(["Gmail", "Yahoo", "Other"], rows.Select(row => (string)row!["provider"]!));
        Assert.Equal((400, "act", "usual"), ((int)rows[0]!["sent"]!, (string)rows[0]!["complaint_level"]!, (string)rows[0]!["hard_bounce_level"]!));
        Assert.Equal("""{"numerator":2,"denominator":400,"rate":0.005}""", rows[0]!["complaints"]!.ToJsonString());
        Assert.Equal(("usual", "act", 6), ((string)rows[1]!["complaint_level"]!, (string)rows[1]!["hard_bounce_level"]!, (int)rows[1]!["hard_bounces"]!["numerator"]!));
        Assert.Equal(("usual", "usual"), ((string)rows[2]!["complaint_level"]!, (string)rows[2]!["hard_bounce_level"]!));
        Assert.Equal(600, (int)longer[0]!["sent"]!);
        Assert.Empty(app.Verify());
    }

    [Theory, InlineData("0"), InlineData("366"), InlineData("many"), InlineData("-1")]
    public async Task A_period_of_nonsense_is_refused(string days)
    {
        await using var app = new TestApp();

        var problem = await app.RefusedAsync(HttpMethod.Get, $"{Path}?days={days}", null, 422);

        Assert.NotNull(problem["errors"]!["days"]);
    }

    [Theory, InlineData("light"), InlineData("dark"), InlineData("phone")]
    public async Task The_page_fits_every_screen_and_says_what_to_do(string look)
    {
        await using var app = new TestApp();
        await using var visit = await Browser.VisitAsync(app, Look.All.Single(one => one.Name == look));
        await visit.OpenAsync("/deliverability");
        await Expect(visit.Page.GetByText("Nothing was sent in this time")).ToBeVisibleAsync();
        await visit.PhotographAsync("deliverability-empty");
        var findings = new List<string>(await Axe.FindingsAsync(visit));

        await GivenTroubleAsync(app);
        await Expect(visit.Page.GetByRole(AriaRole.Row, new() { Name = "Gmail" })).ToContainTextAsync("0.50%");
        await Expect(visit.Page.GetByText("0.50% of the messages to Gmail were reported as spam")).ToBeVisibleAsync();
        await visit.OpenAsync("/deliverability?days=7");
        await Expect(visit.Page.GetByRole(AriaRole.Row, new() { Name = "Yahoo" })).ToContainTextAsync("act");
        await visit.PhotographAsync("deliverability");

        Assert.False(await visit.IsWiderThanScreenAsync());
        Assert.Empty(findings.Concat(await Axe.FindingsAsync(visit)));
        Assert.Empty(visit.Errors);
    }

    private static async Task GivenTroubleAsync(TestApp app)
    {
        await SentAsync(app, "gmail.com", 250, complaints: 1, daysAgo: 1);
        await SentAsync(app, "gmail.com", 150, complaints: 1, daysAgo: 3);
        await SentAsync(app, "yahoo.com", 110, hard: 6, daysAgo: 2);
        await SentAsync(app, "acme.example", 20, complaints: 5, hard: 5, daysAgo: 2);
    }

    private static async Task SentAsync(TestApp app, string domain, int count, int complaints = 0, int hard = 0, int daysAgo = 0)
    {
        var campaign = await app.GivenCampaignAsync();
        var started = app.Clock.GetUtcNow().AddDays(-daysAgo).ToUnixTimeMilliseconds();
        await using (var db = app.Database())
        {
            await db.Campaigns.Where(c => c.Id == campaign).ExecuteUpdateAsync(set => set.SetProperty(c => c.StartedAt, started));
        }

        var messages = new List<long>();
        for (var i = 0; i < count; i++)
        {
            messages.Add(await app.GivenMessageAsync(campaign, domain: domain));
        }

        await app.StoreAsync(
        [
            .. messages.Select(message => Some.Event(message, EventType.Sent)),
            .. messages.Take(complaints).Select(message => Some.Event(message, EventType.Complained, TimeSpan.FromMinutes(5))),
            .. messages.TakeLast(hard).Select(message => Some.Event(message, EventType.Bounced, TimeSpan.FromMinutes(1), bounce: BounceKind.Hard)),
        ]);
    }
}
