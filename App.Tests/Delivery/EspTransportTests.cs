using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using ScoreTracking.Api;
using ScoreTracking.Connections;
using ScoreTracking.Delivery;
using ScoreTracking.Mail;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Delivery;

public sealed class EspTransportTests : IAsyncLifetime
{
    private ScriptedHttpServer _esp = null!;
    private TestApp _app = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _esp = await ScriptedHttpServer.OpenAsync();
        _app = new TestApp(new()
        {
            ["Transports:Endpoints:sendgrid"] = _esp.Url,
            ["Transports:Endpoints:mailgun"] = _esp.Url,
            ["Transports:Endpoints:postmark"] = _esp.Url,
            ["Transports:Endpoints:amazon_ses"] = _esp.Url,
            ["Transports:Endpoints:sparkpost"] = _esp.Url,
            ["Transports:HttpTimeout"] = "00:00:05",
            ["Transports:StopTimeout"] = "00:00:00.300",
        });
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        await _esp.DisposeAsync();
    }

    [Fact]
    public async Task SendGrid_gets_the_mail_in_parts_with_our_id_and_without_its_own_tracking()
    {
        await using var transport = await OpenAsync("sendgrid");
        _esp.Answer = ScriptedHttpServer.With(202, "", ("X-Message-Id", "14c5d75ce93"));

        var handOff = await SendAsync(transport, SomeLetter.To("ann@example.net", change: mail => mail with { Attachments = [new OutgoingAttachment("a.txt", "text/plain", "Hi"u8.ToArray())] }));

        Assert.Equal((SmtpVerdict.Accepted, "14c5d75ce93"), (handOff.Verdict, handOff.EspMessageId));
        Assert.True(_esp.Received.TryDequeue(out var request));
        Assert.Equal(("/v3/mail/send", "Bearer SG.key"), (request.Path, request.Headers["Authorization"]));
        var said = request.Json;
        Assert.Equal("ann@example.net", (string?)said["personalizations"]![0]!["to"]![0]!["email"]);
        Assert.Equal("Ann", (string?)said["personalizations"]![0]!["to"]![0]!["name"]);
        Assert.Equal("msg_7", (string?)said["personalizations"]![0]!["custom_args"]!["st_message_id"]);
        Assert.Equal("Grüße – {{not a field}}", (string?)said["subject"]);
        Assert.Equal(["text/plain", "text/html"], said["content"]!.AsArray().Select(part => (string?)part!["type"]));
        Assert.Equal("<https://t.acme.example/u/1>, <mailto:u@in.acme.example>", (string?)said["headers"]!["List-Unsubscribe"]);
        Assert.False((bool)said["tracking_settings"]!["click_tracking"]!["enable"]!);
        Assert.False((bool)said["tracking_settings"]!["open_tracking"]!["enable"]!);
        Assert.Equal("SGk=", (string?)said["attachments"]![0]!["content"]);
    }

    [Fact]
    public async Task Mailgun_gets_the_mail_as_it_travels()
    {
        await using var transport = await OpenAsync("mailgun");
        _esp.Answer = ScriptedHttpServer.With(200, """{"id":"<m1@acme.example>","message":"Queued. Thank you."}""");
        var letter = SomeLetter.To("ann@example.net");

        var handOff = await SendAsync(transport, letter);

        Assert.Equal((SmtpVerdict.Accepted, "m1@acme.example"), (handOff.Verdict, handOff.EspMessageId));
        Assert.True(_esp.Received.TryDequeue(out var request));
        Assert.Equal(("/v3/mg.acme.example/messages.mime", $"Basic {Convert.ToBase64String("api:key-1"u8)}"), (request.Path, request.Headers["Authorization"]));
        var form = await new Microsoft.AspNetCore.Http.Features.FormFeature(new DefaultHttpContext { Request = { Body = new MemoryStream(request.Body), ContentType = request.Headers["Content-Type"] } }.Request).ReadFormAsync(Token);
        Assert.Equal(("ann@example.net", "no", "msg_7"), ((string?)form["to"], (string?)form["o:tracking"], (string?)form["v:st_message_id"]));
        using var mime = new MemoryStream();
        await Assert.Single(form.Files, file => file.Name == "message").CopyToAsync(mime, Token);
        Assert.Equal(letter.Mime.ToArray(), mime.ToArray());
    }

    [Fact]
    public async Task Postmark_takes_several_mails_at_once_and_answers_for_each()
    {
        await using var transport = await OpenAsync("postmark");
        _esp.Answer = ScriptedHttpServer.With(200, """
            [{"ErrorCode":0,"Message":"OK","MessageID":"b7bc2f4a"},
             {"ErrorCode":406,"Message":"You tried to send to a recipient that has been marked as inactive."},
             {"ErrorCode":300,"Message":"Invalid 'To' address: 'x'."}]
            """);

        var handOffs = await transport.SendAsync([SomeLetter.To("ann@example.net"), SomeLetter.To("bob@example.net", 8), SomeLetter.To("none", 9), SomeLetter.To("cid@example.net", 10)], null, null, Token);

        Assert.Equal([SmtpVerdict.Accepted, SmtpVerdict.Refused, SmtpVerdict.Refused, SmtpVerdict.Refused], handOffs.Select(handOff => handOff.Verdict));
        Assert.Equal(["b7bc2f4a", null, null, null], handOffs.Select(handOff => handOff.EspMessageId));
        Assert.Equal([null, null, "5.1.3", "5.1.3"], handOffs.Select(handOff => handOff.EnhancedStatus));
        Assert.True(_esp.Received.TryDequeue(out var request));
        Assert.Equal(("/email/batch", "token-1"), (request.Path, request.Headers["X-Postmark-Server-Token"]));
        var mails = request.Json.AsArray();
        Assert.Equal(["msg_7", "msg_8", "msg_10"], mails.Select(mail => (string?)mail!["Metadata"]!["st_message_id"]));
        Assert.Equal("\"Acme, \\\"News\\\"\" <news@acme.example>", (string?)mails[0]!["From"]);
        Assert.Equal(("outbound", "None", false), ((string?)mails[0]!["MessageStream"], (string?)mails[0]!["TrackLinks"], (bool)mails[0]!["TrackOpens"]!));
    }

    [Fact]
    public async Task SES_gets_the_mail_as_it_travels_under_a_signature()
    {
        await using var transport = await OpenAsync("amazon_ses");
        _esp.Answer = ScriptedHttpServer.With(200, """{"MessageId":"0102-abc"}""");
        var letter = SomeLetter.To("ann@example.net");

        var handOff = await SendAsync(transport, letter);

        Assert.Equal((SmtpVerdict.Accepted, "0102-abc"), (handOff.Verdict, handOff.EspMessageId));
        Assert.True(_esp.Received.TryDequeue(out var request));
        Assert.Equal("/v2/email/outbound-emails", request.Path);
        Assert.Matches("^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/[0-9]{8}/eu-west-1/ses/aws4_request, SignedHeaders=content-type;host;x-amz-date, Signature=[0-9a-f]{64}$", request.Headers["Authorization"]);
        Assert.Equal(letter.Mime.ToArray(), Convert.FromBase64String((string)request.Json["Content"]!["Raw"]!["Data"]!));
        Assert.Equal(("st_message_id", "msg_7"), ((string?)request.Json["EmailTags"]![0]!["Name"], (string?)request.Json["EmailTags"]![0]!["Value"]));
        Assert.DoesNotContain("wJalr", request.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SparkPost_gets_the_mail_as_it_travels_and_must_not_fill_in_fields_of_its_own()
    {
        await using var transport = await OpenAsync("sparkpost");
        _esp.Answer = ScriptedHttpServer.With(200, """{"results":{"total_rejected_recipients":0,"total_accepted_recipients":1,"id":"11668787484950529"}}""");
        var letter = SomeLetter.To("ann@example.net");

        var handOff = await SendAsync(transport, letter);

        Assert.Equal((SmtpVerdict.Accepted, "11668787484950529"), (handOff.Verdict, handOff.EspMessageId));
        Assert.True(_esp.Received.TryDequeue(out var request));
        Assert.Equal(("/api/v1/transmissions", "sp-key"), (request.Path, request.Headers["Authorization"]));
        Assert.Equal("msg_7", (string?)request.Json["recipients"]![0]!["metadata"]!["st_message_id"]);
        Assert.Equal(letter.Mime.ToArray(), Encoding.UTF8.GetBytes((string)request.Json["content"]!["email_rfc822"]!));
        Assert.False((bool)request.Json["options"]!["perform_substitutions"]!);
    }

    [Theory]
    [InlineData("sendgrid", 400, """{"errors":[{"message":"Does not contain a valid address.","field":"personalizations.0.to.0.email"}]}""", SmtpVerdict.Refused, false)]
    [InlineData("sendgrid", 400, """{"errors":[{"message":"Not a valid from.","field":"from.email"}]}""", SmtpVerdict.Unreachable, true)]
    [InlineData("sendgrid", 401, """{"errors":[{"message":"Permission denied, wrong credentials"}]}""", SmtpVerdict.Unreachable, true)]
    [InlineData("sendgrid", 413, """{"errors":[]}""", SmtpVerdict.Refused, false)]
    [InlineData("sendgrid", 429, """{"errors":[{"message":"too many requests"}]}""", SmtpVerdict.Unreachable, false)]
    [InlineData("sendgrid", 500, "<html>oops</html>", SmtpVerdict.Deferred, false)]
    [InlineData("sendgrid", 503, "", SmtpVerdict.Unreachable, false)]
    [InlineData("sendgrid", 504, "", SmtpVerdict.Uncertain, false)]
    [InlineData("sendgrid", 302, "", SmtpVerdict.Unreachable, true)]
    [InlineData("mailgun", 400, """{"message":"'to' parameter is not a valid address. please check documentation"}""", SmtpVerdict.Refused, false)]
    [InlineData("mailgun", 401, "Forbidden", SmtpVerdict.Unreachable, true)]
    [InlineData("mailgun", 404, """{"message":"Domain not found: mg.acme.example"}""", SmtpVerdict.Unreachable, true)]
    [InlineData("postmark", 401, """{"ErrorCode":10,"Message":"Bad or missing Server API token."}""", SmtpVerdict.Unreachable, true)]
    [InlineData("postmark", 200, """[{"ErrorCode":401,"Message":"The 'From' address you supplied is not a confirmed Sender Signature."}]""", SmtpVerdict.Unreachable, true)]
    [InlineData("postmark", 200, """[{"ErrorCode":100,"Message":"Maintenance"}]""", SmtpVerdict.Unreachable, false)]
    [InlineData("postmark", 200, "[]", SmtpVerdict.Uncertain, false)]
    [InlineData("postmark", 200, "{}", SmtpVerdict.Uncertain, false)]
    [InlineData("amazon_ses", 403, """{"message":"The security token included in the request is invalid."}""", SmtpVerdict.Unreachable, true)]
    [InlineData("amazon_ses", 400, """{"__type":"MessageRejected","message":"Email address is not verified."}""", SmtpVerdict.Unreachable, true)]
    [InlineData("amazon_ses", 400, """{"__type":"MessageRejected","message":"Message failed content inspection"}""", SmtpVerdict.Refused, false)]
    [InlineData("amazon_ses", 429, """{"__type":"TooManyRequestsException","message":"Maximum sending rate exceeded."}""", SmtpVerdict.Unreachable, false)]
    [InlineData("sparkpost", 400, """{"errors":[{"message":"Invalid domain","description":"Unconfigured Sending Domain <acme.example>","code":"7001"}]}""", SmtpVerdict.Unreachable, true)]
    [InlineData("sparkpost", 420, """{"errors":[{"message":"Exceed Sending Limit (daily)","code":"2101"}]}""", SmtpVerdict.Unreachable, false)]
    [InlineData("sparkpost", 200, """{"results":{"total_rejected_recipients":1,"total_accepted_recipients":0,"id":"1"}}""", SmtpVerdict.Refused, false)]
    public async Task What_an_ESP_answers_is_told_apart(string provider, int status, string body, SmtpVerdict verdict, bool needsOperator)
    {
        await using var transport = await OpenAsync(provider);
        _esp.Answer = ScriptedHttpServer.With(status, body);

        var handOff = await SendAsync(transport, SomeLetter.To("ann@example.net"));

        Assert.Equal((verdict, status, needsOperator), (handOff.Verdict, handOff.Code, handOff.NeedsOperator));
        Assert.NotEmpty(handOff.Text);
    }

    [Fact]
    public async Task An_ESP_that_hangs_up_or_says_nothing_after_the_mail_may_have_it()
    {
        await using var transport = await OpenAsync("sendgrid");

        await SendAsync(transport, SomeLetter.To("ann@example.net")); // a connection that is used again
        _esp.Answer = ScriptedHttpServer.HangUp;
        var hungUp = await SendAsync(transport, SomeLetter.To("bob@example.net"));
        _esp.Answer = ScriptedHttpServer.SayNothing;
        var silent = await SendAsync(transport, SomeLetter.To("cid@example.net"));

        Assert.Equal((SmtpVerdict.Uncertain, SmtpVerdict.Uncertain), (hungUp.Verdict, silent.Verdict));
        Assert.Equal(3, _esp.Received.Count); // nothing was sent twice
    }

    [Fact]
    public async Task An_ESP_that_cannot_be_reached_has_not_got_the_mail_and_nothing_was_noted()
    {
        await using var transport = await OpenAsync("sendgrid");
        await _esp.DisposeAsync();
        var noted = 0;

        var handOff = Assert.Single(await transport.SendAsync([SomeLetter.To("ann@example.net")], _ => { noted++; return ValueTask.CompletedTask; }, null, Token));

        Assert.Equal((SmtpVerdict.Unreachable, "SendGrid could not be reached.", 0), (handOff.Verdict, handOff.Text, noted));
    }

    [Fact]
    public async Task Cancelling_before_the_mail_went_out_sends_nothing_and_afterwards_waits_a_moment_for_the_answer()
    {
        await using var transport = await OpenAsync("sendgrid");
        using var before = new CancellationTokenSource();
        using var after = new CancellationTokenSource();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => transport.SendAsync([SomeLetter.To("ann@example.net")], _ => new ValueTask(before.CancelAsync()), null, before.Token));
        Assert.Empty(_esp.Received);

        _esp.Answer = async context =>
        {
            await after.CancelAsync();
            await ScriptedHttpServer.With(202, "")(context);
        };
        Assert.Equal(SmtpVerdict.Accepted, Assert.Single(await transport.SendAsync([SomeLetter.To("bob@example.net")], null, null, after.Token)).Verdict);
    }

    [Fact]
    public async Task What_noting_comes_to_grief_with_is_told_as_it_is()
    {
        await using var transport = await OpenAsync("sendgrid");

        await Assert.ThrowsAsync<InvalidDataException>(() => transport.SendAsync([SomeLetter.To("ann@example.net")], _ => throw new InvalidDataException(), null, Token));

        Assert.Empty(_esp.Received);
    }

    [Fact]
    public void The_signature_is_the_one_of_the_documentation()
    {
        var signature = new AwsSignature("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "us-east-1", "service");

        var headers = signature.Sign("GET", new Uri("https://example.amazonaws.com/"), [], [], new DateTimeOffset(2015, 8, 30, 12, 36, 0, TimeSpan.Zero));

        Assert.Contains(headers, header => header.Value.EndsWith("Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_test_mail_over_an_ESP_says_what_the_ESP_said_and_no_key_is_shown()
    {
        var id = await _app.GivenEspAsync("sendgrid");
        _esp.Answer = ScriptedHttpServer.With(403, """{"errors":[{"message":"The from address does not match a verified Sender Identity."}]}""");

        var answer = await _app.Api.PostAsJsonAsync($"/api/v1/connections/{id}/actions/test", new { to = "ann@example.net" }, Token);

        var said = JsonNode.Parse(await answer.Content.ReadAsStringAsync(Token))!["data"]!;
        Assert.Equal((HttpStatusCode.OK, false, "unreachable"), (answer.StatusCode, (bool)said["sent"]!, (string?)said["verdict"]));
        Assert.Contains("does not match a verified Sender Identity", (string?)said["steps"]![0]!["text"], StringComparison.Ordinal);
        Assert.DoesNotContain("SG.key", said.ToJsonString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("sendgrid")]
    [InlineData("mailgun")]
    [InlineData("postmark")]
    [InlineData("sparkpost")]
    public async Task A_key_for_sending_is_no_key_for_receiving(string provider)
    {
        var id = await _app.GivenEspAsync(provider);

        PublicId.TryConnection(id, out var number);
        var received = await _app.Services.GetRequiredService<KnownConnections>().FindAsync(number, Token);

        Assert.DoesNotContain(received!.Esp.Secrets.Keys, key => key is "api_key" or "server_token");
    }

    private Task<ITransport> OpenAsync(string provider) => _app.OpenEspAsync(provider);

    private static async Task<HandOff> SendAsync(ITransport transport, Letter letter) => Assert.Single(await transport.SendAsync([letter], null, null, Token));
}
