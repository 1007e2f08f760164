using System.Net;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using ScoreTracking.Data;
using ScoreTracking.Events;
using ScoreTracking.Tests.Campaigns;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Messages;

public sealed class MailTests : IAsyncDisposable
{
    private readonly TestApp _app = new(new() { ["TrackingUrl"] = "https://t.acme.example" });

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Fact]
    public async Task Everybody_gets_a_copy_of_their_own_with_pixel_links_and_headers()
    {
        var copies = await _app.GivenMailAsync(MailApi.Mail("ana@example.com", "ben@example.com"));

        Assert.Equal(["ana@example.com", "ben@example.com"], copies.Select(copy => (string)copy!["email"]!));
        Assert.Equal(4, copies.SelectMany(copy => MailApi.Links((string)copy!["html"]!)).Distinct().Count());
        Assert.Equal(2, copies.Select(copy => MailApi.Pixel((string)copy!["html"]!)).Distinct().Count());
        foreach (var copy in copies)
        {
            Assert.True((bool)copy!["tracked"]!);
            Assert.Null(copy["untracked_because"]);
            Assert.Equal("The offer we talked about", (string)copy["subject"]!);
            Assert.Equal("The offer: https://acme.example/offer", (string)copy["text"]!);
            Assert.Equal((string)copy["message_id"]!, (string)copy["headers"]!["X-ST-Message-ID"]!);
            Assert.Equal("List-Unsubscribe=One-Click", (string)copy["headers"]!["List-Unsubscribe-Post"]!);
            Assert.StartsWith("<https://t.acme.example/u/", (string)copy["headers"]!["List-Unsubscribe"]!, StringComparison.Ordinal);
            Assert.Equal(["https://acme.example/offer?a=1&b=2", "https://acme.example/terms"], copy["links"]!.AsArray().Select(link => (string)link!["url"]!));
            Assert.Equal("eva@acme.example", (string)copy["from"]!["email"]!);
        }
    }

    [Fact]
    public async Task What_a_reader_does_with_a_copy_is_counted_for_that_copy_alone()
    {
        var copies = await _app.GivenMailAsync(MailApi.Mail("ana@example.com", "ben@example.com"));

        await _app.OpenAsync(copies[0]);
        _app.Clock.Advance(TimeSpan.FromMinutes(5));
        await _app.OpenAsync(copies[0]);
        Assert.Equal("https://acme.example/terms", await _app.ClickAsync(copies[0], position: 2));

        var ana = await _app.MessageAsync(copies[0]);
        Assert.Equal("blue", (string)ana["indicator"]!);
        Assert.Equal("clicked", (string)ana["status"]!);
        Assert.Equal((2, 2), ((int)ana["opens"]!["total"]!, (int)ana["opens"]!["confirmed"]!));
        Assert.Equal((1, 1), ((int)ana["clicks"]!["total"]!, (int)ana["clicks"]!["unique_links"]!));
        Assert.Equal(["opened", "opened", "clicked"], ana["events"]!.AsArray().Select(happened => (string)happened!["event_type"]!));
        Assert.Equal("https://acme.example/terms", (string)ana["events"]![2]!["metadata"]!["url"]!);
        var ben = await _app.MessageAsync(copies[1]);
        Assert.Equal(("gray", "pending", 0), ((string)ben["indicator"]!, (string)ben["status"]!, ben["events"]!.AsArray().Count));
        Assert.Empty(_app.Verify());
    }

    [Fact]
    public async Task The_four_indicators_follow_what_happened()
    {
        var copies = await _app.GivenMailAsync(MailApi.Mail("gray@example.com", "green@example.com", "blue@example.com", "red@example.com"));
        await _app.StoreAsync(
            Some.Event(MailApi.Number(copies[0]), EventType.Delivered), Some.Event(MailApi.Number(copies[1]), EventType.Delivered),
            Some.Event(MailApi.Number(copies[3]), EventType.Bounced, bounce: BounceKind.Hard) with { Reason = "550 5.1.1 No such user" });
        await _app.OpenAsync(copies[1]);
        await _app.ClickAsync(copies[2]);

        foreach (var (copy, colour) in copies.Zip(["gray", "green", "blue", "red"]))
        {
            Assert.Equal(colour, (string)(await _app.MessageAsync(copy))["indicator"]!);
            var listed = await ListAsync($"?indicator={colour}");
            Assert.Equal([(string)copy!["message_id"]!], listed.Select(row => (string)row!["message_id"]!));
        }

        var bounce = (await _app.MessageAsync(copies[3]))["bounce"]!;
        Assert.Equal(("hard", "550 5.1.1 No such user"), ((string)bounce["type"]!, (string)bounce["reason"]!));
        Assert.Empty(_app.Verify());
    }

    [Fact]
    public async Task The_sender_s_own_copy_has_no_pixel_and_untouched_links_and_never_counts()
    {
        var mail = MailApi.Mail("ana@example.com", "EVA@acme.example");

        var copies = await _app.GivenMailAsync(mail);

        Assert.Equal(((string)mail["html"]!, "own_copy", false), ((string)copies[1]!["html"]!, (string)copies[1]!["untracked_because"]!, (bool)copies[1]!["tracked"]!));
        Assert.Empty(copies[1]!["links"]!.AsArray());
        Assert.True((bool)copies[0]!["tracked"]!);
        Assert.False((await _app.StateAsync(MailApi.Number(copies[1]))).Tracked);
    }

    [Fact]
    public async Task Who_refused_tracking_gets_the_mail_as_it_was_written()
    {
        var mail = MailApi.Mail();
        mail["to"]![0]!["tracking_consent"] = "denied";

        var copy = (await _app.GivenMailAsync(mail))[0]!;

        Assert.Equal(((string)mail["html"]!, "consent"), ((string)copy["html"]!, (string)copy["untracked_because"]!));
    }

    [Theory, InlineData("off"), InlineData("aggregate")]
    public async Task Where_no_one_s_hits_are_kept_a_single_mail_is_left_as_it_is(string mode)
    {
        await _app.SendAsync(HttpMethod.Patch, "/api/v1/settings", new JsonObject { ["tracking_mode"] = mode }, HttpStatusCode.OK);
        var mail = MailApi.Mail();

        var copy = (await _app.GivenMailAsync(mail))[0]!;

        Assert.Equal(((string)mail["html"]!, "tracking_mode"), ((string)copy["html"]!, (string)copy["untracked_because"]!));
    }

    [Fact]
    public async Task A_withdrawal_holds_for_mail_already_sent()
    {
        var mail = MailApi.Mail();
        var before = (await _app.GivenMailAsync(mail))[0]!;
        mail["to"]![0]!["tracking_consent"] = "denied";
        await _app.GivenMailAsync(mail);

        await _app.OpenAsync(before);
        Assert.Equal("https://acme.example/offer?a=1&b=2", await _app.ClickAsync(before));

        Assert.Empty((await _app.MessageAsync(before))["events"]!.AsArray());
        Assert.Empty(_app.Verify());
    }

    [Theory]
    [InlineData(true, false, true, 0)]
    [InlineData(false, true, false, 2)]
    [InlineData(false, false, false, 0)]
    public async Task Opens_and_clicks_are_tracked_as_asked(bool opens, bool clicks, bool pixel, int links)
    {
        var mail = MailApi.Mail();
        (mail["track_opens"], mail["track_clicks"]) = (opens, clicks);

        var copy = (await _app.GivenMailAsync(mail))[0]!;

        Assert.Equal(pixel, ((string)copy["html"]!).Contains("/o/", StringComparison.Ordinal));
        Assert.Equal(links, MailApi.Links((string)copy["html"]!).Count);
        Assert.Equal(opens || clicks, (bool)copy["tracked"]!);
    }

    [Fact]
    public async Task Merge_fields_are_filled_with_what_is_known_of_each()
    {
        var mail = MailApi.Mail();
        mail["to"]![0]!["data"] = new JsonObject { ["first_name"] = "Ana <3" };
        mail["subject"] = "For {{first_name}}";
        mail["html"] = "<p>Hi {{first_name}}, {{unknown}}</p>";

        var copy = (await _app.GivenMailAsync(mail))[0]!;

        Assert.Equal("For Ana <3", (string)copy["subject"]!);
        Assert.StartsWith("<p>Hi Ana &lt;3, {{unknown}}</p>", (string)copy["html"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_suppressed_recipient_stops_the_whole_mail_and_nothing_is_stored()
    {
        await _app.SuppressAsync("left@example.com", "unsubscribed");

        var problem = await _app.RefusedAsync(HttpMethod.Post, MailApi.Path, MailApi.Mail("ana@example.com", "Left@example.com").ToJsonString(), 409);

        Assert.Equal("""{"to[1]":["unsubscribed"]}""", problem["errors"]!.ToJsonString());
        await using var db = _app.Database();
        Assert.Equal((0, 0, 0), (await db.Mails.CountAsync(), await db.Messages.CountAsync(), await db.Contacts.CountAsync()));
    }

    [Fact]
    public async Task A_known_person_is_mailed_by_customer_id_alone()
    {
        var mail = MailApi.Mail();
        mail["to"]![0]!["customer_id"] = "42";
        await _app.GivenMailAsync(mail);
        var again = MailApi.Mail();
        again["to"] = new JsonArray(new JsonObject { ["customer_id"] = "42" });

        var copy = (await _app.GivenMailAsync(again))[0]!;

        Assert.Equal(("ana@example.com", "42"), ((string)copy["email"]!, (string)copy["customer_id"]!));
        Assert.Equal(2, (await ListAsync("?customer_id=42")).Count);
        await using var db = _app.Database();
        Assert.Equal(1, await db.Contacts.CountAsync());
    }

    [Theory, InlineData("eva@acme.example", ""), InlineData("Eva Lind <eva@acme.example>", "Eva Lind"), InlineData("\"Lind, Eva\" <eva@acme.example>", "Lind, Eva")]
    public async Task The_sender_may_be_written_as_people_write_it(string from, string name)
    {
        var mail = MailApi.Mail();
        mail["from"] = from;

        var copy = (await _app.GivenMailAsync(mail))[0]!;

        Assert.Equal(("eva@acme.example", name), ((string)copy["from"]!["email"]!, (string?)copy["from"]!["name"] ?? ""));
    }

    [Theory, InlineData(null, true), InlineData(true, true), InlineData(false, false)]
    public async Task Whether_the_first_open_is_told_is_kept_with_the_mail(bool? asked, bool kept)
    {
        var mail = MailApi.Mail();
        mail["notify_first_open"] = asked;
        await _app.GivenMailAsync(mail);

        await using var db = _app.Database();
        var stored = await db.Mails.SingleAsync();
        Assert.Equal((kept, 0, "eva@acme.example", "Eva Lind"), (stored.NotifyFirstOpen, stored.CreatedBy, stored.FromEmail, stored.FromName));
    }

    [Fact]
    public async Task A_request_repeated_with_its_key_makes_nothing_twice_however_large_its_answer()
    {
        var mail = MailApi.Mail();
        mail["html"] = mail["html"] + "<!-- " + new string('x', 1_200_000) + " -->";

        using var first = await _app.RawAsync(HttpMethod.Post, MailApi.Path, mail.ToJsonString(), "k1");
        using var again = await _app.RawAsync(HttpMethod.Post, MailApi.Path, mail.ToJsonString(), "k1");
        using var other = await _app.RawAsync(HttpMethod.Post, MailApi.Path, mail.ToJsonString(), "k2");

        Assert.Equal(HttpStatusCode.Accepted, first.StatusCode);
        Assert.Equal(await first.Content.ReadAsStringAsync(), await again.Content.ReadAsStringAsync());
        Assert.NotEqual(await first.Content.ReadAsStringAsync(), await other.Content.ReadAsStringAsync());
        await using var db = _app.Database();
        Assert.Equal((2, 2, 4), (await db.Mails.CountAsync(), await db.Messages.CountAsync(), await db.Links.CountAsync()));
    }

    [Fact]
    public async Task A_copy_reports_under_its_id_and_its_esp_s()
    {
        var copy = (await _app.GivenMailAsync())[0]!;
        var id = (string)copy["message_id"]!;

        await ReportAsync($$"""[{"event_type":"sent","message_id":"{{id}}","esp_message_id":"<a@b>"}]""");
        await ReportAsync("""[{"event_type":"delivered","esp_message_id":"<a@b>"}]""");

        var message = await _app.MessageAsync(copy);
        Assert.Equal("delivered", (string)message["status"]!);
        Assert.NotNull(message["delivered_at"]);
        Assert.Equal(2, (await _app.GetAsync($"/api/v1/events?message_id={id}")).AsArray().Count);
    }

    [Fact]
    public async Task A_reply_is_recorded_once_for_each_event_id()
    {
        var copy = (await _app.GivenMailAsync())[0]!;
        var path = $"{MailApi.Path}/{copy["message_id"]}/replies";

        await _app.SendAsync(HttpMethod.Post, path, JsonNode.Parse("""{"event_id":"r1"}"""), HttpStatusCode.Accepted);
        await _app.SendAsync(HttpMethod.Post, path, JsonNode.Parse("""{"event_id":"r1"}"""), HttpStatusCode.Accepted);
        await _app.SendAsync(HttpMethod.Post, path, null, HttpStatusCode.Accepted);
        await _app.StoredAsync();

        var message = await _app.MessageAsync(copy);
        Assert.Equal(["replied", "replied"], message["events"]!.AsArray().Select(happened => (string)happened!["event_type"]!));
        Assert.NotNull(message["replied_at"]);
        Assert.Empty(_app.Verify());
    }

    [Fact]
    public async Task A_mail_to_the_reply_address_of_a_copy_is_a_reply_to_it()
    {
        await using var app = new TestApp(new() { ["InboundDomain"] = "in.example.com" });
        var copy = (await app.GivenMailAsync())[0]!;
        var connection = await app.SendAsync(HttpMethod.Post, "/api/v1/connections", JsonNode.Parse("""{"name":"In","provider":"inbound","basic_auth":{"user":"in","password":"a long password"}}"""), HttpStatusCode.Created);
        using var mta = app.Anonymous();
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri((string)connection["webhook_url"]!).PathAndQuery)
        {
            Content = new StringContent($"From: Ana <ana@example.com>\r\nTo: eva@acme.example, {copy["reply_address"]}\r\nSubject: Re: The offer\r\nMessage-ID: <r1@example.com>\r\n\r\nYes, please.\r\n"),
        };
        request.Headers.Authorization = new("Basic", Convert.ToBase64String("in:a long password"u8));
        using var answer = await mta.SendAsync(request);
        await app.StoredAsync();

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.NotNull((await app.MessageAsync(copy))["replied_at"]);
    }

    [Fact]
    public async Task An_open_by_a_machine_stays_gray_and_is_listed_as_what_it_was()
    {
        var copy = (await _app.GivenMailAsync())[0]!;

        await _app.OpenAsync(copy, Some.Scanner);

        var message = await _app.MessageAsync(copy);
        Assert.Equal(("gray", 0), ((string)message["indicator"]!, (int)message["opens"]!["total"]!));
        Assert.Equal("scanner", (string)message["events"]![0]!["verdict"]!);
    }

    [Fact]
    public async Task The_list_pages_by_key_through_campaigns_and_single_mails()
    {
        var campaign = await _app.GivenCampaignAsync();
        var inCampaign = await _app.GivenMessageAsync(campaign);
        for (var i = 0; i < 5; i++)
        {
            await _app.GivenMailAsync(MailApi.Mail($"person{i}@example.com"));
        }

        var seen = new List<string>();
        string? cursor = null;
        do
        {
            using var answer = await _app.RawAsync(HttpMethod.Get, $"{MailApi.Path}?limit=2{(cursor is null ? "" : $"&cursor={cursor}")}", null);
            var page = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;
            seen.AddRange(page["data"]!.AsArray().Select(row => (string)row!["id"]!));
            cursor = (string?)page["next_cursor"];
        }
        while (cursor is not null);

        Assert.Equal(6, seen.Distinct().Count());
        Assert.Equal(seen.OrderByDescending(id => long.Parse(id[4..])), seen);
        Assert.Equal([$"msg_{inCampaign}"], (await ListAsync($"?campaign_id=cmp_{campaign}")).Select(row => (string)row!["id"]!));
        Assert.Equal(5, (await ListAsync("?kind=single")).Count);
        Assert.Equal(6, (await ListAsync("?status=pending")).Count);
        Assert.Empty(await ListAsync("?status=clicked"));
    }

    [Fact]
    public async Task The_indicator_in_sql_is_the_indicator_in_words()
    {
        var message = MailApi.Number((await _app.GivenMailAsync())[0]);
        foreach (var status in Enum.GetValues<MessageStatus>())
        {
            foreach (var (opened, clicked) in new[] { (0, 0), (1, 0), (0, 1), (1, 1) })
            {
                await _app.SqlAsync($"UPDATE message_state SET status = {(int)status}, opened_at = {opened}, clicked_at = {clicked} WHERE message_id = {message}");

                var expected = MessageStatuses.Indicator(status, opened == 1, clicked == 1);
                Assert.Equal(expected, (string)Assert.Single(await ListAsync($"?indicator={expected}"))!["indicator"]!);
            }
        }
    }

    private async Task<JsonArray> ListAsync(string query) => (await _app.GetAsync(MailApi.Path + query)).AsArray();

    private async Task ReportAsync(string events)
    {
        using var answer = await _app.RawAsync(HttpMethod.Post, "/api/v1/events", events);
        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        await _app.StoredAsync();
    }
}
