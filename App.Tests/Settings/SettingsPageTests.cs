using System.Net;
using System.Net.Http.Headers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using ScoreTracking.Engagement;
using ScoreTracking.Settings;
using ScoreTracking.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace ScoreTracking.Tests.Settings;

public sealed class SettingsPageTests : IAsyncLifetime
{
    private readonly TestApp _app = new();

    private OrganizationProfile Organization => _app.Services.GetRequiredService<OrganizationSettings>().Current;

    private Filtering Filtering => _app.Services.GetRequiredService<Filtering>();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Fact]
    public async Task Name_and_time_zone_are_found_by_typing_and_saved()
    {
        await using var visit = await Browser.VisitAsync(_app, Look.Light);
        await visit.OpenAsync("/settings");
        var zone = visit.Page.GetByRole(AriaRole.Combobox, new() { Name = "Time zone" });

        await visit.Page.GetByLabel("Name", new() { Exact = true }).FillAsync("  Northridge  ");
        await zone.ClickAsync();
        await zone.PressSequentiallyAsync("new york");
        await Expect(visit.Page.GetByRole(AriaRole.Option)).ToHaveCountAsync(1);
        await Expect(visit.Page.GetByRole(AriaRole.Option, new() { Name = "America/New York 06:00 · UTC-04:00" })).ToBeVisibleAsync();
        await zone.PressAsync("Enter");
        await Expect(visit.Page.GetByText("Now Tuesday 1 September, 06:00 there (UTC-04:00)")).ToBeVisibleAsync();
        Assert.Equal("UTC", Organization.Zone.Id);
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Save", Exact = true }).ClickAsync();

        await Expect(visit.Page.GetByText("Settings saved")).ToBeVisibleAsync();
        Assert.Equal(("Northridge", "America/New_York"), (Organization.Name, Organization.Zone.Id));
        Assert.Empty(visit.Errors);
    }

    [Fact]
    public async Task Escape_keeps_the_zone_and_a_name_of_blanks_is_refused()
    {
        await using var visit = await Browser.VisitAsync(_app, Look.Light);
        await visit.OpenAsync("/settings");
        var zone = visit.Page.GetByRole(AriaRole.Combobox, new() { Name = "Time zone" });
        var before = Organization;

        await zone.ClickAsync();
        await zone.PressSequentiallyAsync("nowhere");
        await Expect(visit.Page.GetByText("No zone by that name")).ToBeVisibleAsync();
        await zone.PressAsync("Escape");
        await Expect(zone).ToHaveValueAsync("UTC");
        await visit.Page.GetByLabel("Name", new() { Exact = true }).FillAsync("   ");
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Save", Exact = true }).ClickAsync();

        await Expect(visit.Page.GetByRole(AriaRole.Alert)).ToHaveTextAsync("The name must have 1 to 100 characters.");
        Assert.Equal(before, Organization);
    }

    [Fact]
    public async Task A_key_is_shown_once_works_at_once_and_is_revoked_at_once()
    {
        await using var visit = await Browser.VisitAsync(_app, Look.Light);
        await visit.OpenAsync("/settings");

        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "New key" }).ClickAsync();
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Create key" }).WaitForAsync();
        await visit.PhotographAsync("settings-key");
        await visit.Page.GetByRole(AriaRole.Form, new() { Name = "New API key" }).GetByLabel("Name").FillAsync("CRM");
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Create key" }).ClickAsync();
        await Expect(visit.Page.GetByRole(AriaRole.Alert)).ToHaveTextAsync("Choose at least one.");
        await visit.Page.GetByLabel("Read reports and the event log").CheckAsync();
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Create key" }).ClickAsync();
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Copy the API key" }).WaitForAsync();
        var key = await visit.Page.Locator(".copy-text").InnerTextAsync();

        Assert.Equal(HttpStatusCode.OK, await AnswerAsync(key, "/api/v1/events"));
        Assert.Equal(HttpStatusCode.Forbidden, await AnswerAsync(key, "/api/v1/settings"));
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "I have copied it" }).ClickAsync();
        await Expect(visit.Page.GetByText(key)).ToHaveCountAsync(0);

        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Revoke CRM" }).ClickAsync();
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Revoke now" }).ClickAsync();
        await Expect(visit.Page.GetByRole(AriaRole.Row, new() { Name = "CRM" })).ToContainTextAsync("Revoked");
        Assert.Equal(HttpStatusCode.Unauthorized, await AnswerAsync(key, "/api/v1/events"));
        Assert.Empty(visit.Errors);
    }

    [Fact]
    public async Task Ignored_networks_are_named_line_by_line_and_wrong_ones_say_which()
    {
        await using var visit = await Browser.VisitAsync(_app, Look.Light);
        await visit.OpenAsync("/settings");
        var networks = visit.Page.GetByLabel("Ignored networks");
        var save = visit.Page.GetByRole(AriaRole.Button, new() { Name = "Save filtering" });

        await networks.FillAsync("203.0.113.9/24\nnowhere\n");
        await save.ClickAsync();
        await Expect(visit.Page.GetByRole(AriaRole.Alert)).ToHaveTextAsync("“nowhere” must be an address or a network such as 203.0.113.7 or 203.0.113.0/24.");
        Assert.Empty(Filtering.Ignored.Texts);

        await networks.FillAsync("203.0.113.9/24\n\n2001:db8::1");
        await visit.Page.GetByLabel("Add a link only machines find").CheckAsync();
        await save.ClickAsync();

        await Expect(visit.Page.GetByText("Filtering saved")).ToBeVisibleAsync();
        await Expect(networks).ToHaveValueAsync("203.0.113.0/24\n2001:db8::1");
        Assert.Equal((2, true), (Filtering.Ignored.Texts.Count, Filtering.Honeypot));
        Assert.Empty(visit.Errors);
    }

    [Fact]
    public async Task Weights_are_checked_saved_and_everybody_is_scored_anew()
    {
        await using var visit = await Browser.VisitAsync(_app, Look.Light);
        await visit.OpenAsync("/settings");
        var form = visit.Page.GetByRole(AriaRole.Form, new() { Name = "Engagement score" });
        await Expect(form.GetByText("one click today makes a score of 29.3 out of 100, and 15.9 after 30 days.")).ToBeVisibleAsync();

        await form.GetByLabel("Click").FillAsync("1,000");
        await form.GetByLabel("Half-life in days").FillAsync("0");
        await form.GetByRole(AriaRole.Button, new() { Name = "Save scoring" }).ClickAsync();
        await Expect(form.GetByRole(AriaRole.Alert)).ToHaveTextAsync(["This must be 0 to 1000, with two decimals at most.", "This must be 1 to 3650 days, with two decimals at most."]);
        await form.GetByLabel("Click").FillAsync("2,5");
        await form.GetByLabel("Half-life in days").FillAsync("14");
        await form.GetByRole(AriaRole.Button, new() { Name = "Save scoring" }).ClickAsync();

        await Expect(visit.Page.GetByText("Scoring saved")).ToBeVisibleAsync();
        await Expect(form.GetByText("one click today makes a score of 15.9 out of 100, and 8.3 after 14 days.")).ToBeVisibleAsync();
        await Expect(form.GetByLabel("Click")).ToHaveValueAsync("2.5");
        await Expect(form.GetByRole(AriaRole.Progressbar)).ToHaveCountAsync(0);
        Assert.Equal(new Scoring(14, 1, 2.5, 20), (await _app.Services.GetRequiredService<EngagementSettings>().ReadAsync(TestContext.Current.CancellationToken)).Wanted);
        Assert.Empty(visit.Errors);
    }

    [Fact]
    public async Task How_far_people_are_tracked_is_chosen_with_the_keyboard_and_kept()
    {
        await using var visit = await Browser.VisitAsync(_app, Look.Light);
        await visit.OpenAsync("/settings");
        var byPerson = visit.Page.GetByRole(AriaRole.Radio, new() { Name = "By person" });
        var unknown = visit.Page.GetByLabel("Track people who have not been asked");

        await Expect(byPerson).ToBeCheckedAsync();
        await unknown.UncheckAsync();
        await byPerson.FocusAsync();
        await visit.Page.Keyboard.PressAsync("ArrowDown");
        await Expect(visit.Page.GetByRole(AriaRole.Radio, new() { Name = "Counted only" })).ToBeCheckedAsync();
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Save consent" }).ClickAsync();

        await Expect(visit.Page.GetByText("Consent saved")).ToBeVisibleAsync();
        Assert.Equal(new TrackingRules(TrackingMode.Aggregate, TracksUnknown: false), _app.Services.GetRequiredService<TrackingPolicy>().Current);
        await visit.OpenAsync("/settings");
        await Expect(visit.Page.GetByRole(AriaRole.Radio, new() { Name = "Counted only" })).ToBeCheckedAsync();
        Assert.Empty(visit.Errors);
    }

    [Theory, InlineData("light"), InlineData("dark"), InlineData("phone")]
    public async Task The_page_fits_every_screen(string look)
    {
        await using var visit = await Browser.VisitAsync(_app, Look.All.Single(one => one.Name == look));
        await visit.OpenAsync("/settings");

        await visit.Page.GetByRole(AriaRole.Combobox, new() { Name = "Time zone" }).ClickAsync();
        await Expect(visit.Page.GetByRole(AriaRole.Option)).ToHaveCountAsync(8);
        await visit.PhotographAsync("settings");

        Assert.False(await visit.IsWiderThanScreenAsync());
        Assert.Empty(visit.Errors);
    }

    private async Task<HttpStatusCode> AnswerAsync(string key, string path)
    {
        using var client = _app.Anonymous();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        using var answer = await client.GetAsync(path, TestContext.Current.CancellationToken);
        return answer.StatusCode;
    }
}
