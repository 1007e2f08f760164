using System.Net;
using System.Text.Json.Nodes;
using ScoreTracking.Data;
using ScoreTracking.Events;
using ScoreTracking.Tests.Campaigns;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Messages;

/// <summary>What happens to a single mail, and how it is shown.</summary>
public sealed class MailEventsTests : IAsyncDisposable
{
    private readonly TestApp _app = new(new() { ["TrackingUrl"] = "https://t.acme.example" });

    public ValueTask DisposeAsync() => _app.DisposeAsync();

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
