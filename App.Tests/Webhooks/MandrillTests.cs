using System.Security.Cryptography;
using System.Text;
using ScoreTracking.Connections;
using ScoreTracking.Tests.Support;
using ScoreTracking.Webhooks;

namespace ScoreTracking.Tests.Webhooks;

public sealed class MandrillTests
{
    private const string Key = "rAnDoMmAnDrIlLkEy";
    private const string Url = "https://user:pass@tracking.example.com/webhooks/mandrill/x?y=1";

    private static readonly MandrillWebhook s_adapter = new();

    private static readonly string s_events = """[{"event":"send","_id":"a","ts":1788250000,"msg":{"email":"zoë@exämple.com","subject":"1+1 = 2 & more %"}}]""";

    [Fact]
    public void The_signature_covers_the_URL_as_entered_and_the_decoded_fields_in_order_of_name()
    {
        var connection = EspPayloads.With([("webhook_key", Key)], settings: [("public_url", Url)]);

        Assert.Equal(AuthenticityKind.Genuine, Ask(connection, Form(s_events), Sign(Key, $"{Url}mandrill_events{s_events}")));
        Assert.Equal(
            AuthenticityKind.Genuine,
            Ask(connection, $"z=%41+b&{Form(s_events)}&a=%C3%BC", Sign(Key, $"{Url}aümandrill_events{s_events}zA b")));
        Assert.Equal(AuthenticityKind.Forged, Ask(connection, Form(s_events), Sign(Key, $"{Url}/mandrill_events{s_events}")));
        Assert.Equal(AuthenticityKind.Forged, Ask(connection, Form(s_events), Sign(Key, $"https://tracking.example.com/webhooks/mandrill/x?y=1mandrill_events{s_events}")));
    }

    [Fact]
    public void During_a_rotation_the_old_key_opens_too()
    {
        var old = Sign("the-key-before-this-one", $"{Url}mandrill_events{s_events}");

        Assert.Equal(AuthenticityKind.Genuine, Ask(EspPayloads.With([("webhook_key", Key)], [("webhook_key", "the-key-before-this-one")], [("public_url", Url)]), Form(s_events), old));
        Assert.Equal(AuthenticityKind.Forged, Ask(EspPayloads.With([("webhook_key", Key)], settings: [("public_url", Url)]), Form(s_events), old));
    }

    [Fact]
    public void No_other_signature_and_no_other_body_opens()
    {
        var connection = EspPayloads.With([("webhook_key", Key)], settings: [("public_url", Url)], basicAuth: true);
        var genuine = Sign(Key, $"{Url}mandrill_events{s_events}");

        Assert.Equal(AuthenticityKind.Missing, Ask(connection, Form(s_events), null));
        Assert.Equal(AuthenticityKind.Forged, Ask(connection, Form(s_events), Sign("test-webhook", $"{Url}mandrill_events{s_events}")));
        Assert.All(WrongSignatures.Of(genuine), forged => Assert.NotEqual(AuthenticityKind.Genuine, Ask(connection, Form(s_events), forged)));
        Assert.All(
            WrongSignatures.OfBody(Encoding.UTF8.GetBytes(Form(s_events))),
            body => Assert.NotEqual(AuthenticityKind.Genuine, s_adapter.Authenticate(Request("POST", body, genuine), connection, Some.Noon).Kind));
    }

    [Fact]
    public void Without_key_or_URL_nothing_that_says_anything_opens()
    {
        foreach (var connection in new[] { EspPayloads.With(), EspPayloads.With([("webhook_key", Key)]), EspPayloads.With([("webhook_key", " ")], settings: [("public_url", Url)]), EspPayloads.With(settings: [("public_url", Url)]) })
        {
            Assert.Equal(AuthenticityKind.Forged, Ask(connection, Form(s_events), Sign(Key, $"{Url}mandrill_events{s_events}")));
            Assert.Equal(AuthenticityKind.Forged, Ask(connection, Form(s_events), Sign("", $"{Url}mandrill_events{s_events}")));
            Assert.Equal(AuthenticityKind.Forged, Ask(connection, Form("[]") + "&" + Form(s_events), null));
        }
    }

    [Theory, InlineData("HEAD", ""), InlineData("POST", "mandrill_events=[]"), InlineData("POST", "mandrill_events=%5B%5D")]
    public void Setting_the_webhook_up_is_answered_before_there_is_a_key_and_says_nothing(string method, string body)
    {
        var request = Request(method, Encoding.UTF8.GetBytes(body), Sign("test-webhook", $"{Url}mandrill_events[]"));

        Assert.Equal(AuthenticityKind.Genuine, s_adapter.Authenticate(request, EspPayloads.With(), Some.Noon).Kind);
        Assert.Equal((0, 0), (s_adapter.Read(request, EspPayloads.With(), Some.Noon).Events.Count, s_adapter.Read(request, EspPayloads.With(), Some.Noon).Unreadable!.Count));
    }

    [Fact]
    public void A_HEAD_with_a_body_reports_nothing() =>
        Assert.Empty(s_adapter.Read(Request("HEAD", Encoding.UTF8.GetBytes(Form(s_events)), ""), EspPayloads.With(), Some.Noon).Events);

    [Fact]
    public void A_thousand_events_with_a_bad_one_in_the_middle_cost_one()
    {
        var events = string.Join(',', Enumerable.Range(0, 1_000).Select(i => i == 500
            ? """{"event":"send","_id":"bad","ts":"never","msg":{"email":"bad@example.com"}}"""
            : $$$"""{"event":"send","_id":"m{{{i}}}","ts":1788250000,"msg":{"email":"r{{{i}}}@example.com"}}"""));

        var reading = s_adapter.Read(Request("POST", Encoding.UTF8.GetBytes(Form($"[{events}]")), ""), EspPayloads.With(), Some.Noon);

        Assert.Equal(999, reading.Events.Count);
        Assert.Equal(["event 501: ts is no time"], reading.Unreadable);
    }

    private static string Form(string events) => $"mandrill_events={Uri.EscapeDataString(events).Replace("%20", "+", StringComparison.Ordinal)}";

#pragma warning disable CA5350 // What Mandrill uses.
    private static string Sign(string key, string signed) => Convert.ToBase64String(HMACSHA1.HashData(Encoding.UTF8.GetBytes(key), Encoding.UTF8.GetBytes(signed)));
#pragma warning restore CA5350

    private static AuthenticityKind Ask(EspConnection connection, string form, string? signature) =>
        s_adapter.Authenticate(Request("POST", Encoding.UTF8.GetBytes(form), signature), connection, Some.Noon).Kind;

    private static WebhookRequest Request(string method, byte[] body, string? signature) =>
        new(method, signature is null ? EspPayloads.Headers() : EspPayloads.Headers(("X-Mandrill-Signature", signature)), body);
}
