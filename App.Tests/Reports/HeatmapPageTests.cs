using Microsoft.Playwright;
using ScoreTracking.Counters;
using ScoreTracking.Events;
using ScoreTracking.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace ScoreTracking.Tests.Reports;

/// <summary>The heatmap on the report page.</summary>
public sealed class HeatmapPageTests : IAsyncLifetime
{
    private readonly TestApp _app = new();

    public ValueTask InitializeAsync()
    {
        _app.Clock.Set(Some.Noon.AddHours(3));
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Theory, InlineData("light"), InlineData("dark"), InlineData("phone")]
    public async Task A_heatmap_is_a_table_with_margins_on_every_screen(string look)
    {
        var campaign = await GivenTest.GoldenAsync(_app);
        await SentAsync(campaign);
        await using var visit = await Browser.VisitAsync(_app, Look.All.Single(one => one.Name == look));

        await visit.OpenAsync($"/campaigns/cmp_{campaign.Id}");
        var table = visit.Page.GetByRole(AriaRole.Table, new() { Name = "Click rate by subject and content" });
        await Expect(table.GetByRole(AriaRole.Rowheader)).ToHaveTextAsync(["s1Words of s1", "s2Words of s2", "s3Words of s3", "All"]);
        await Expect(table.GetByRole(AriaRole.Columnheader)).ToHaveTextAsync(["h1", "h2", "All"]);
        await PhotographAsync(visit, "heatmap");

        await Expect(Cells(table, 1)).ToHaveTextAsync(["24.0%n 1,000best 68.4%", "22.8%n 1,000best 23.5%", "23.4%n 2,000best 97.3%"]);
        await Expect(Cells(table, 3)).ToHaveTextAsync(["21.3%n 3,000best 41.3%", "21.6%n 3,000best 58.7%", "21.5%n 6,000"]);
        await Expect(table.Locator(".heat-thin")).ToHaveCountAsync(0);
        Assert.Equal(0, await table.Locator("[style]").CountAsync());
        Assert.False(await visit.IsWiderThanScreenAsync());
        Assert.Empty(visit.Errors);
    }

    [Fact]
    public async Task Axes_and_the_level_kept_to_are_chosen_and_stand_in_the_address()
    {
        var campaign = await GivenTest.FactorialAsync(_app, [("subject", 2), ("html", 2), ("preheader", 3)]);
        for (var i = 0; i < 12; i++)
        {
            await campaign.CountVariantAsync(i, EventType.Sent, VerdictGroup.None, i % 3 == 2 ? 30 : 1000);
            await campaign.CountVariantAsync(i, EventType.Clicked, VerdictGroup.Person, 10 + i);
        }

        await SentAsync(campaign);
        await using var visit = await Browser.VisitAsync(_app, Look.Light);
        var address = $"{_app.ClientOptions.BaseAddress}campaigns/cmp_{campaign.Id}";
        await visit.OpenAsync(address);
        await Expect(visit.Page.Locator(".heatmap .heat-corner")).ToContainTextAsync("Content");

        await visit.Page.GetByRole(AriaRole.Navigation, new() { Name = "Columns of the heatmap" }).GetByText("Preheader").ClickAsync();
        await Expect(visit.Page.Locator(".heatmap thead th")).ToHaveCountAsync(4);
        await Expect(visit.Page).ToHaveURLAsync($"{address}?cols=preheader");
        await visit.Page.GetByRole(AriaRole.Navigation, new() { Name = "Content of the heatmap" }).GetByText("h2").ClickAsync();
        await Expect(visit.Page).ToHaveURLAsync($"{address}?cols=preheader&html=h2");
        await Expect(visit.Page.Locator(".heatmap .heat").First).ToContainTextAsync("1.3%n 1,000");
        await Expect(visit.Page.Locator(".heatmap tbody .heat-thin:not(.heat-margin)")).ToHaveCountAsync(2);
        await Expect(visit.Page.GetByText("fewer than 50 messages")).ToBeVisibleAsync();
        await PhotographAsync(visit, "heatmap-three-factors");

        await visit.Page.GotoAsync($"{address}?rows=preheader&cols=preheader&html=nonsense&subject=s2");
        await Expect(visit.Page.Locator(".heatmap .heat-corner")).ToContainTextAsync("Preheader");
        await Expect(visit.Page.Locator(".heatmap tbody tr")).ToHaveCountAsync(3);
        Assert.Empty(visit.Errors);
    }

    [Fact]
    public async Task Fifty_variants_without_messages_fit_a_phone_and_a_hostile_subject_is_only_text()
    {
        var test = """{"factors":[{"field":"subject","levels":[""" + string.Join(',', Enumerable.Range(1, 50).Select(i =>
            $$"""{"key":"s{{i}}","value":"<script>window.__xss=1</script><img src=x onerror=window.__xss=1>"}""")) + "]}]}";
        var campaign = await CountedCampaign.InsertAsync(_app, test, [.. Enumerable.Range(1, 50).Select(i => ($"s{i}", $$"""{"subject":"s{{i}}"}""", 0.02, 1L))]);
        await SentAsync(campaign);
        await using var visit = await Browser.VisitAsync(_app, Look.Phone);

        await visit.OpenAsync($"/campaigns/cmp_{campaign.Id}");

        await Expect(visit.Page.Locator(".heatmap tbody tr")).ToHaveCountAsync(50);
        await Expect(visit.Page.GetByText("Nothing was sent yet, so there is nothing to compare.")).ToBeVisibleAsync();
        await Expect(visit.Page.Locator(".heatmap .heat").First).ToContainTextAsync("best 2.0%");
        Assert.False(await visit.IsWiderThanScreenAsync());
        Assert.False(await visit.Page.EvaluateAsync<bool>("() => '__xss' in window"));
        Assert.Empty(visit.Errors);
    }

    private static ILocator Cells(ILocator table, int row) => table.Locator("tr:not(thead tr)").Nth(row).Locator("td");

    private static async Task PhotographAsync(Visit visit, string name)
    {
        await visit.Page.Locator("section:has(#heatmap)").ScreenshotAsync(new() { Path = visit.PictureOf(name) });
    }

    // A report needs something that happened.
    private static Task SentAsync(CountedCampaign campaign) => campaign.CountAsync(Dimension.Summary, "", EventType.Sent, VerdictGroup.None, 6120, 6120);
}
