using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.Playwright;
using ScoreTracking.Api;
using ScoreTracking.Journeys;
using ScoreTracking.Tests.Campaigns;
using ScoreTracking.Tests.Messages;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Journeys;

/// <summary>The pages of journeys, in a browser.</summary>
public sealed class JourneyPageTests : IAsyncLifetime
{
    // Only the test moves the clock, so nothing that happens would ever settle.
    private readonly TestApp _app = new(new Dictionary<string, string> { ["Journeys:SettleFor"] = "00:00:00" });

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Fact]
    public async Task A_journey_is_built_by_keys_alone_and_two_people_go_their_own_ways_through_it()
    {
        var welcome = await _app.GivenDraftAsync(CampaignApi.Campaign("Welcome"));
        await _app.GivenDraftAsync(CampaignApi.Campaign("Reminder"));
        foreach (var number in (int[])[1, 2])
        {
            using var put = await _app.RawAsync(HttpMethod.Put, $"/api/v1/contacts/c{number}", new JsonObject { ["email"] = $"person{number}@example.com", ["tracking_consent"] = "granted" }.ToJsonString());
            Assert.True(put.IsSuccessStatusCode);
        }

        await using var visit = await Browser.VisitAsync(_app, Look.Light);
        var (page, keys) = (visit.Page, visit.Page.Keyboard);
        await visit.OpenAsync("/journeys");
        await page.Locator("[data-new-journey]").First.FocusAsync();
        await keys.PressAsync("Enter");
        await page.Locator("#box-").FocusAsync();

        // Send, wait for a click, else remind: the menu's first and third choice, and the first again on the way of those who did not.
        await AddBelowAsync(page, choice: 0);
        await Expect(page.Locator("#send-campaign")).ToBeFocusedAsync();
        await keys.TypeAsync("Welcome");
        await Expect(page.Locator("#send-campaign")).ToHaveValueAsync(Number(welcome));
        await BackToAsync(page, "n1");
        await AddBelowAsync(page, choice: 2);
        await Expect(page.Locator("#wait-event")).ToBeFocusedAsync();
        await Expect(page.Locator("#wait-message")).ToHaveValueAsync("n1");
        await Expect(page.Locator("#wait-timeout")).ToHaveValueAsync("3");
        await BackToAsync(page, "n2");
        await keys.PressAsync("ArrowDown");
        await keys.PressAsync("ArrowRight");
        await Expect(page.Locator("#plus-n2-timeout")).ToBeFocusedAsync();
        await keys.PressAsync("Enter");
        await Expect(page.Locator(".add-choice").First).ToBeFocusedAsync();
        await keys.PressAsync("Enter");
        await Expect(page.Locator("#send-campaign")).ToBeFocusedAsync();

        // Not yet: publishing leads to what is missing.
        await BackToAsync(page, "n3");
        await page.Locator("[data-publish]").FocusAsync();
        await keys.PressAsync("Enter");
        await Expect(page.Locator(".faults button")).ToHaveCountAsync(1);
        await Expect(page.Locator(".faults button")).ToContainTextAsync("choose a campaign");
        await Expect(page.Locator(".faults button")).ToBeFocusedAsync();
        await keys.PressAsync("Enter");
        await Expect(page.Locator("#send-campaign")).ToBeFocusedAsync();
        await keys.TypeAsync("Reminder");
        await BackToAsync(page, "n3");
        await Expect(page.Locator("[data-publish]")).ToHaveCountAsync(0);
        await page.Locator("[data-dialog=confirm-publish]").FocusAsync();
        await keys.PressAsync("Enter");
        await Expect(page.Locator("#confirm-publish")).ToContainTextAsync("Welcome");
        await page.Locator("#confirm-publish .button-primary").FocusAsync();
        await keys.PressAsync("Enter");
        await Expect(page.Locator(".page-title-row .badge")).ToHaveTextAsync("Published");

        foreach (var number in (int[])[1, 2])
        {
            await page.Locator("[data-dialog=enroll]").FocusAsync();
            await keys.PressAsync("Enter");
            await page.Locator("#enroll-who").FocusAsync();
            await keys.TypeAsync(number == 1 ? "c1" : "person2@example.com");
            await keys.PressAsync("Enter");
            await Expect(page.Locator("tbody tr")).ToHaveCountAsync(number);
        }

        // Both are sent the first mail and stand at the wait; what is drawn follows them without a reload.
        await Expect(Box(page, "n2")).ToHaveAccessibleNameAsync(new System.Text.RegularExpressions.Regex("2 people here"));
        _app.Clock.Pass(TimeSpan.FromHours(2));
        await _app.ClickAsync(await _app.PostAsync($"/api/v1/campaigns/{welcome}/instrument", new JsonObject { ["customer_id"] = "c1", ["email"] = "person1@example.com" }));
        await Expect(Box(page, "n2")).ToHaveAccessibleNameAsync(new System.Text.RegularExpressions.Regex("1 person here"));
        await Expect(page.Locator(".joint-words").First).ToContainTextAsync("Clicked · 1");
        await Expect(page.Locator("tbody")).ToContainTextAsync("Completed");

        _app.Clock.Pass(TimeSpan.FromDays(3));
        await Expect(page.Locator(".joint-words").Last).ToContainTextAsync("Not within 3 days · 1");
        await Expect(page.Locator("tbody tr .badge", new() { HasTextString = "Completed" })).ToHaveCountAsync(2);
        await Expect(page.Locator(".sub-facts")).ToContainTextAsync("2 completed");

        await page.Locator("tbody .row-title").First.FocusAsync();
        await keys.PressAsync("Enter");
        await Expect(page.Locator("h1")).ToHaveTextAsync("person2@example.com");
        await Expect(page.Locator(".way li")).ToHaveCountAsync(3);
        await Expect(page.Locator(".way li").Nth(1)).ToContainTextAsync("Not within 3 days");
        await Expect(page.Locator(".box.on-path")).ToHaveCountAsync(4);
        await Expect(page.Locator(".joint.on-path")).ToHaveCountAsync(4);
        Assert.Empty(_app.Verify());
        Assert.Empty(visit.Errors);
    }

    [Fact]
    public async Task What_is_drawn_is_stored_at_once_and_can_be_taken_back()
    {
        var id = await GivenJourneyAsync(await _app.GivenDraftAsync(), await _app.GivenDraftAsync());
        await using var visit = await Browser.VisitAsync(_app, Look.Light);
        var (page, keys) = (visit.Page, visit.Page.Keyboard);
        await visit.OpenAsync($"/journeys/{id}");

        await page.Locator("#box-remind").FocusAsync();
        await keys.PressAsync("Delete");
        await Expect(page.Locator("#box-remind")).ToHaveCountAsync(0);
        await Expect(page.Locator("#box-click")).ToBeFocusedAsync();
        await keys.PressAsync("Control+z");
        await Expect(page.Locator("#box-remind")).ToBeVisibleAsync();
        await keys.PressAsync("Control+y");
        await Expect(page.Locator("#box-remind")).ToHaveCountAsync(0);

        await Eventually.TrueAsync(async () => (await _app.GetAsync($"/api/v1/journeys/{id}"))["steps"]!.AsArray().Count == 3);
        await page.ReloadAsync();
        await page.WaitForSelectorAsync("[data-live]");
        await Expect(page.Locator("#box-click")).ToBeVisibleAsync();
        await Expect(page.Locator("#box-remind")).ToHaveCountAsync(0);

        // Somebody else's change shows here, and is theirs to take back.
        using var changed = await _app.RawAsync(HttpMethod.Patch, $"/api/v1/journeys/{id}", """{"steps":[{"id":"other","type":"delay","for":"P1D","next":null}]}""");
        Assert.True(changed.IsSuccessStatusCode);
        await Expect(page.Locator("#box-other")).ToBeVisibleAsync();
        await Expect(page.Locator("[data-undo]").First).ToBeDisabledAsync();
        Assert.Empty(visit.Errors);
    }

    [Fact]
    public async Task A_published_journey_is_changed_beside_the_one_people_are_on()
    {
        var id = await GivenJourneyAsync(await _app.GivenDraftAsync(), await _app.GivenDraftAsync());
        await _app.PostAsync($"/api/v1/journeys/{id}/actions/publish");
        await GivenPersonAsync(id, 1);
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
        var id = await GivenJourneyAsync(first, await _app.GivenDraftAsync());
        await _app.PostAsync($"/api/v1/journeys/{id}/actions/publish");
        await GivenPersonAsync(id, 1);
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
    public async Task A_large_journey_is_made_smaller_larger_and_fitted()
    {
        var steps = new JsonArray([.. Enumerable.Range(1, 30).Select(i => new JsonObject { ["id"] = $"n{i}", ["type"] = "delay", ["for"] = $"P{i}D", ["next"] = i < 30 ? $"n{i + 1}" : null })]);
        var made = await _app.SendAsync(HttpMethod.Post, "/api/v1/journeys", new JsonObject { ["name"] = "Long", ["steps"] = steps }, System.Net.HttpStatusCode.Created);
        await using var visit = await Browser.VisitAsync(_app, Look.Light);
        var page = visit.Page;
        await visit.OpenAsync($"/journeys/{made["id"]}");

        await Expect(page.Locator("[data-canvas-scale]")).ToHaveTextAsync("100%");
        await page.ClickAsync("[data-canvas-zoom=fit]");
        await Expect(page.Locator("[data-canvas-scale]")).ToHaveTextAsync("25%");
        await page.Locator("#box-n30").FocusAsync();
        await page.Keyboard.PressAsync("+");
        await Expect(page.Locator("[data-canvas-scale]")).ToHaveTextAsync("30%");
        await page.Keyboard.PressAsync("-");
        await page.Keyboard.PressAsync("ArrowUp");
        await page.Keyboard.PressAsync("ArrowUp");
        await Expect(page.Locator("#box-n29")).ToBeFocusedAsync();
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
        var id = await GivenJourneyAsync(await _app.GivenDraftAsync(CampaignApi.Campaign("Welcome to everybody who joined <b>this</b> week")), await _app.GivenDraftAsync(CampaignApi.Campaign("Reminder")));
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
            person = await GivenPersonAsync(id, number);
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

    private static string Number(string campaign) => PublicId.TryCampaign(campaign, out var id) ? id.ToString(CultureInfo.InvariantCulture) : "";

    private static ILocator Box(IPage page, string id) => page.Locator($"#box-{id}");

    // From the focused box to the "+" below it, and a choice of its menu.
    private static async Task AddBelowAsync(IPage page, int choice)
    {
        await page.Keyboard.PressAsync("ArrowDown");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator(".add-choice").First).ToBeFocusedAsync();
        for (var i = 0; i < choice; i++)
        {
            await page.Keyboard.PressAsync("ArrowDown");
        }

        await page.Keyboard.PressAsync("Enter");
    }

    private static async Task BackToAsync(IPage page, string id)
    {
        await page.Keyboard.PressAsync("Escape");
        await Expect(page.Locator("#panel")).ToBeHiddenAsync();
        await Expect(page.Locator($"#box-{id}")).ToBeFocusedAsync();
    }

    /// <summary>Send, wait three days for a click, else remind; as a draft.</summary>
    private async Task<string> GivenJourneyAsync(string first, string second)
    {
        PublicId.TryCampaign(first, out var one);
        PublicId.TryCampaign(second, out var two);
        var journey = JsonNode.Parse(JourneyJson.Write(DefinitionEditsTests.Reminder(one, two)))!.AsObject();
        journey["name"] = "Welcome and remind";
        return (string)(await _app.SendAsync(HttpMethod.Post, "/api/v1/journeys", journey, System.Net.HttpStatusCode.Created))["id"]!;
    }

    /// <summary>A person who has come to the wait.</summary>
    private async Task<string> GivenPersonAsync(string id, int number)
    {
        using var put = await _app.RawAsync(HttpMethod.Put, $"/api/v1/contacts/c{number}", new JsonObject { ["email"] = $"person{number}@example.com" }.ToJsonString());
        Assert.True(put.IsSuccessStatusCode);
        var person = (string)(await _app.SendAsync(HttpMethod.Post, $"/api/v1/journeys/{id}/enrollments", new JsonObject { ["customer_id"] = $"c{number}" }, System.Net.HttpStatusCode.Created))["id"]!;
        await Eventually.TrueAsync(async () => (string?)(await _app.GetAsync($"/api/v1/journeys/{id}/enrollments/{person}"))["step_id"] == "click");
        return person;
    }

    private static ILocatorAssertions Expect(ILocator locator) => Assertions.Expect(locator);
}
