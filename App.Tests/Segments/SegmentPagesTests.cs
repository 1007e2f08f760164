using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using Microsoft.Playwright;
using ScoreTracking.Events;
using ScoreTracking.Tests.Campaigns;
using ScoreTracking.Tests.Contacts;
using ScoreTracking.Tests.Support;
using ScoreTracking.Tests.Suppressions;
using static Microsoft.Playwright.Assertions;

namespace ScoreTracking.Tests.Segments;

public sealed class SegmentPagesTests : IAsyncLifetime
{
    private const string Hostile = "<img src=x onerror=window.__xss=1>";

    private readonly TestApp _app = new();

    public ValueTask InitializeAsync()
    {
        _app.Clock.Set(Some.Noon);
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Theory, InlineData("light"), InlineData("dark"), InlineData("phone")]
    public async Task An_example_becomes_a_segment_with_its_people_beside_it(string look)
    {
        await GivenPeopleAsync();
        await using var visit = await Browser.VisitAsync(_app, Look.All.Single(one => one.Name == look));
        var page = visit.Page;
        await visit.OpenAsync("/segments");
        await Expect(page.Locator(".empty-title").First).ToHaveTextAsync("Whom do you want to reach?");
        await visit.PhotographAsync("segments-empty");
        Assert.Empty(await Axe.FindingsAsync(visit));

        await page.GetByRole(AriaRole.Link, new() { Name = "Readers" }).ClickAsync();
        await Expect(page.Locator("[data-count]")).ToHaveTextAsync("4");
        await Expect(page.Locator(".segment-sentence")).ToContainTextAsync("opened any email in the last 30 days");
        await page.GetByRole(AriaRole.Button, new() { Name = "What is known" }).ClickAsync();
        await page.GetByLabel("What is known", new() { Exact = true }).SelectOptionAsync("attribute");
        await page.GetByLabel("Name of the attribute").FillAsync("city");
        await page.GetByLabel("How it compares").SelectOptionAsync("starts_with");
        await page.GetByLabel("Value", new() { Exact = true }).FillAsync("lee");
        await page.Keyboard.PressAsync("Tab");
        await Expect(page.Locator("[data-count]")).ToHaveTextAsync("2");
        await Expect(page.Locator(".segment-sample li")).ToHaveCountAsync(2);
        await visit.PhotographAsync("segment-new");
        Assert.Empty(await Axe.FindingsAsync(visit));
        Assert.False(await visit.IsWiderThanScreenAsync());
        await page.GetByRole(AriaRole.Button, new() { Name = "Create segment" }).ClickAsync();

        await Expect(page.Locator("h1")).ToHaveTextAsync("Readers");
        await Expect(page.Locator("section[aria-labelledby=members] tbody tr")).ToHaveCountAsync(2);
        var csv = await page.RunAndWaitForDownloadAsync(() => page.GetByRole(AriaRole.Link, new() { Name = "CSV", Exact = true }).ClickAsync());
        Assert.Equal(3, (await File.ReadAllLinesAsync(await csv.PathAsync())).Length);
        await visit.PhotographAsync("segment");
        Assert.Empty(await Axe.FindingsAsync(visit));
        Assert.False(await visit.IsWiderThanScreenAsync());
        await visit.OpenAsync("/segments");
        await Expect(page.Locator("table.segments .number").Nth(1)).ToHaveTextAsync("2");
        await visit.PhotographAsync("segments");
        Assert.Empty(await Axe.FindingsAsync(visit));
        Assert.Empty(visit.Errors);
        Assert.Equal(0, await page.EvaluateAsync<int>("() => window.__xss ?? 0"));
    }

