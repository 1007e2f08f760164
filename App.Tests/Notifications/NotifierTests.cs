using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using ScoreTracking.Data;
using ScoreTracking.Events;
using ScoreTracking.Ingest;
using ScoreTracking.Notifications;
using ScoreTracking.Tests.Campaigns;
using ScoreTracking.Tests.Messages;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Notifications;

public sealed class NotifierTests : IAsyncDisposable
{
    private TestApp _app = new(NotificationApi.AtOnce);

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Fact]
    public async Task The_first_open_of_a_mail_that_asks_for_it_is_told_once_however_often_it_is_opened()
    {
        var mail = await _app.GivenAskingAsync("ana@example.com");

        await _app.OpenAsync(mail);
        _app.Clock.Advance(TimeSpan.FromHours(1));
        await _app.OpenAsync(mail);
        await _app.OpenAsync(mail, "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:143.0) Gecko/20100101 Firefox/143.0");

        var told = Assert.Single(await _app.NotificationsAsync());
        Assert.Equal(("first_open", (string)mail["message_id"]!, false), ((string)told["type"]!, (string)told["message_id"]!, (bool)told["read"]!));
        Assert.Equal(("ana@example.com", "The offer we talked about"), ((string)told["email"]!, (string)told["subject"]!));
        Assert.Equal("2026-09-01T10:00:00Z", (string)told["at"]!);
        Assert.Null(told["campaign_id"]);
        Assert.Empty(_app.Verify());
    }

    [Fact]
    public async Task A_mail_nobody_asked_about_is_not_told_of()
    {
        var silent = MailApi.Mail();
        silent["notify_first_open"] = false;
        var mail = (await _app.GivenMailAsync(silent))[0]!;

        await _app.OpenAsync(mail);
        await _app.ClickAsync(mail);

        Assert.Empty(await _app.NotificationsAsync());
    }

    [Theory, InlineData(Some.Scanner), InlineData(Some.ApplePrivacy), InlineData("")]
    public async Task Machines_never_notify_and_the_person_who_follows_is_the_first(string machine)
    {
        var mail = await _app.GivenAskingAsync("ana@example.com");

        await _app.OpenAsync(mail, machine);
        await _app.ClickAsync(mail, 1, Some.Scanner);
        Assert.Empty(await _app.NotificationsAsync());
        _app.Clock.Advance(TimeSpan.FromHours(2));
        await _app.OpenAsync(mail);

        Assert.Equal("2026-09-01T12:00:00Z", (string)Assert.Single(await _app.NotificationsAsync())["at"]!);
        Assert.Empty(_app.Verify());
    }

    [Fact]
    public async Task What_turns_out_to_be_a_machines_is_withdrawn_and_the_person_who_follows_is_told_of()
    {
        var mail = await _app.GivenAskingAsync("ana@example.com");
        var (message, links) = Ids(mail);
        await _app.StoreAsync(Some.Event(message, EventType.Opened, TimeSpan.FromMinutes(1)));
        var withdrawn = (string)Assert.Single(await _app.NotificationsAsync())["id"]!;

        // Both links at once, by whoever opened it: a gateway.
        await _app.StoreAsync([.. links.Select((link, i) => Some.Event(message, EventType.Clicked, TimeSpan.FromSeconds(60.2 + (i * 0.3)), linkId: link))]);
        Assert.Empty(await _app.NotificationsAsync());
        Assert.Empty(await _app.NotificationsAsync($"?user_id={await _app.AdminAsync()}"));
        await _app.StoreAsync(Some.Event(message, EventType.Opened, TimeSpan.FromHours(5), ip: "198.51.100.9"));

        var told = Assert.Single(await _app.NotificationsAsync());
        Assert.NotEqual(withdrawn, (string)told["id"]!);
        Assert.Equal("2026-09-01T17:00:00Z", (string)told["at"]!);
        Assert.Empty(_app.Verify());
    }

    [Fact]
    public async Task Nobody_is_told_before_the_first_seconds_have_shown_what_a_machine_is()
    {
        await using var app = new TestApp(new() { ["Notifications:SettleFor"] = "00:00:01" });
        var mail = await app.GivenAskingAsync("ana@example.com");
        var (message, links) = Ids(mail);
        var notifier = app.Services.GetRequiredService<Notifier>();
        await app.StoreAsync(Some.Event(message, EventType.Opened, TimeSpan.FromMinutes(1)));
        Assert.True(notifier.Position < app.Services.GetRequiredService<Inbox>().Last);
        await app.StoreAsync([.. links.Select((link, i) => Some.Event(message, EventType.Clicked, TimeSpan.FromSeconds(60.2 + (i * 0.3)), linkId: link))]);

        await app.FollowedAsync();

        await using var db = app.Database();
        Assert.Empty(db.Notifications);
        await app.StoreAsync(Some.Event(message, EventType.Opened, TimeSpan.FromHours(5), ip: "198.51.100.9"));
        Assert.Single(await app.NotificationsAsync());
    }

    [Fact]
    public async Task An_open_judged_by_hand_leaves_the_list_and_comes_back()
    {
        var mail = await _app.GivenAskingAsync("ana@example.com");
        await _app.OpenAsync(mail);
        var told = Assert.Single(await _app.NotificationsAsync());

        await _app.SendAsync(HttpMethod.Post, $"/api/v1/events/{told["event_id"]}/reclassify", JsonNode.Parse("""{"verdict":"self"}"""), HttpStatusCode.OK);
        Assert.Empty(await _app.NotificationsAsync());
        Assert.Empty(await _app.NotificationsAsync($"?user_id={await _app.AdminAsync()}&unread=true"));
        await _app.SendAsync(HttpMethod.Post, $"/api/v1/events/{told["event_id"]}/reclassify", JsonNode.Parse("""{"verdict":"human"}"""), HttpStatusCode.OK);

        Assert.Equal((string)told["id"]!, (string)Assert.Single(await _app.NotificationsAsync())["id"]!);
    }

    [Fact]
    public async Task A_restart_tells_nothing_twice_and_misses_nothing()
    {
        var (first, second) = (await _app.GivenAskingAsync("ana@example.com"), await _app.GivenAskingAsync("ben@example.com"));
        await _app.OpenAsync(first);
        Assert.Single(await _app.NotificationsAsync());

        // As after a crash that took the cursor's last steps with it, and an open no follower has seen.
        var directory = _app.DataDirectory;
        await _app.StopKeepingDataAsync();
        await using (var connection = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={Path.Combine(directory, "scoretracking.db")}"))
        {
            await connection.OpenAsync(TestContext.Current.CancellationToken);
            await using var command = connection.CreateCommand();
            command.CommandText = "UPDATE cursors SET position = 0 WHERE name = 'notifications'";
            await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        }

        _app = new TestApp(NotificationApi.AtOnce, directory);
        Assert.Single(await _app.NotificationsAsync());
        _app.Clock.Advance(TimeSpan.FromMinutes(3));
        await _app.OpenAsync(first);
        await _app.OpenAsync(second);

        Assert.Equal(["ben@example.com", "ana@example.com"], (await _app.NotificationsAsync()).Select(told => (string)told["email"]!));
    }

    [Fact]
    public async Task A_click_without_an_open_tells_of_the_open_and_the_pixel_that_follows_is_not_the_first()
    {
        var mail = await _app.GivenAskingAsync("ana@example.com");

        await _app.ClickAsync(mail);
        _app.Clock.Advance(TimeSpan.FromMinutes(5));
        await _app.OpenAsync(mail);

        Assert.Equal(("first_open", "2026-09-01T10:00:00Z"), Assert.Single(await _app.NotificationsAsync()) switch { var told => ((string)told["type"]!, (string)told["at"]!) });
    }

    [Fact]
    public async Task Each_person_is_told_of_what_they_chose_and_whoever_hears_of_the_click_not_of_the_open_it_stands_for()
    {
        var admin = await _app.AdminAsync();
        var marketer = await _app.GivenUserAsync("mia@example.com", "marketer");
        await _app.GivenUserAsync("vera@example.com", "viewer");
        await _app.ChooseAsync(admin, """{"mails":"all","mail_types":["first_open","first_click","bounce"]}""");
        await _app.ChooseAsync(marketer, """{"mails":"all","mail_types":["first_open","reply","complaint"]}""");
        var mails = await _app.GivenMailAsync(MailApi.Mail("ana@example.com", "ben@example.com", "cem@example.com"));

        await _app.ClickAsync(mails[0]);
        await _app.StoreAsync(
            Some.Event(MailApi.Number(mails[1]), EventType.Bounced, key: "b1", bounce: BounceKind.Soft), Some.Event(MailApi.Number(mails[1]), EventType.Bounced, key: "b2", bounce: BounceKind.Hard),
            Some.Event(MailApi.Number(mails[2]), EventType.Replied, key: "r1"), Some.Event(MailApi.Number(mails[2]), EventType.Replied, TimeSpan.FromHours(1), key: "r2"),
            Some.Event(MailApi.Number(mails[2]), EventType.Complained, TimeSpan.FromHours(2), key: "c1"), Some.Event(MailApi.Number(mails[2]), EventType.Delivered, key: "d1"));

        Assert.Equal(["bounce ben@example.com", "first_click ana@example.com"], await ToldAsync(admin));
        Assert.Equal(["complaint cem@example.com", "reply cem@example.com", "first_open ana@example.com"], await ToldAsync(marketer));
        Assert.Empty(_app.Verify());
    }

    [Fact]
    public async Task Of_campaigns_only_words_from_people_are_told_and_only_where_somebody_wants_them()
    {
        var campaign = await _app.GivenCampaignAsync();
        var (first, second) = (await _app.GivenMessageAsync(campaign), await _app.GivenMessageAsync(campaign));
        var admin = await _app.AdminAsync();
        await _app.ChooseAsync(admin, """{"mails":"all","mail_types":["first_open","first_click","bounce","complaint","reply"]}""");
        await _app.StoreAsync(Some.Event(first, EventType.Opened), Some.Event(first, EventType.Replied, TimeSpan.FromHours(1)), Some.Event(first, EventType.Complained, TimeSpan.FromHours(2)));
        Assert.Empty(await _app.NotificationsAsync());

        await _app.ChooseAsync(admin, """{"campaign_types":["complaint"]}""");
        await _app.StoreAsync(Some.Event(second, EventType.Opened), Some.Event(second, EventType.Replied, TimeSpan.FromHours(1)), Some.Event(second, EventType.Complained, TimeSpan.FromHours(2)));

        var told = Assert.Single(await _app.NotificationsAsync());
        Assert.Equal(("complaint", $"cmp_{campaign}", $"msg_{second}", "Spring sale"), ((string)told["type"]!, (string)told["campaign_id"]!, (string)told["message_id"]!, (string)told["subject"]!));
    }

    [Fact]
    public void Own_mail_is_told_to_its_writer_and_a_programs_to_whoever_has_not_declined()
    {
        var (own, others, programs) = (new ToldMail(0, 7, AsksForFirstOpen: true), new ToldMail(0, 8, AsksForFirstOpen: true), new ToldMail(0, 0, AsksForFirstOpen: true));
        var silent = NotificationChoice.Default with { Requested = false };
        var curious = NotificationChoice.Default with { OfMails = NotificationKinds.Reply };

        Assert.True(NotificationChoice.Default.Wants(NotificationKinds.FirstOpen, 7, own));
        Assert.True(silent.Wants(NotificationKinds.FirstOpen, 7, own));
        Assert.False(NotificationChoice.Default.Wants(NotificationKinds.FirstOpen, 7, others));
        Assert.True(NotificationChoice.Default.Wants(NotificationKinds.FirstOpen, 7, programs));
        Assert.False(silent.Wants(NotificationKinds.FirstOpen, 7, programs));
        Assert.False(NotificationChoice.Default.Wants(NotificationKinds.FirstClick, 7, own));
        Assert.True(curious.Wants(NotificationKinds.Reply, 7, own));
        Assert.False(curious.Wants(NotificationKinds.Reply, 7, others));
        Assert.True((curious with { EveryMail = true }).Wants(NotificationKinds.Reply, 7, programs));
    }

    [Fact]
    public async Task Of_a_message_that_is_gone_nothing_is_shown()
    {
        var mail = await _app.GivenAskingAsync("ana@example.com");
        await _app.OpenAsync(mail);
        Assert.Single(await _app.NotificationsAsync());

        await _app.SqlAsync($"DELETE FROM messages WHERE id = {MailApi.Number(mail)}");

        Assert.Empty(await _app.NotificationsAsync());
        await using var db = _app.Database();
        Assert.Equal(0, (await NotificationsQuery.Bell(1).Load(db, TestContext.Current.CancellationToken)).Unread);
    }

    private static (long Message, long[] Links) Ids(JsonNode mail) =>
        (MailApi.Number(mail), [.. mail["links"]!.AsArray().Select(link => long.Parse(((string)link!["id"]!)[4..], System.Globalization.CultureInfo.InvariantCulture))]);

    private async Task<List<string>> ToldAsync(string user) => [.. (await _app.NotificationsAsync($"?user_id={user}")).Select(told => $"{told["type"]} {told["email"]}")];
}
