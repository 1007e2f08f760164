using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using ScoreTracking.Campaigns;
using ScoreTracking.Events;
using ScoreTracking.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace ScoreTracking.Tests.Campaigns;

public sealed class TestPhasePageTests : IAsyncLifetime
{
    private readonly TestApp _app = new();

    public ValueTask InitializeAsync()
    {
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Fact]
    public async Task A_test_is_written_runs_and_a_person_says_who_won()
    {
        await using var visit = await Browser.VisitAsync(_app, Look.Light);
        var page = visit.Page;
        var id = await _app.GivenDraftAsync(CampaignApi.Tested());
        await _app.PostAsync($"/api/v1/campaigns/{id}/recipients", CampaignApi.Recipients(Enumerable.Range(0, 600).Select(CampaignApi.Recipient)));
        await visit.OpenAsync($"/campaigns/{id}/edit");
        await page.FillAsync("#sample", "0");
        await page.DispatchEventAsync("#sample", "change");
        await page.ClickAsync("text=Save draft");
        await Expect(page.Locator("#sample-error")).ToHaveTextAsync("must be 1 to 100");
        await page.FillAsync("#sample", "50");
        await page.DispatchEventAsync("#sample", "change");
        await page.FillAsync("#after", "6");
        await page.DispatchEventAsync("#after", "change");
        await page.ClickAsync("text=Save and go to recipients");
        await page.WaitForURLAsync("**/recipients");

        await _app.PostAsync($"/api/v1/campaigns/{id}/actions/send");
        await Expect(page.Locator("[data-test-phase=testing]")).ToContainTextAsync("Testing on 50% of the recipients. 6 h 0 min left");
        await Expect(page.Locator("[data-test-phase=testing]")).ToContainTextAsync("300 recipients wait for the winner you choose then.");
        _app.Clock.Advance(TimeSpan.FromHours(6));
        await _app.Services.GetRequiredService<TestPhases>().LookAsync(TestContext.Current.CancellationToken);
        await Expect(page.Locator("[data-test-phase=undecided]")).ToContainTextAsync("300 recipients wait until you choose one.");
        Assert.Empty(await Axe.FindingsAsync(visit));

        await page.ClickAsync("[aria-controls=choose-winner]");
        await page.SelectOptionAsync("#winner", "s2.c1");
        await page.ClickAsync("#choose-winner .button-primary");
        await Expect(page.Locator("[data-test-phase=decided]")).ToContainTextAsync("s2.c1 goes to everybody else. Chosen by hand");
        await _app.Services.GetRequiredService<TestPhases>().LookAsync(TestContext.Current.CancellationToken);
        await Expect(page.Locator(".page-title-row .badge")).ToHaveTextAsync("Running");
        await Expect(page.GetByRole(AriaRole.Rowheader, new() { Name = "s2.c1 Winner" }).Locator("xpath=..")).ToContainTextAsync("350");
        await Expect(page.Locator("[aria-controls=choose-winner]")).ToHaveCountAsync(0);
        Assert.Empty(visit.Errors);
    }

    [Theory, InlineData("light"), InlineData("dark"), InlineData("phone")]
    public async Task A_test_that_waits_for_a_person_says_so_on_every_screen(string look)
    {
        var campaign = CampaignApi.Tested();
        campaign["ab_test"]!["sample_percent"] = 30;
        var id = await _app.GivenDraftAsync(campaign);
        await using var visit = await Browser.VisitAsync(_app, Look.All.Single(one => one.Name == look));
        await visit.OpenAsync($"/campaigns/{id}/edit");
        await visit.PhotographAsync("test-editor");
        await _app.PostAsync($"/api/v1/campaigns/{id}/recipients", CampaignApi.Recipients(Enumerable.Range(0, 600).Select(CampaignApi.Recipient)));
        await _app.PostAsync($"/api/v1/campaigns/{id}/actions/send");
        await using var db = _app.Database();
        var messages = db.MessageStates.Where(state => state.Variant >= 0).Select(state => state.MessageId).ToList();
        await _app.StoreAsync([.. messages.Select(message => Some.Event(message, EventType.Sent))]);
        await _app.StoreAsync([.. messages.Take(40).Select(message => Some.Event(message, EventType.Clicked, TimeSpan.FromMinutes(9), source: EventSource.Tracking))]);
        _app.Clock.Advance(TimeSpan.FromHours(4));
        await _app.Services.GetRequiredService<TestPhases>().LookAsync(TestContext.Current.CancellationToken);

        await visit.OpenAsync($"/campaigns/{id}/recipients");
        await Expect(visit.Page.Locator("[data-test-phase=undecided]")).ToBeVisibleAsync();
        await visit.PhotographAsync("test-phase");
        Assert.False(await visit.IsWiderThanScreenAsync());
        await visit.OpenAsync($"/campaigns/{id}");
        await Expect(visit.Page.GetByRole(AriaRole.Link, new() { Name = "Choose the winner" })).ToBeVisibleAsync();
        await visit.PhotographAsync("test-report");
        Assert.False(await visit.IsWiderThanScreenAsync());
        await visit.OpenAsync("/campaigns");
        await Expect(visit.Page.Locator("tbody .badge:visible").Last).ToHaveTextAsync("Needs you");
        Assert.False(await visit.IsWiderThanScreenAsync());
        Assert.Empty(visit.Errors);
    }

    [Fact]
    public async Task The_draft_for_those_who_did_not_open_is_made_on_the_campaigns_page()
    {
        await using var visit = await Browser.VisitAsync(_app, Look.Light);
        var page = visit.Page;
        var id = await _app.GivenDraftAsync();
        await _app.BatchAsync(id, Enumerable.Range(0, 3).Select(CampaignApi.Recipient));
        await visit.OpenAsync($"/campaigns/{id}/recipients");

        await page.ClickAsync("[aria-controls=resend]");
        await page.FillAsync("#resend-hours", "9999");
        await page.ClickAsync("#resend .button-primary");
        await Expect(page.Locator("#resend-hours-error")).ToHaveTextAsync("must be 1 to 720");
        await page.FillAsync("#resend-hours", "24");
        await page.FillAsync("#resend-subject", "Once more");
        await page.ClickAsync("#resend .button-primary");

        await page.WaitForURLAsync("**/campaigns/cmp_2/recipients");
        await Expect(page.Locator("h1")).ToHaveTextAsync("Spring sale (resend)");
        Assert.Equal("Once more", (string)(await _app.GetAsync("/api/v1/campaigns/cmp_2"))["content"]!["subject"]!);
        Assert.Empty(visit.Errors);
    }
}
