using System.Globalization;
using Microsoft.Playwright;
using ScoreTracking.Data;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Campaigns;

/// <summary>The page a campaign is sent from, in a browser.</summary>
public sealed class SendPageTests : IAsyncLifetime
{
    private readonly TestApp _app = new();
    private string _connection = "";

    public async ValueTask InitializeAsync()
    {
        _connection = await _app.GivenSmtpAsync();
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Fact]
    public async Task A_draft_s_sender_is_chosen_its_list_checked_and_it_is_scheduled_in_hours_and_taken_back()
    {
        var id = await _app.GivenDraftAsync();
        await _app.PostAsync($"/api/v1/campaigns/{id}/recipients", CampaignApi.Recipients(Enumerable.Range(1, 3).Select(CampaignApi.Recipient)));
        await _app.SuppressAsync("person3@example.com");
        await using var visit = await Browser.VisitAsync(_app, Look.Light);
        var page = visit.Page;
        await visit.OpenAsync($"/campaigns/{id}/edit");
        await page.CheckAsync("#delivery-smtp");
        await Expect(page.Locator("#connection")).ToHaveValueAsync(_connection);
        await page.ClickAsync("text=Save draft");
        await Expect(page.Locator(".toast")).ToContainTextAsync("Saved");

        await page.Locator(".tabs").GetByText("Sending").ClickAsync();
        await Expect(page.Locator(".checklist .check-done")).ToHaveCountAsync(3);
        await Expect(page.Locator(".checklist")).ToContainTextAsync("It is handed to “Mail server”.");
        await Expect(page.GetByRole(AriaRole.Group, new() { Name = "Will get it" }).Locator(".metric-value")).ToHaveTextAsync("2");

        await page.FillAsync("#send-at", "2026-08-01T09:00");
        await page.ClickAsync("button:text-is('Schedule')");
        await Expect(page.Locator("#send-at-error")).ToHaveTextAsync("must be in the future");

        await page.FillAsync("#send-at", "2026-09-02T09:30");
        await page.CheckAsync("#window-on");
        await page.FillAsync("#window-to", "12:00");
        await page.ClickAsync("button:text-is('Schedule')");
        await Expect(page.Locator(".page-title-row .badge")).ToHaveTextAsync("Scheduled");
        await Expect(page.Locator("[data-scheduled]")).ToContainTextAsync("Starts by itself on 2 Sep 2026, 09:30, mail leaves Mon–Fri, 08:00–12:00.");
        Assert.Equal("2026-09-02T09:30:00Z", (string)(await _app.GetAsync($"/api/v1/campaigns/{id}"))["scheduled_at"]!);

        await page.ClickAsync("text=Take back");
        await Expect(page.Locator(".page-title-row .badge")).ToHaveTextAsync("Draft");
        Assert.Empty(visit.Errors);
    }

    [Fact]
    public async Task What_it_will_take_counts_whom_it_reaches_and_how_long_that_lasts()
    {
        var campaign = SendingSetting.Campaign(await _app.GivenSmtpAsync(name: "Slow", perSecond: 0.01));
        campaign["topics"] = new System.Text.Json.Nodes.JsonArray("Offers");
        var id = await _app.GivenSmtpDraftAsync(_connection, recipients: 6, campaign);
        await _app.SuppressAsync("person1@example.com");
        await _app.SqlAsync("UPDATE contacts SET refused_topics = '[\"Offers\"]' WHERE email = 'person2@example.com'");
        await _app.SqlAsync("UPDATE contacts SET refused_topics = '[\"Events\"]', tracking_consent = 2 WHERE email = 'person3@example.com'");
        await using var visit = await Browser.VisitAsync(_app, Look.Light);
        await visit.OpenAsync($"/campaigns/{id}/send");

        foreach (var (label, figure) in new[] { ("Will get it", "4"), ("Suppressed", "1"), ("Topics refused", "1"), ("Not tracked", "1") })
        {
            await Expect(visit.Page.GetByRole(AriaRole.Group, new() { Name = label }).Locator(".metric-value")).ToHaveTextAsync(figure);
        }

        // Four messages, one each hundred seconds.
        await Expect(visit.Page.Locator("[data-duration]")).ToHaveTextAsync("7 minutes");
        await Expect(visit.Page.GetByRole(AriaRole.Group, new() { Name = "Time it takes" })).ToContainTextAsync("done by 1 Sep, 10:06 if it starts now");
        Assert.Empty(visit.Errors);
    }