    [Fact]
    public async Task A_nested_rule_is_written_by_keyboard_alone()
    {
        await GivenPeopleAsync();
        await _app.PostCreatedAsync("/api/v1/lists", """{"name":"Guests"}""");
        using (await _app.RawAsync(HttpMethod.Put, "/api/v1/lists/lst_1/contacts/1", null))
        {
        }

        await using var visit = await Browser.VisitAsync(_app, Look.Light);
        var page = visit.Page;
        var keys = page.Keyboard;
        await visit.OpenAsync("/segments/new");

        await page.Locator("#segment-name").FocusAsync();
        await keys.TypeAsync($"Guests {Hostile}");
        await page.GetByRole(AriaRole.Button, new() { Name = "What they did" }).FocusAsync();
        await keys.PressAsync("Enter");
        await Expect(page.GetByLabel("Has or has not")).ToBeFocusedAsync();
        await keys.TypeAsync("has N");
        await keys.PressAsync("Tab");
        await keys.TypeAsync("clicked");
        await Expect(page.Locator(".segment-sentence")).ToContainTextAsync("has NOT clicked");

        await page.GetByRole(AriaRole.Button, new() { Name = "A group" }).FocusAsync();
        await keys.PressAsync("Enter");
        await Expect(page.GetByLabel("How many must hold").Nth(1)).ToBeFocusedAsync();
        var inner = page.Locator(".rule-group-inner");
        await inner.GetByRole(AriaRole.Button, new() { Name = "On a list" }).FocusAsync();
        await keys.PressAsync("Enter");
        await Expect(inner.GetByLabel("Is or is not")).ToBeFocusedAsync();
        await keys.PressAsync("Tab");
        await keys.TypeAsync("Guests");
        await inner.GetByRole(AriaRole.Button, new() { Name = "What is known" }).FocusAsync();
        await keys.PressAsync("Enter");
        await Expect(inner.GetByLabel("What is known", new() { Exact = true })).ToBeFocusedAsync();
        await keys.TypeAsync("Email");
        await keys.PressAsync("Tab");
        await Expect(inner.GetByLabel("How it compares").Locator("option[value=contains]")).ToHaveCountAsync(1);
        await keys.TypeAsync("contains");
        await Expect(inner.GetByLabel("How it compares")).ToHaveValueAsync("contains");
        await keys.PressAsync("Tab");
        await keys.TypeAsync("person2");
        await keys.PressAsync("Tab");
        await Expect(page.Locator("[data-count]")).ToHaveTextAsync("1");
        await page.Locator("#segment-name").FocusAsync();
        await keys.PressAsync("Enter");

        await Expect(page.Locator("h1")).ToHaveTextAsync($"Guests {Hostile}");
        await using var db = _app.Database();
        Assert.Equal(
            """{"op":"and","rules":[{"event":"clicked","done":false,"within_days":30},{"op":"or","rules":[{"list":"lst_1","in":true},{"field":"email","op":"contains","value":"person2"}]}]}""",
            (await db.Segments.SingleAsync()).Rule);
        Assert.Equal(0, await page.EvaluateAsync<int>("() => window.__xss ?? 0"));

        await page.GetByRole(AriaRole.Button, new() { Name = "Remove this group" }).FocusAsync();
        await keys.PressAsync("Enter");
        await Expect(inner).ToHaveCountAsync(0);
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "What they did" })).ToBeFocusedAsync();
        await Expect(page.Locator(".segment-sentence")).ToHaveTextAsync("In words: has NOT clicked in the last 30 days");
        await Expect(page.Locator("[data-count]")).ToHaveTextAsync("6");
        await page.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await Expect(page.GetByText("Saved", new() { Exact = true })).ToBeVisibleAsync();
        await Expect(page.Locator("section[aria-labelledby=members] tbody tr")).ToHaveCountAsync(6);
        Assert.Empty(visit.Errors);
    }

    [Fact]
    public async Task A_campaign_is_found_by_typing_and_what_is_missing_is_said()
    {
        await GivenPeopleAsync();
        await using var visit = await Browser.VisitAsync(_app, Look.Light);
        var page = visit.Page;
        await visit.OpenAsync("/segments/new");

        await page.GetByRole(AriaRole.Button, new() { Name = "Create segment" }).ClickAsync();
        await Expect(page.Locator("#segment-name-error")).ToHaveTextAsync("required");
        await page.GetByRole(AriaRole.Button, new() { Name = "What they did" }).ClickAsync();
        await Expect(page.GetByLabel("Has or has not")).ToBeFocusedAsync();
        await page.GetByRole(AriaRole.Combobox, new() { Name = "Campaign" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Option, new() { Name = "any email" })).ToBeVisibleAsync();
        await page.Keyboard.TypeAsync("spring");
        await Expect(page.Locator("[role=option].is-at")).ToContainTextAsync("Spring sale");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator(".segment-sentence")).ToContainTextAsync("opened “Spring sale”");
        await page.GetByLabel("How many", new() { Exact = true }).FillAsync("0");
        await page.Locator("#segment-name").FocusAsync();
        await Expect(page.Locator(".rule-fault")).ToHaveTextAsync("Say how long: a whole number from 1, up to a century.");
        await Expect(page.Locator("[data-count]")).ToHaveCountAsync(0);
        await page.GetByLabel("When").SelectOptionAsync("ever");
        await Expect(page.Locator("[data-count]")).ToHaveTextAsync("4");
        await page.GetByLabel("Done what").SelectOptionAsync("clicked");
        await page.GetByLabel("a link containing").FillAsync("/OFFER");
        await page.Keyboard.PressAsync("Tab");
        await Expect(page.Locator("[data-count]")).ToHaveTextAsync("1");
        Assert.Empty(visit.Errors);
    }

    [Theory, InlineData("light"), InlineData("dark"), InlineData("phone")]
    public async Task Recipients_are_taken_from_segments_with_what_that_comes_to(string look)
    {
        await GivenPeopleAsync();
        var campaign = await _app.GivenDraftAsync();
        await _app.SqlAsync("""INSERT INTO segments (name, rule, created_at, updated_at) VALUES ('Everybody', '{"op":"and","rules":[{"field":"email","op":"set"}]}', 1, 1), ('Leeds', '{"op":"and","rules":[{"field":"attributes.city","op":"eq","value":"Leeds"}]}', 1, 1)""");
        await _app.SuppressAsync("person6@example.com");
        await using var visit = await Browser.VisitAsync(_app, Look.All.Single(one => one.Name == look));
        var page = visit.Page;
        await visit.OpenAsync($"/campaigns/{campaign}/recipients");

        await page.GetByRole(AriaRole.Group, new() { Name = "Take everybody in" }).Last.GetByLabel("Everybody").CheckAsync();
        await page.GetByRole(AriaRole.Group, new() { Name = "Leave out everybody in" }).Last.GetByLabel("Leeds").CheckAsync();
        await Expect(page.Locator(".estimate")).ToHaveTextAsync(new Regex(@"In those\s*7\s*Left out\s*−3\s*Suppressed\s*−1\s*Not consenting\s*0\s*In the campaign already\s*0\s*Would be added now\s*3"));
        await visit.PhotographAsync("recipients-audience");
        Assert.Empty(await Axe.FindingsAsync(visit));
        Assert.False(await visit.IsWiderThanScreenAsync());
        await page.GetByRole(AriaRole.Button, new() { Name = "Add these people" }).ClickAsync();

        await Expect(page.Locator("[data-import=done] .outcome")).ToHaveTextAsync(new Regex(@"Added\s*3\s*Already there\s*0\s*Suppressed\s*1\s*Left out\s*3\s*Not consenting\s*0"));
        Assert.Empty(visit.Errors);
        Assert.Empty(_app.Verify());
    }

    [Fact]
    public async Task Lists_are_made_renamed_filled_and_removed_on_screen()
    {
        await _app.AddAsync("1", "ana@example.com");
        await using var visit = await Browser.VisitAsync(_app, Look.Light);
        var page = visit.Page;
        await visit.OpenAsync("/segments");
        await page.GetByRole(AriaRole.Button, new() { Name = "New list" }).ClickAsync();
        await Expect(page.Locator("#new-list-name")).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("#new-list-name-error")).ToHaveTextAsync("The name: required.");
        await page.FillAsync("#new-list-name", $"Guests {Hostile}");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("tbody tr")).ToContainTextAsync($"Guests {Hostile}");
        await page.GetByRole(AriaRole.Button, new() { Name = "Rename Guests" }).ClickAsync();
        await page.FillAsync("#rename-list-name", "Guests");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("tbody .row-title")).ToHaveTextAsync("Guests");

        await visit.OpenAsync("/contacts/ctc_1");
        await page.GetByRole(AriaRole.Button, new() { Name = "Put on a list" }).ClickAsync();
        await Expect(page.Locator("#list-choice")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Put on the list" }).ClickAsync();
        await Expect(page.Locator(".list-memberships li")).ToContainTextAsync("Guests");
        Assert.Empty(await Axe.FindingsAsync(visit));
        await page.GetByRole(AriaRole.Button, new() { Name = "Take off Guests" }).ClickAsync();
        await Expect(page.GetByText("On no list.")).ToBeVisibleAsync();

        await visit.OpenAsync("/segments");
        await page.GetByRole(AriaRole.Button, new() { Name = "Remove Guests" }).ClickAsync();
        await Expect(page.Locator("#remove-list-title")).ToHaveTextAsync("Remove “Guests”?");
        await page.Locator("#remove-list").GetByRole(AriaRole.Button, new() { Name = "Remove", Exact = true }).ClickAsync();
        await Expect(page.GetByText("No lists yet")).ToBeVisibleAsync();
        Assert.Empty(visit.Errors);
        Assert.Equal(0, await page.EvaluateAsync<int>("() => window.__xss ?? 0"));
    }

    [Fact]
    public async Task A_segment_is_duplicated_and_deleted_and_one_that_is_not_there_has_no_page()
    {
        await GivenPeopleAsync();
        await _app.SqlAsync("""INSERT INTO segments (name, rule, created_at, updated_at) VALUES ('Leeds', '{"op":"not","rule":{"op":"or","rules":[{"field":"attributes.city","op":"eq","value":"York"},{"field":"attributes.city","op":"not_set"}]}}', 1, 1)""");
        await using var visit = await Browser.VisitAsync(_app, Look.Light);
        var page = visit.Page;
        await visit.OpenAsync("/segments/seg_1");
        await Expect(page.GetByLabel("How many must hold")).ToHaveValueAsync("None");
        await Expect(page.Locator("[data-count]")).ToHaveTextAsync("3");

        await page.GetByRole(AriaRole.Link, new() { Name = "Duplicate" }).ClickAsync();
        await Expect(page.Locator("#segment-name")).ToHaveValueAsync("Leeds (copy)");
        await page.GetByRole(AriaRole.Button, new() { Name = "Create segment" }).ClickAsync();
        await Expect(page.Locator("h1")).ToHaveTextAsync("Leeds (copy)");
        await page.GetByRole(AriaRole.Button, new() { Name = "Delete" }).First.ClickAsync();
        await page.Locator("#delete-segment").GetByRole(AriaRole.Button, new() { Name = "Delete" }).ClickAsync();
        await Expect(page.Locator("table.segments tbody tr")).ToHaveCountAsync(1);
        await using (var db = _app.Database())
        {
            Assert.Equal("Leeds", (await db.Segments.SingleAsync()).Name);
        }

        Assert.Empty(visit.Errors);
        using var visitor = await Visitor.SignedInAsync(_app);
        Assert.Equal(System.Net.HttpStatusCode.NotFound, await visitor.StatusAsync("/segments/seg_2"));
        Assert.Equal(System.Net.HttpStatusCode.NotFound, await visitor.StatusAsync("/segments/lst_1"));
    }

    // Seven people: 1 to 4 opened, 1 clicked; 1, 2 and 5 live in Leeds.
    private async Task GivenPeopleAsync()
    {
        var campaign = await _app.GivenCampaignAsync();
        var link = await _app.GivenLinkAsync(campaign);
        for (var i = 1; i <= 7; i++)
        {
            await _app.AddAsync($"{i}", $"person{i}@example.com", new JsonObject { ["city"] = i is 1 or 2 or 5 ? "Leeds" : "York" });
            var message = await _app.GivenMessageAsync(campaign, contactId: i);
            await _app.StoreAsync(Some.Event(message, EventType.Sent));
            if (i <= 4)
            {
                await _app.StoreAsync(Some.Event(message, EventType.Opened, TimeSpan.FromHours(1)));
            }

            if (i == 1)
            {
                await _app.StoreAsync(Some.Event(message, EventType.Clicked, TimeSpan.FromHours(2)) with { LinkId = link });
            }
        }
    }
}
