using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using ScoreTracking.Connections;
using ScoreTracking.Tests.Support;
using ScoreTracking.Webhooks;

namespace ScoreTracking.Tests.Webhooks;

public sealed class MailgunTests
{
    private const string Key = "a-signing-key-of-mailgun";
    private const string Token = "0f9c8b7a6d5e4f3a2b1c0d9e8f7a6b5c4d3e2f1a0b9c8d7e6f";

    private static readonly MailgunWebhook s_adapter = new();
    private static readonly string s_time = Some.Noon.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);

    private static EspConnection Connection => EspPayloads.With([("signing_key", Key)]);

    [Fact]
    public void The_senders_signature_is_genuine_in_all_three_forms()
    {
        Assert.Equal(AuthenticityKind.Genuine, Judge(Json(s_time, Token, Sign(s_time, Token))));
        Assert.Equal(AuthenticityKind.Genuine, Judge(Form(s_time, Token, Sign(s_time, Token))));
        Assert.Equal(AuthenticityKind.Genuine, Judge(Multipart(s_time, Token, Sign(s_time, Token))));
    }

    [Fact]
    public void In_a_form_the_last_of_three_names_is_Mailguns_own()
    {
        var form = Form(s_time, Token, Sign(s_time, Token), "event=delivered&timestamp=mine&token=mine&signature=mine&recipient=ann%40example.com&");

        Assert.Equal(AuthenticityKind.Genuine, Judge(form));
        Assert.Equal(Token, s_adapter.Read(form, Connection, Some.Noon).ReplayToken);
        Assert.NotEqual(AuthenticityKind.Genuine, Judge(Forgeries.Post(Encoding.UTF8.GetString(form.Body.Span) + "&signature=00")));
    }

    [Fact]
    public void A_subaccounts_event_may_be_signed_by_the_account_above_it() =>
        Assert.Equal(AuthenticityKind.Genuine, Judge(Forgeries.Post(
            $$$"""{"signature":{"timestamp":"{{{s_time}}}","token":"{{{Token}}}","signature":"{{{new string('0', 64)}}}","parent-signature":"{{{Sign(s_time, Token)}}}"},"event-data":{}}""")));

    [Fact]
    public void During_a_rotation_the_previous_key_still_counts()
    {
        var request = Json(s_time, Token, Sign(s_time, Token));

        Assert.Equal(AuthenticityKind.Genuine, s_adapter.Authenticate(request, EspPayloads.With([("signing_key", "the next key")], previous: [("signing_key", Key)]), Some.Noon).Kind);
        Assert.Equal(AuthenticityKind.Forged, s_adapter.Authenticate(request, EspPayloads.With([("signing_key", "the next key")]), Some.Noon).Kind);
        Assert.Equal(AuthenticityKind.Forged, s_adapter.Authenticate(request, EspPayloads.With(), Some.Noon).Kind);
    }

    [Fact]
    public void An_empty_key_signs_nothing()
    {
        var signature = Convert.ToHexStringLower(HMACSHA256.HashData(Array.Empty<byte>(), Encoding.UTF8.GetBytes(s_time + Token)));

        Assert.Equal(AuthenticityKind.Forged, s_adapter.Authenticate(Json(s_time, Token, signature), EspPayloads.With([("signing_key", "")]), Some.Noon).Kind);
    }

    [Fact]
    public void Nothing_forged_is_genuine()
    {
        var good = Sign(s_time, Token);
        foreach (var signature in new[] { "", "00", new string('0', 64), new string('z', 64), good[..^1], good + "0", good[..^1] + (good[^1] == '0' ? '1' : '0'), Convert.ToBase64String(Convert.FromHexString(good)), "🎉" })
        {
            Assert.NotEqual(AuthenticityKind.Genuine, Judge(Json(s_time, Token, signature)));
            Assert.NotEqual(AuthenticityKind.Genuine, Judge(Form(s_time, Token, signature)));
        }

        Assert.NotEqual(AuthenticityKind.Genuine, Judge(Json(s_time, Token[..^1], good)));
        Assert.NotEqual(AuthenticityKind.Genuine, Judge(Json(s_time, "", good)));
        Assert.NotEqual(AuthenticityKind.Genuine, Judge(Forgeries.Post("{}")));
        Assert.NotEqual(AuthenticityKind.Genuine, Judge(Forgeries.Post("")));
    }

    [Fact]
    public void A_digit_moved_between_timestamp_and_token_makes_no_second_signature()
    {
        var token = "1" + Token;
        var signature = Sign(s_time, token);

        Assert.Equal(AuthenticityKind.Genuine, Judge(Json(s_time, token, signature)));
        Assert.Equal(AuthenticityKind.Forged, Judge(Json(s_time + "1", Token, signature)));
        Assert.Equal(AuthenticityKind.Forged, Judge(Json(s_time[..^1], s_time[^1] + token, signature)));
    }

    [Theory, InlineData(0, true), InlineData(20, true), InlineData(80, false), InlineData(-80, false)]
    public void It_is_taken_for_72_hours(int hoursLater, bool taken) =>
        Assert.Equal(taken ? AuthenticityKind.Genuine : AuthenticityKind.Forged, s_adapter.Authenticate(Json(s_time, Token, Sign(s_time, Token)), Connection, Some.Noon + TimeSpan.FromHours(hoursLater)).Kind);

    [Fact]
    public void The_token_is_handed_on_since_it_does_not_cover_the_body()
    {
        Assert.Equal(Token, s_adapter.Read(Json(s_time, Token, ""), Connection, Some.Noon).ReplayToken);
        Assert.Equal(Token, s_adapter.Read(Multipart(s_time, Token, ""), Connection, Some.Noon).ReplayToken);
    }

    [Fact]
    public void The_same_event_signed_anew_is_the_same_event() => Assert.Equal(
        s_adapter.Read(Json(s_time, Token, ""), Connection, Some.Noon).Events.Single().EventId,
        s_adapter.Read(Json(s_time, "another token", ""), Connection, Some.Noon).Events.Single().EventId);

    private static AuthenticityKind Judge(WebhookRequest request) => s_adapter.Authenticate(request, Connection, Some.Noon).Kind;

    private static string Sign(string time, string token) => Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(Key), Encoding.UTF8.GetBytes(time + token)));

    private static WebhookRequest Json(string time, string token, string signature) => Forgeries.Post(
        $$$"""{"signature":{"timestamp":"{{{time}}}","token":"{{{token}}}","signature":"{{{signature}}}"},"event-data":{"event":"delivered","id":"a1","timestamp":1788256800.5,"recipient":"ann@example.com"}}""");

    private static WebhookRequest Form(string time, string token, string signature, string before = "event=delivered&recipient=ann%40example.com&") =>
        Forgeries.Post($"{before}timestamp={time}&token={token}&signature={Uri.EscapeDataString(signature)}");

    private static WebhookRequest Multipart(string time, string token, string signature) => Forgeries.Post(
        string.Concat(new[] { ("event", "delivered"), ("timestamp", time), ("token", token), ("signature", signature) }
            .Select(field => $"--b0\r\nContent-Disposition: form-data; name=\"{field.Item1}\"\r\n\r\n{field.Item2}\r\n")) + "--b0--\r\n");
}
