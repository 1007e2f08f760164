using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using ScoreTracking.Hooks;
using ScoreTracking.Tests.Campaigns;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Journeys;

/// <summary>Looking at journeys and the people on them, in a browser.</summary>
public sealed class JourneyPageTests : IAsyncLifetime
{
    // Only the test moves the clock, so nothing that happens would ever settle.
    private readonly TestApp _app = new(new Dictionary<string, string> { ["Journeys:SettleFor"] = "00:00:00" });

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Fact]
    public async Task A_published_journey_is_changed_beside_the_one_people_are_on()
    {
        var id = await _app.GivenReminderAsync(await _app.GivenDraftAsync(), await _app.GivenDraftAsync());
        await _app.PostAsync($"/api/v1/journeys/{id}/actions/publish");
        await _app.GivenWalkerAsync(id, 1);
        await using var visit = await Browser.VisitAsync(_app, Look.Light);
        var page = visit.Page;
        await visit.OpenAsync($"/journeys/{id}");
        await Expect(page.Locator(".plus")).ToHaveCountAsync(0);
        await page.Locator("#box-click").ClickAsync();
        await Expect(page.Locator(".panel-facts")).ToContainTextAsync("Standing here");
        await Expect(page.Locator("tbody tr")).ToHaveCountAsync(1);
        await page.Locator("#box-thank").ClickAsync();
        await Expect(page.Locator(".empty-title")).ToHaveTextAsync("Nobody stands like that");

        await page.ClickAsync(".switch a:text-is('Draft')");
        await Expect(page.Locator(".plus").First).ToBeVisibleAsync();
        await page.Locator("#box-thank").FocusAsync();
        await page.Keyboard.PressAsync("Delete");
        await Expect(page.Locator(".switch a[aria-current]").First).ToHaveTextAsync("Draft · changed");
        await page.ClickAsync("[data-dialog=confirm-publish]");
        await Expect(page.Locator("#confirm-publish")).ToContainTextAsync("1 person on the way finish");
        await page.ClickAsync("#confirm-publish .button-primary");

        await Expect(page.Locator(".switch a", new() { HasTextString = "Version 1 · 1 on it" })).ToBeVisibleAsync();
        await Expect(page.Locator("#box-thank")).ToHaveCountAsync(0);
        await page.ClickAsync(".switch a:text-is('Version 1 · 1 on it')");
        await Expect(page.Locator("#box-thank")).ToBeVisibleAsync();

        await page.ClickAsync("[data-dialog=confirm-pause]");
        await page.ClickAsync("#confirm-pause .button-primary");
        await Expect(page.Locator(".page-title-row .badge")).ToHaveTextAsync("Paused");
        await page.ClickAsync("button:text-is('Resume')");
        await Expect(page.Locator(".page-title-row .badge")).ToHaveTextAsync("Published");
        await page.ClickAsync("[data-dialog=confirm-archive]");
        await page.ClickAsync("#confirm-archive .button-danger");
        await Expect(page.Locator(".page-title-row .badge")).ToHaveTextAsync("Archived");
        await Expect(page.Locator("tbody")).ToContainTextAsync("The journey was archived");
        Assert.Empty(visit.Errors);
    }

    [Fact]
    public async Task A_failure_is_told_with_its_reason_and_tried_again()
    {
        var first = await _app.GivenDraftAsync();
        var id = await _app.GivenReminderAsync(first, await _app.GivenDraftAsync());
        await _app.PostAsync($"/api/v1/journeys/{id}/actions/publish");
        await _app.GivenWalkerAsync(id, 1);
        await _app.SqlAsync("UPDATE enrollments SET status = 4, due_at = 0, ended_because = 'The <b>server</b> said no.'");
        await using var visit = await Browser.VisitAsync(_app, Look.Light);
        var page = visit.Page;
        await visit.OpenAsync($"/journeys/{id}?status=failed");

        await Expect(page.Locator("tbody .row-note")).ToHaveTextAsync("The <b>server</b> said no.");
        await Expect(page.Locator(".box-count.has-failed")).ToHaveCountAsync(1);
        await page.ClickAsync("tbody button:text-is('Retry')");
        await Expect(page.Locator(".empty-title")).ToHaveTextAsync("Nobody stands like that");
        await Expect(page.Locator(".box-count.has-failed")).ToHaveCountAsync(0);
        Assert.Empty(visit.Errors);
    }

    [Fact]
    public async Task What_is_not_there_is_said_and_an_empty_list_says_what_journeys_are_for()
    {
        await using var visit = await Browser.VisitAsync(_app, Look.Light);
        foreach (var address in (string[])["/journeys/jrn_99", "/journeys/nonsense", "/journeys/jrn_99/people/enr_1", "/journeys/jrn_99/people/x"])
        {
            await visit.OpenAsync(address);
            await Expect(visit.Page.Locator(".empty-title")).ToBeVisibleAsync();
        }

        await visit.OpenAsync("/journeys");
        await Expect(visit.Page.Locator(".empty-title")).ToContainTextAsync("Send the next mail");
        await visit.Page.ClickAsync(".switch a:text-is('Archived')");
        await Expect(visit.Page.Locator(".empty-title")).ToHaveTextAsync("No journey is archived");
    }

    [Theory, InlineData("light"), InlineData("dark"), InlineData("phone")]
    public async Task They_fit_their_screen_and_can_be_used_by_everybody(string look)
    {
        var id = await _app.GivenReminderAsync(await _app.GivenDraftAsync(CampaignApi.Campaign("Welcome to everybody who joined <b>this</b> week")), await _app.GivenDraftAsync(CampaignApi.Campaign("Reminder")));
        var phone = look == "phone";
        await using var visit = await Browser.VisitAsync(_app, Look.All.Single(one => one.Name == look));
        var page = visit.Page;
        await LookAsync("/journeys", "journeys");
        await LookAsync($"/journeys/{id}", "journey-draft");

        await page.Locator(phone ? "#row-click" : "#box-click").ClickAsync();
        await Expect(page.Locator("#wait-event")).ToBeFocusedAsync();
        await visit.PhotographAsync("journey-form");
        Assert.Empty(await Axe.FindingsAsync(visit));
        await page.Keyboard.PressAsync("Escape");
        await Expect(page.Locator(phone ? "#row-click" : "#box-click")).ToBeFocusedAsync();
        await page.Locator(phone ? "#row-plus-click-event" : "#plus-click-event").ClickAsync();
        await Expect(page.Locator(".add-choice").First).ToBeFocusedAsync();
        await visit.PhotographAsync("journey-add");
        Assert.Empty(await Axe.FindingsAsync(visit));
        await page.Keyboard.PressAsync("Escape");

        await _app.PostAsync($"/api/v1/journeys/{id}/actions/publish");
        var person = "";
        for (var number = 1; number <= 4; number++)
        {
            person = await _app.GivenWalkerAsync(id, number);
        }

        await Eventually.TrueAsync(async () => (long)(await _app.GetAsync($"/api/v1/journeys/{id}/numbers"))["entered"]! == 4);
        await _app.SqlAsync("UPDATE enrollments SET status = 4, due_at = 0, ended_because = 'The server did not answer within 10 s.' WHERE id = (SELECT MIN(id) FROM enrollments)");
        await LookAsync($"/journeys/{id}", "journey-live");
        await LookAsync($"/journeys/{id}?step=click", "journey-step");
        await LookAsync($"/journeys/{id}?view=list", "journey-list");
        await LookAsync($"/journeys/{id}/people/{person}", "journey-person");
        Assert.Empty(visit.Errors);

        async Task LookAsync(string address, string name)
        {
            await visit.OpenAsync(address);
            await visit.PhotographAsync(name);
            Assert.False(await visit.IsWiderThanScreenAsync(), $"{name} is wider than the screen");
            Assert.Empty(await Axe.FindingsAsync(visit));
        }
    }

    [Theory, InlineData("light"), InlineData("dark"), InlineData("phone")]
    public async Task The_secret_webhook_steps_are_signed_with_is_shown_once(string look)
    {
        var id = await _app.GivenJourneyAsync("""{"id":"n1","type":"webhook","url":"https://crm.example.com/hooks","next":null}""", published: false);
        await using var visit = await Browser.VisitAsync(_app, Look.All.Single(one => one.Name == look));
        var page = visit.Page;
        await visit.OpenAsync($"/journeys/{id}");
        var card = page.Locator("[data-signing-secret]");
        await Expect(card).ToContainTextAsync("Your endpoint checks each request with it");
        await Expect(card.Locator("code")).ToHaveCountAsync(0);

        var first = await NewSecretAsync(card);
        await Expect(card).Not.ToContainTextAsync("the old one");
        var second = await NewSecretAsync(card, not: first);
        await Expect(card).ToContainTextAsync("Requests are signed with the old one, too, until");
        await visit.PhotographAsync("journey-secret");
        Assert.False(await visit.IsWiderThanScreenAsync());
        Assert.Empty(await Axe.FindingsAsync(visit));

        // As stored, and nowhere to be read again.
        var hooks = _app.Services.GetRequiredService<KnownHooks>();
        await using (var db = _app.Database())
        {
            var stored = (await db.Journeys.SingleAsync()).Secrets;
            Assert.Equal((second, first), (hooks.Unprotect(stored).Current, hooks.Unprotect(stored).Previous));
            Assert.DoesNotContain(second, stored, StringComparison.Ordinal);
        }

        await page.ReloadAsync();
        await page.WaitForSelectorAsync("[data-live]");
        await Expect(card.Locator("code")).ToHaveCountAsync(0);
        Assert.DoesNotContain(second, await page.ContentAsync(), StringComparison.Ordinal);
        Assert.Empty(visit.Errors);

        async Task<string> NewSecretAsync(ILocator from, string not = "")
        {
            await from.Locator("[data-dialog=rotate-journey]").ClickAsync();
            await page.Locator("#rotate-journey .button-primary").ClickAsync();
            await Expect(from.Locator("code")).Not.ToHaveTextAsync(not);
            var shown = await from.Locator("code").TextContentAsync();
            Assert.StartsWith("whsec_", shown, StringComparison.Ordinal);
            return shown!;
        }
    }

    [Theory, InlineData("light"), InlineData("dark"), InlineData("phone")]
    public async Task A_campaign_says_which_journeys_keep_it_open(string look)
    {
        var campaign = await _app.GivenDraftAsync();
        var (first, second) = (await GivenSenderAsync("Welcome <b>everybody</b>"), await GivenSenderAsync("Win back"));
        await using var visit = await Browser.VisitAsync(_app, Look.All.Single(one => one.Name == look));
        var page = visit.Page;
        var notice = page.Locator("[data-ongoing]");
        await visit.OpenAsync($"/campaigns/{campaign}/send");

        await Expect(notice).ToHaveTextAsync("Kept open by journeys Welcome <b>everybody</b> and Win back, which send it to whoever comes, until the last of them is archived.");
        await visit.PhotographAsync("campaign-kept-open");
        Assert.False(await visit.IsWiderThanScreenAsync());
        Assert.Empty(await Axe.FindingsAsync(visit));
        await _app.PostAsync($"{JourneyApi.Path}/{second}/actions/archive");
        await _app.PostAsync($"/api/v1/campaigns/{campaign}/actions/pause");
        await Expect(notice).ToHaveTextAsync("Kept open by the journey Welcome <b>everybody</b>, which sends it to whoever comes, until that journey is archived. While it is paused, people wait on their way.");
        await notice.Locator("a").ClickAsync();
        await Expect(page.Locator("h1")).ToHaveTextAsync("Welcome <b>everybody</b>");
        await page.ClickAsync("[data-dialog=confirm-archive]");
        await Expect(page.Locator("#confirm-archive")).ToContainTextAsync("Campaigns it sends take nobody else, unless another journey sends them, too.");
        await page.ClickAsync("#confirm-archive .button-danger");
        await Expect(page.Locator(".page-title-row .badge")).ToHaveTextAsync("Archived");
        await visit.OpenAsync($"/campaigns/{campaign}/send");
        await Expect(notice).ToHaveCountAsync(0);
        Assert.Equal(first, (await _app.GetAsync($"{JourneyApi.Path}?status=archived&limit=1"))[0]!["id"]!.ToString());
        Assert.Empty(visit.Errors);

        async Task<string> GivenSenderAsync(string name)
        {
            var id = await _app.GivenJourneyAsync($$"""{"id":"n1","type":"send","campaign_id":"{{campaign}}","next":null}""");
            await _app.SendAsync(HttpMethod.Patch, $"{JourneyApi.Path}/{id}", new JsonObject { ["name"] = name }, System.Net.HttpStatusCode.OK);
            return id;
        }
    }

    private static ILocatorAssertions Expect(ILocator locator) => Assertions.Expect(locator);
}
