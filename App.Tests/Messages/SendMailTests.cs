using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using ScoreTracking.Events;
using ScoreTracking.Mail;
using ScoreTracking.Messages;
using ScoreTracking.Tests.Campaigns;
using ScoreTracking.Tests.Delivery;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Messages;

public sealed class SendMailTests : IAsyncLifetime
{
    private static readonly byte[] s_file = [.. Enumerable.Range(0, 3_000).Select(i => (byte)(i * 7))];

    private readonly TestApp _app = new();
    private readonly ScriptedSmtpServer _server = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task A_single_mail_goes_to_each_recipient_once_with_its_own_fields_links_pixel_and_the_files()
    {
        await _app.ConnectAsync(_server.Port);
        var mail = Mail("ana@example.com", "ben@example.com");
        mail["to"]![0]!["data"] = new JsonObject { ["first_name"] = "Ana\r\nBcc: evil@x.test", ["vip"] = true };
        mail["subject"] = "Hi {{first_name|default:\"there\"}}{{gone}}!";
        mail["html"] = "<p>{{#if vip}}<a href=\"https://acme.example/{{first_name|default:'you'}}\">vip</a>{{else}}Hello{{/if}} {{first_name}}</p>";
        mail["attachments"] = new JsonArray(File("Angebot für Ana.pdf", "application/pdf"));

        var copies = await _app.GivenMailAsync(mail);
        await SentAsync(2);

        Assert.All(copies, copy => Assert.True((bool)copy!["queued"]!));
        var (ana, ben) = (To("ana@example.com"), To("ben@example.com"));
        Assert.Equal("Hi Ana Bcc: evil@x.test!", ana.Headers["Subject"]);
        Assert.Equal("Hi there!", ben.Headers["Subject"]);
        Assert.Equal((string)copies[0]!["message_id"]!, ana.Headers.Raw("X-ST-Message-ID")?.Trim());
        Assert.Contains("/u/", ana.Headers.Raw("List-Unsubscribe"), StringComparison.Ordinal);
        Assert.Null(ana.Headers.Raw("Bcc"));
        var html = Part(ana, "text/html");
        Assert.Equal(((string)copies[0]!["html"]!).ReplaceLineEndings("\n"), html);
        Assert.Contains("Ana\nBcc: evil@x.test</p>", html, StringComparison.Ordinal);
        _app.Clock.Advance(TimeSpan.FromMinutes(1)); // Nobody clicks within two seconds.
        Assert.Equal("https://acme.example/Ana%0D%0ABcc%3A%20evil%40x.test", await _app.ClickAsync(copies[0]));
        Assert.Contains("<p>Hello </p>", Part(ben, "text/html"), StringComparison.Ordinal);
        var attached = Assert.Single(ana.Leaves, part => part.FileName is not null);
        Assert.Equal(("Angebot für Ana.pdf", "application/pdf"), (attached.FileName, attached.Type.Name));
        Assert.All(_server.Mails, sent => Assert.Contains(Convert.ToBase64String(s_file), sent.Text.Replace("\r\n", "", StringComparison.Ordinal), StringComparison.Ordinal));
        await _app.StoredAsync();
        Assert.Equal("clicked", (string?)(await _app.MessageAsync(copies[0]))["status"]);
        Assert.Empty(_app.Verify());
    }