    [Fact]
    public async Task What_is_missing_is_said_with_a_way_to_it()
    {
        var campaign = SendingSetting.Campaign(_connection);
        campaign["content"] = new System.Text.Json.Nodes.JsonObject { ["subject"] = "Hi" };
        var id = await _app.GivenDraftAsync(campaign);
        await _app.SwitchAsync(_connection, on: false);
        await using var visit = await Browser.VisitAsync(_app, Look.Light);
        await visit.OpenAsync($"/campaigns/{id}/send");

        await Expect(visit.Page.Locator(".checklist .check-open")).ToHaveCountAsync(3);
        await Expect(visit.Page.Locator(".checklist")).ToContainTextAsync("the connection is switched off");
        await Expect(visit.Page.Locator("[data-dialog=confirm-start]")).ToBeDisabledAsync();
        Assert.Empty(visit.Errors);
    }

    [Fact]
    public async Task A_missed_start_waits_for_a_person_who_starts_it()
    {
        var id = await _app.GivenSmtpDraftAsync(_connection);
        await _app.PostAsync($"/api/v1/campaigns/{id}/actions/schedule", new System.Text.Json.Nodes.JsonObject
        {
            ["at"] = _app.Clock.GetUtcNow().AddMinutes(10).ToString("O", CultureInfo.InvariantCulture),
        });
        _app.Clock.Advance(TimeSpan.FromHours(2));
        await _app.LookAtScheduleAsync();
        await using var visit = await Browser.VisitAsync(_app, Look.Light);
        await visit.OpenAsync($"/campaigns/{id}/send");

        await Expect(visit.Page.Locator("[data-held]")).ToContainTextAsync("more than an hour ago");
        await visit.Page.ClickAsync("[data-held] button");

        await Expect(visit.Page.Locator(".page-title-row .badge")).ToHaveTextAsync("Running");
        await Expect(visit.Page.Locator("[data-held]")).ToHaveCountAsync(0);
        Assert.Empty(visit.Errors);
    }

    [Fact]
    public async Task A_mail_is_previewed_as_one_of_its_recipients_and_what_they_lack_is_said()
    {
        var campaign = SendingSetting.Campaign(_connection);
        campaign["content"]!["preheader"] = "News from {{city}}";
        var id = await _app.GivenSmtpDraftAsync(_connection, recipients: 2, campaign);
        await using var visit = await Browser.VisitAsync(_app, Look.Light);
        var page = visit.Page;
        await visit.OpenAsync($"/campaigns/{id}/edit");
        await Expect(page.Locator(".inbox-subject")).ToHaveTextAsync("Hi Ana");

        await page.FillAsync("#preview-as", "c2");
        await page.PressAsync("#preview-as", "Tab");
        await Expect(page.Locator(".inbox-subject")).ToHaveTextAsync("Hi Ana 2");
        await Expect(page.FrameLocator(".preview-stage iframe").Locator("p").First).ToHaveTextAsync("Hi Ana 2");
        await Expect(page.Locator("[data-lacking]")).ToContainTextAsync("person2@example.com has no city");

        await page.FillAsync("#preview-as", "nobody@example.com");
        await page.PressAsync("#preview-as", "Tab");
        await Expect(page.Locator("#preview-as-error")).ToBeVisibleAsync();
        await Expect(page.Locator(".inbox-subject")).ToHaveTextAsync("Hi Ana");
        Assert.Empty(visit.Errors);
    }

