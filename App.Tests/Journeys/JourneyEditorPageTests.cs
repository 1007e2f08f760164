using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Playwright;
using ScoreTracking.Api;
using ScoreTracking.Tests.Campaigns;
using ScoreTracking.Tests.Messages;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Journeys;

/// <summary>Drawing journeys in a browser, by keys above all.</summary>
public sealed class JourneyEditorPageTests : IAsyncLifetime
{
    private static readonly JsonSerializerOptions s_plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

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
        // The page that opens takes the focus to its title first.
        await Expect(page.Locator("h1")).ToBeFocusedAsync();
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
            await page.Locator("[aria-controls=enroll]").FocusAsync();
            await keys.PressAsync("Enter");
            await Expect(page.Locator("#enroll-who")).ToBeFocusedAsync();
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
        var id = await _app.GivenReminderAsync(await _app.GivenDraftAsync(), await _app.GivenDraftAsync());
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
    public async Task A_condition_asks_a_rule_that_is_written_by_keys_and_people_go_by_it()
    {
        var made = await _app.SendAsync(HttpMethod.Post, "/api/v1/segments", JsonNode.Parse("""{"name":"Readers","rule":{"event":"opened"}}"""), System.Net.HttpStatusCode.Created);
        var id = await _app.GivenJourneyAsync($$"""{"id":"ask","type":"condition","test":{"segment_id":"{{made["id"]}}"},"yes":"end","no":null},{"id":"end","type":"exit"}""", published: false);
        await using var visit = await Browser.VisitAsync(_app, Look.Light);
        var (page, keys) = (visit.Page, visit.Page.Keyboard);
        await visit.OpenAsync($"/journeys/{id}");

        await page.Locator("#box-ask").FocusAsync();
        await keys.PressAsync("Enter");
        await Expect(page.Locator("#test-kind")).ToBeFocusedAsync();
        await keys.TypeAsync("The contact");
        var rule = page.Locator(".rule-field");
        await Expect(rule.Locator(".rule-item")).ToHaveCountAsync(1);
        await rule.GetByRole(AriaRole.Button, new() { Name = "What is known" }).FocusAsync();
        await keys.PressAsync("Enter");
        await Expect(rule.GetByLabel("What is known", new() { Exact = true })).ToBeFocusedAsync();

        // What is not finished is said, and does not reach the draft.
        await Expect(rule.GetByRole(AriaRole.Alert)).ToContainTextAsync("Not finished yet");
        await keys.TypeAsync("Attribute");
        await Expect(rule.GetByLabel("Name of the attribute")).ToBeVisibleAsync();
        await keys.PressAsync("Tab");
        await keys.TypeAsync("plan");
        await keys.PressAsync("Tab");
        await Expect(rule.GetByLabel("How it compares")).ToBeFocusedAsync();
        await keys.PressAsync("Tab");
        await keys.TypeAsync("pro' OR 1=1 --");
        await keys.PressAsync("Tab");
        await Expect(rule.GetByRole(AriaRole.Alert)).ToHaveCountAsync(0);
        await rule.GetByRole(AriaRole.Button, new() { Name = "Remove this condition" }).First.FocusAsync();
        await keys.PressAsync("Enter");
        await Expect(rule.Locator(".rule-item")).ToHaveCountAsync(1);
        await Eventually.TrueAsync(async () => (await _app.GetAsync($"{JourneyApi.Path}/{id}"))["steps"]![0]!["test"]!.ToJsonString(s_plain)
            == """{"op":"and","rules":[{"field":"attributes.plan","op":"eq","value":"pro' OR 1=1 --"}]}""");

        await BackToAsync(page, "ask");
        await _app.PostAsync($"{JourneyApi.Path}/{id}/actions/publish");
        var (ana, ben) = (
            await _app.EnrollAsync(id, await _app.GivenPersonAsync("ana", """{"plan":"pro' OR 1=1 --"}""")), await _app.EnrollAsync(id, await _app.GivenPersonAsync("ben", """{"plan":"pro"}""")));
        Assert.Equal("ask:yes end:exit", JourneyApi.Way(await _app.UntilAtAsync(ana, "end", "completed")));
        Assert.Equal("ask:no", JourneyApi.Way(await _app.UntilAtAsync(ben, "ask", "completed")));
        Assert.Empty(visit.Errors);
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

    private static ILocatorAssertions Expect(ILocator locator) => Assertions.Expect(locator);
}