    [Fact]
    public async Task What_a_mail_says_lies_encrypted_while_it_waits_and_not_at_all_once_it_has_arrived()
    {
        await _app.ConnectAsync(_server.Port);
        _server.Answer = line => line.StartsWith("RCPT", StringComparison.Ordinal) ? "450 4.2.1 come back later" : null;
        var mail = Mail();
        mail["html"] = "<p>a secret nobody may read</p>";

        var copy = (await _app.GivenMailAsync(mail))[0]!;
        await Eventually.TrueAsync(async () => (await _app.DeliveryAsync(MailApi.Number(copy)))!.Attempts == 1);

        var waiting = (await _app.MessageAsync(copy))["delivery"]!;
        Assert.Equal(("waiting", 1, 450, "4.2.1"), ((string)waiting["state"]!, (int)waiting["attempts"]!, (int)waiting["code"]!, (string)waiting["enhanced_status"]!));
        Assert.Equal("con_1", (string)waiting["connection_id"]!);
        Assert.DoesNotContain("secret nobody", Encoding.UTF8.GetString((await _app.ContentAsync(copy))!), StringComparison.Ordinal);

        _server.Answer = _ => null;
        _app.Clock.Advance(TimeSpan.FromMinutes(2));
        await SentAsync(1);

        await Eventually.TrueAsync(async () => (await _app.MessageAsync(copy))["delivery"] is null);
        Assert.DoesNotContain("secret nobody", Encoding.UTF8.GetString((await _app.ContentAsync(copy))!), StringComparison.Ordinal);
        await _app.StoreAsync(Some.Event(MailApi.Number(copy), EventType.Delivered, TimeSpan.FromMinutes(3)));
        _app.Services.GetRequiredService<MailContentPurge>().Run();
        Assert.Null(await _app.ContentAsync(copy));
        Assert.Equal(["deferred", "delivered", "sent"], (await _app.MessageAsync(copy))["events"]!.AsArray().Select(one => (string)one!["event_type"]!).Order());
        Assert.Contains("a secret nobody may read", Part(To("ana@example.com"), "text/html"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task HTML_alone_goes_out_with_its_plain_text()
    {
        await _app.ConnectAsync(_server.Port);
        var mail = Mail();
        mail.Remove("text");

        var copy = (await _app.GivenMailAsync(mail))[0]!;
        await SentAsync(1);

        var text = Part(To("ana@example.com"), "text/plain").ReplaceLineEndings(" ");
        var links = MailApi.Links((string)copy["html"]!);
        Assert.StartsWith("Hi, the offer (", text, StringComparison.Ordinal);
        Assert.All(links, link => Assert.Contains(link, text, StringComparison.Ordinal));
        Assert.Equal(text, ((string)copy["text"]!).ReplaceLineEndings(" "));

        mail["send"] = false;
        Assert.Equal("", (string?)(await _app.GivenMailAsync(mail))[0]!["text"]);
    }

    [Fact]
    public async Task What_was_refused_says_why_and_goes_out_when_somebody_tries_again()
    {
        await _app.ConnectAsync(_server.Port);
        _server.Answer = line => line.StartsWith("RCPT", StringComparison.Ordinal) ? "550 5.7.1 not from here" : null;

        var copy = (await _app.GivenMailAsync(Mail()))[0]!;
        await Eventually.TrueAsync(async () => (string?)(await _app.MessageAsync(copy))["delivery"]?["state"] == "failed");

        var failed = await _app.MessageAsync(copy);
        Assert.Contains("not from here", (string)failed["delivery"]!["reason"]!, StringComparison.Ordinal);
        Assert.Equal("red", (string)failed["indicator"]!);

        _server.Answer = _ => null;
        await _app.SendAsync(HttpMethod.Post, $"{MailApi.Path}/{copy["message_id"]}/actions/resend", null, HttpStatusCode.Accepted);
        await SentAsync(1);
        Assert.Empty(_app.Verify());
    }

    [Fact]
    public async Task A_request_repeated_with_its_key_sends_nothing_twice()
    {
        await _app.ConnectAsync(_server.Port);
                var body = Mail("ana@example.com", "ben@example.com").ToJsonString();
        for (var i = 0; i < 2; i++)
        {
            // As after a crash: the stored answer is gone, the mail is not.
            await using (var db = _app.Database())
            {
                await db.Database.ExecuteSqlRawAsync("DELETE FROM idempotency_keys", TestContext.Current.CancellationToken);
            }

            using var request = new HttpRequestMessage(HttpMethod.Post, MailApi.Path) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
            request.Headers.Add("Idempotency-Key", "once");
            using var answer = await _app.Api.SendAsync(request, TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
            await SentAsync(2);
        }

        await _app.GivenMailAsync(Mail("cleo@example.com"));
        await SentAsync(3);
        Assert.Equal(3, _server.Mails.Count);
    }

    [Fact]
    public async Task Whoever_unsubscribed_while_it_waited_gets_nothing()
    {
        await _app.ConnectAsync(_server.Port);
        _server.Answer = line => line.StartsWith("RCPT", StringComparison.Ordinal) ? "450 4.2.1 come back later" : null;
        var copy = (await _app.GivenMailAsync(Mail()))[0]!;
        await Eventually.TrueAsync(async () => (await _app.DeliveryAsync(MailApi.Number(copy)))!.Attempts == 1);

        await _app.SendAsync(HttpMethod.Post, "/api/v1/suppressions", JsonNode.Parse("""{"email":"ana@example.com","reason":"manual","note":"asked by phone"}"""), HttpStatusCode.Created);
        _server.Answer = _ => null;
        _app.Clock.Advance(TimeSpan.FromMinutes(2));

        await Eventually.TrueAsync(async () => (string?)(await _app.MessageAsync(copy))["delivery"]?["state"] == "withdrawn");
        Assert.Empty(_server.Mails);
        Assert.Equal("dropped", (string?)(await _app.MessageAsync(copy))["status"]);
        Assert.Empty(_app.Verify());
    }

    [Fact]
    public async Task A_mail_to_oneself_is_sent_without_pixel_and_with_its_links_untouched()
    {
        await _app.ConnectAsync(_server.Port);
        var mail = Mail("eva@acme.example");

        var copy = (await _app.GivenMailAsync(mail))[0]!;
        await SentAsync(1);

        Assert.Equal("own_copy", (string)copy["untracked_because"]!);
        Assert.Equal((string)mail["html"]!, Part(To("eva@acme.example"), "text/html"));
    }

    [Fact]
    public async Task The_connection_must_be_one_that_can_send_and_be_named_where_there_are_several()
    {
        await RefusedAsync(Mail(), "connection_id");
        await _app.ConnectAsync(_server.Port);
        await _app.ConnectAsync(_server.Port);
        var inbound = await _app.SendAsync(HttpMethod.Post, "/api/v1/connections", JsonNode.Parse("""{"name":"In","provider":"inbound","basic_auth":{"user":"in","password":"a long password"}}"""), HttpStatusCode.Created);

        await RefusedAsync(Mail(), "connection_id");
        foreach (var wrong in new[] { "con_99", "7", "", (string)inbound["id"]! })
        {
            var mail = Mail();
            mail["connection_id"] = wrong;
            await RefusedAsync(mail, "connection_id");
        }

        var named = Mail();
        named["connection_id"] = "con_2";
        await _app.GivenMailAsync(named);
        await SentAsync(1);
    }

    [Theory]
    [InlineData("""[{"content":"QQ=="}]""", "attachments[0].file_name")]
    [InlineData("""[{"file_name":"a\r\nb","content":"QQ=="}]""", "attachments[0].file_name")]
    [InlineData("""[{"file_name":"a","content":"Q"}]""", "attachments[0].content")]
    [InlineData("""[{"file_name":"a","content":"not base64!"}]""", "attachments[0].content")]
    [InlineData("""[{"file_name":"a"}]""", "attachments[0].content")]
    [InlineData("""[{"file_name":"a","content":"QQ==","content_type":"pdf"}]""", "attachments[0].content_type")]
    [InlineData("""[{"file_name":"a","content":"QQ==","content_type":"text/plain\r\nX: y"}]""", "attachments[0].content_type")]
    public async Task A_file_needs_a_name_a_type_and_base64(string attachments, string field)
    {
        await _app.ConnectAsync(_server.Port);
        var mail = Mail();
        mail["attachments"] = JsonNode.Parse(attachments);

        await RefusedAsync(mail, field);
    }

    [Fact]
    public async Task Files_have_limits_and_go_only_with_mail_this_server_sends()
    {
        await _app.ConnectAsync(_server.Port);
        var (large, many, heavy, own) = (Mail(), Mail(), Mail([.. Enumerable.Range(0, 10).Select(i => $"p{i}@example.com")]), MailApi.Mail());
        large["attachments"] = new JsonArray(File("a", null, 6 * 1024 * 1024), File("b", null, 5 * 1024 * 1024));
        many["attachments"] = new JsonArray([.. Enumerable.Range(0, 21).Select(i => (JsonNode)File($"{i}", null, 1))]);
        heavy["attachments"] = new JsonArray(File("a", null, 6 * 1024 * 1024));
        own["attachments"] = new JsonArray(File("a", null, 1));

        await RefusedAsync(large, "attachments");
        await RefusedAsync(many, "attachments");
        await RefusedAsync(heavy, "to");
        await RefusedAsync(own, "attachments");
        await using var db = _app.Database();
        Assert.False(await db.Messages.AnyAsync(TestContext.Current.CancellationToken));
    }

    private static JsonObject Mail(params string[] to)
    {
        var mail = MailApi.Mail(to);
        mail["send"] = true;
        return mail;
    }

    private static JsonObject File(string name, string? type, int? bytes = null) => new()
    {
        ["file_name"] = name, ["content_type"] = type, ["content"] = Convert.ToBase64String(bytes is { } length ? new byte[length] : s_file),
    };

    private async Task RefusedAsync(JsonObject mail, string field)
    {
        var problem = await _app.RefusedAsync(HttpMethod.Post, MailApi.Path, mail.ToJsonString(), 422);
        Assert.Equal([field], problem["errors"]!.AsObject().Select(error => error.Key));
    }

    private Task SentAsync(int mails) => Eventually.TrueAsync(() => Task.FromResult(_server.Mails.Count >= mails));

    private MimePart To(string recipient) => MimeReader.Read(_server.Mails.Single(mail => mail.Recipients.Single() == recipient).Content);

    private static string Part(MimePart mail, string type) => 
        Encoding.UTF8.GetString(mail.Leaves.Single(part => part.Type.Name == type).Content(MailLimits.MailBytes).Span).TrimEnd('\n');
}