    [Fact]
    public async Task A_test_goes_out_from_the_page_and_its_end_is_told()
    {
        await using var server = new ScriptedSmtpServer();
        var id = await _app.GivenSmtpDraftAsync(await _app.GivenSmtpAsync(server.Port, "Scripted"));
        await using var visit = await Browser.VisitAsync(_app, Look.Light);
        var page = visit.Page;
        await visit.OpenAsync($"/campaigns/{id}/send");

        await page.ClickAsync("button:text-is('Send test')");
        await Expect(page.Locator("#test-to-error")).ToContainTextAsync("must be 1 to 5 addresses");
        await page.FillAsync("#test-to", "me@acme.com, you@acme.com");
        await page.FillAsync("#test-as", "c2");
        await page.ClickAsync("button:text-is('Send test')");

        await Expect(page.Locator(".test-sent li")).ToHaveCountAsync(2);
        await Expect(page.Locator(".test-sent li").First).ToContainTextAsync("Handed over");
        Assert.Equal(["me@acme.com", "you@acme.com"], server.Mails.SelectMany(mail => mail.Recipients));
        Assert.Empty(visit.Errors);
    }

    [Theory, InlineData("light"), InlineData("dark"), InlineData("phone")]
    public async Task It_fits_its_screen_before_and_while_it_sends_and_can_be_used_by_everybody(string look)
    {
        var draft = await _app.GivenSmtpDraftAsync(_connection);
        var running = await _app.GivenSmtpDraftAsync(_connection, recipients: 5);
        await _app.PostAsync($"/api/v1/campaigns/{running}/actions/send");
        await _app.SqlAsync($"UPDATE deliveries SET state = {(int)DeliveryState.Failed}, code = 550, status = '5.1.1', text = '<b>No such user</b> here' WHERE message_id % 5 = 0");
        await _app.SqlAsync("UPDATE deliveries SET attempts = 1, code = 451, status = '4.7.1', text = 'Greylisted, come back later', next_at = next_at + 300000 WHERE message_id % 5 = 1");
        await using var visit = await Browser.VisitAsync(_app, Look.All.Single(one => one.Name == look));

        foreach (var (id, name) in new[] { (draft, "campaign-send-draft"), (running, "campaign-send-running") })
        {
            await visit.OpenAsync($"/campaigns/{id}/send");
            await Expect(visit.Page.Locator(".metric-value").First).ToBeVisibleAsync();
            if (id == draft)
            {
                await visit.Page.CheckAsync("#window-on");
            }

            await visit.PhotographAsync(name);
            Assert.False(await visit.IsWiderThanScreenAsync(), $"{name} is wider than the screen");
            Assert.Empty(await Axe.FindingsAsync(visit));
        }

        await Expect(visit.Page.Locator(".send-reason").First).ToContainTextAsync("Greylisted");
        await Expect(visit.Page.Locator(".send-reason").Last).ToHaveTextAsync("<b>No such user</b> here");
        Assert.Empty(visit.Errors);
    }

    [Fact]
    public async Task The_page_counts_along_while_mail_goes_out_and_says_why_some_did_not()
    {
        await using var server = new ScriptedSmtpServer();
        server.Answer = line => line.StartsWith("RCPT TO:<person3@", StringComparison.OrdinalIgnoreCase) ? "550 5.1.1 No such user" : null;
        var id = await _app.GivenSmtpDraftAsync(await _app.GivenSmtpAsync(server.Port, "Scripted"), recipients: 5);
        await using var visit = await Browser.VisitAsync(_app, Look.Light);
        var page = visit.Page;
        await visit.OpenAsync($"/campaigns/{id}/send");

        await page.ClickAsync("[data-dialog=confirm-start]");
        await Expect(page.Locator("#confirm-start p").First).ToContainTextAsync("5 recipients are in it.");
        await page.ClickAsync("#confirm-start .button-primary");

        await Expect(page.Locator("[data-send-progress='5']")).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Group, new() { Name = "Handed over" }).Locator(".metric-value")).ToHaveTextAsync("4");
        await Expect(page.Locator(".send-reason")).ToContainTextAsync("No such user");
        await Expect(page.Locator(".page-title-row .badge")).ToHaveTextAsync("Completed");
        Assert.Equal(4, server.Mails.Count);
        Assert.Empty(_app.Verify());
        Assert.Empty(visit.Errors);
    }

    private static ILocatorAssertions Expect(ILocator locator) => Assertions.Expect(locator);
}
