using System.Text.Json.Nodes;
using Microsoft.Playwright;
using ScoreTracking.Data;
using ScoreTracking.Events;
using ScoreTracking.Notifications;
using ScoreTracking.Tests.Campaigns;
using ScoreTracking.Tests.Messages;
using ScoreTracking.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace ScoreTracking.Tests.Notifications;

public sealed class NotificationPagesTests : IAsyncDisposable
{
    private readonly TestApp _app = new(NotificationApi.AtOnce);

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Fact]
    public async Task The_bell_rings_live_at_the_first_open_and_for_no_machine()
    {
        var mail = await _app.GivenAskingAsync("ana@example.com");
        await using var visit = await Browser.VisitAsync(_app, Look.Light);
        var page = visit.Page;
        await visit.OpenAsync("/");
        var bell = page.Locator(".bell > summary");
        await Expect(bell).ToContainTextAsync("none unread");

        await _app.OpenAsync(mail, Some.Scanner);
        await _app.OpenAsync(mail, Some.ApplePrivacy);
        await _app.FollowedAsync();
        await Expect(bell).ToContainTextAsync("none unread");
        _app.Clock.Advance(TimeSpan.FromMinutes(5));
        await _app.OpenAsync(mail);
        await Expect(bell).ToContainTextAsync("1 unread");
        await Expect(page.Locator(".sidebar [role=status]")).ToHaveTextAsync("ana@example.com opened The offer we talked about");
        _app.Clock.Advance(TimeSpan.FromMinutes(5));
        await _app.OpenAsync(mail);
        await _app.FollowedAsync();
        await Expect(bell).ToContainTextAsync("1 unread");

        await bell.FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        var told = page.Locator(".bell .told");
        await Expect(told).ToHaveCountAsync(1);
        await Expect(told).ToContainTextAsync("ana@example.com opened");
        Assert.Empty(await Axe.FindingsAsync(visit));
        await page.Keyboard.PressAsync("Escape");
        await Expect(told).ToBeHiddenAsync();
        await page.Keyboard.PressAsync("Enter");
        await told.ClickAsync();

        await Expect(page).ToHaveURLAsync(new System.Text.RegularExpressions.Regex($"/messages/{mail["message_id"]}$"));
        await Expect(bell).ToContainTextAsync("none unread");
        await Expect(told).ToBeHiddenAsync();
        Assert.Empty(visit.Errors);
    }

    [Fact]
    public async Task The_list_comes_live_is_marked_as_read_and_pages_by_key()
    {
        await using var visit = await Browser.VisitAsync(_app, Look.Light);
        var page = visit.Page;
        await visit.OpenAsync("/notifications");
        await Expect(page.GetByText("Nothing yet", new() { Exact = true })).ToBeVisibleAsync();

        var copies = await _app.GivenMailAsync(Asking([.. Enumerable.Range(1, 30).Select(i => $"reader{i}@example.com")]));
        await _app.StoreAsync([.. copies.Select((copy, i) => Some.Event(MailApi.Number(copy), EventType.Opened, TimeSpan.FromMinutes(i)))]);

        await Expect(page.Locator(".told-page .told")).ToHaveCountAsync(25);
        await Expect(page.Locator(".told-page .told").First).ToContainTextAsync("reader30@example.com");
        await Expect(page.Locator(".bell > summary")).ToContainTextAsync("30 unread");
        await page.GetByRole(AriaRole.Link, new() { Name = "Next" }).ClickAsync();
        await Expect(page.Locator(".told-page .told")).ToHaveCountAsync(5);
        await page.GetByRole(AriaRole.Link, new() { Name = "Previous" }).ClickAsync();
        await Expect(page.Locator(".told-page .told").First).ToContainTextAsync("reader30@example.com");
        await page.GetByRole(AriaRole.Button, new() { Name = "Mark all as read" }).ClickAsync();
        await Expect(page.GetByText("30 notifications marked as read")).ToBeVisibleAsync();
        await Expect(page.Locator(".bell > summary")).ToContainTextAsync("none unread");
        await page.GetByRole(AriaRole.Link, new() { Name = "Unread", Exact = true }).ClickAsync();
        await Expect(page.GetByText("All read", new() { Exact = true })).ToBeVisibleAsync();
        Assert.Empty(visit.Errors);
    }

    [Theory]
    [InlineData(NotificationKinds.TestUndecided, 7, "/campaigns/cmp_7/recipients#test")]
    [InlineData(NotificationKinds.CampaignPaused, 7, "/campaigns/cmp_7/send")]
    [InlineData(NotificationKinds.Complaint, 7, "/campaigns/cmp_7?q=ana%2Bx%40example.com#recipients")]
    [InlineData(NotificationKinds.Complaint, 0, "/messages/msg_3")]
    public void A_notification_leads_to_what_it_tells_of_or_to_where_a_person_decides(NotificationKinds kind, long campaignId, string address) =>
        Assert.Equal(address, NotificationAddress.Of(new NotificationRow(1, kind, 3, campaignId, 0, "ana+x@example.com", null, "Spring sale", Some.Noon, Read: false)));

    [Fact]
    public async Task What_a_person_hears_of_is_chosen_and_kept()
    {
        await using var visit = await Browser.VisitAsync(_app, Look.Light);
        var page = visit.Page;
        await visit.OpenAsync("/settings");
        await page.GetByRole(AriaRole.Link, new() { Name = "Notifications", Exact = true }).ClickAsync();

        var mails = page.GetByRole(AriaRole.Region, new() { Name = "Single mails" });
        await mails.GetByLabel("Reply").CheckAsync();
        await mails.GetByLabel("Everybody’s mails").CheckAsync();
        await mails.GetByLabel("First open of mails a program asks about").UncheckAsync();
        await page.GetByRole(AriaRole.Region, new() { Name = "Campaigns" }).GetByLabel("Complaint").CheckAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();

        await Expect(page.GetByText("Saved: it holds from now on")).ToBeVisibleAsync();
        Assert.Equal(
            """{"user_id":"usr_1","email":"admin@example.com","mails":"all","mail_types":["reply"],"campaign_types":["complaint"],"requested":false}""",
            (await _app.GetAsync($"{NotificationApi.Path}/preferences"))[0]!.ToJsonString());
        await page.ReloadAsync();
        await Expect(mails.GetByLabel("Everybody’s mails")).ToBeCheckedAsync();
        await Expect(mails.GetByLabel("Reply")).ToBeCheckedAsync();
        await Expect(mails.GetByLabel("Bounce")).Not.ToBeCheckedAsync();
        Assert.Empty(visit.Errors);
    }

    [Fact]
    public async Task Who_sees_no_addresses_has_no_bell()
    {
        var mail = await _app.GivenAskingAsync("ana@example.com");
        await _app.OpenAsync(mail);
        var user = (string)(await _app.SendAsync(HttpMethod.Post, "/api/v1/users", new JsonObject { ["email"] = "vera@example.com", ["role"] = "viewer", ["password"] = "long words of a viewer" }, System.Net.HttpStatusCode.Created))["id"]!;
        Assert.StartsWith("usr_", user, StringComparison.Ordinal);
        using var viewer = await Visitor.SignedInAsync(_app, "vera@example.com", "long words of a viewer");

        var home = await viewer.Client.GetStringAsync("/", TestContext.Current.CancellationToken);

        Assert.DoesNotContain("bell-mark", home, StringComparison.Ordinal);
        Assert.Equal(System.Net.HttpStatusCode.Forbidden, await viewer.StatusAsync("/notifications"));
        Assert.Equal(System.Net.HttpStatusCode.Forbidden, await viewer.StatusAsync("/settings/notifications"));
    }

    [Theory, InlineData("light"), InlineData("dark"), InlineData("phone")]
    public async Task The_pages_fit_every_screen_and_show_hostile_words_as_words(string look)
    {
        var hostile = Asking("a.very.long.name.indeed.that.goes.on@a-subdomain.of-some-company.example.com", "ben@example.com", "cem@example.com");
        hostile["subject"] = """<img src=x onerror="window.__xss=1"> "quoted" ⁦right⁩ and a subject that is far longer than anything anybody should ever have to write""";
        var copies = await _app.GivenMailAsync(hostile);
        await _app.ChooseAsync(await _app.AdminAsync(), """{"mails":"all","mail_types":["first_open","first_click","bounce","complaint","reply"]}""");
        await _app.OpenAsync(copies[0]);
        await _app.StoreAsync(
            Some.Event(MailApi.Number(copies[1]), EventType.Bounced, key: "b"), Some.Event(MailApi.Number(copies[2]), EventType.Replied, key: "r"),
            Some.Event(MailApi.Number(copies[2]), EventType.Complained, TimeSpan.FromHours(1), key: "c"));
        await _app.FollowedAsync();
        var findings = new List<string>();
        await using var visit = await Browser.VisitAsync(_app, Look.All.Single(one => one.Name == look));

        await visit.OpenAsync("/notifications");
        await Expect(visit.Page.Locator(".told-page .told")).ToHaveCountAsync(4);
        await visit.PhotographAsync("notifications");
        Assert.False(await visit.IsWiderThanScreenAsync());
        findings.AddRange(await Axe.FindingsAsync(visit));
        await visit.Page.Locator(".bell > summary").ClickAsync();
        await Expect(visit.Page.Locator(".bell .told").First).ToBeVisibleAsync();
        await visit.PhotographAsync("notifications-bell");
        Assert.False(await visit.IsWiderThanScreenAsync());
        findings.AddRange(await Axe.FindingsAsync(visit));
        await visit.OpenAsync("/settings/notifications");
        await Expect(visit.Page.GetByRole(AriaRole.Button, new() { Name = "Save" })).ToBeEnabledAsync();
        await visit.PhotographAsync("notification-settings");
        Assert.False(await visit.IsWiderThanScreenAsync());
        findings.AddRange(await Axe.FindingsAsync(visit));

        Assert.Empty(findings);
        Assert.False(await visit.Page.EvaluateAsync<bool>("() => '__xss' in window"));
        Assert.Empty(visit.Errors);
    }

    private static JsonObject Asking(params string[] to)
    {
        var mail = MailApi.Mail(to);
        mail["notify_first_open"] = true;
        return mail;
    }
}
