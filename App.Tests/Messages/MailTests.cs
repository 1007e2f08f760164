using System.Net;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using ScoreTracking.Data;
using ScoreTracking.Tests.Campaigns;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Messages;

/// <summary>Single mails: what each recipient's copy is made of, and the list of all.</summary>
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

    private async Task<JsonArray> ListAsync(string query) => (await _app.GetAsync(MailApi.Path + query)).AsArray();
}
