using System.Security.Cryptography;
using System.Text;
using ScoreTracking.Connections;
using ScoreTracking.Tests.Support;
using ScoreTracking.Webhooks;

namespace ScoreTracking.Tests.Webhooks;

/// <summary>ESPs that sign the raw body with HMAC-SHA256 in one header: MailerSend, Mailtrap, and SMTP.com where an account has a key.</summary>
public sealed class BodySignatureTests
{
    private const string Key = "whsec-3f1c0d5be7a2";
    private const string OldKey = "whsec-before-the-rotation";

    private static readonly byte[] s_body = Encoding.UTF8.GetBytes("""{"type":"activity.sent","url":"https:\/\/shop.example.com\/größe"}""");

    public static TheoryData<string, string, string> Signers => new()
    {
        { "mailersend", "signing_secret", "Signature" },
        { "mailtrap", "signing_secret", "Mailtrap-Signature" },
        { "smtp_com", "signing_key", "X-SMTPCOM-Signature" },
    };

    [Theory, MemberData(nameof(Signers))]
    public void The_right_signature_opens_and_during_a_rotation_the_old_one_too(string provider, string secret, string header)
    {
        var rotating = EspPayloads.With([(secret, Key)], previous: [(secret, OldKey)]);

        Assert.Equal(AuthenticityKind.Genuine, Ask(provider, EspPayloads.With([(secret, Key)]), s_body, (header, Sign(Key, s_body))));
        Assert.Equal(AuthenticityKind.Genuine, Ask(provider, rotating, s_body, (header.ToLowerInvariant(), Sign(Key, s_body))));
        Assert.Equal(AuthenticityKind.Genuine, Ask(provider, rotating, s_body, (header, Sign(OldKey, s_body))));
        Assert.Equal(AuthenticityKind.Forged, Ask(provider, EspPayloads.With([(secret, Key)]), s_body, (header, Sign(OldKey, s_body))));
    }

    [Theory, MemberData(nameof(Signers))]
    public void No_other_signature_and_no_other_body_opens(string provider, string secret, string header)
    {
        var connection = EspPayloads.With([(secret, Key)], basicAuth: true);
        var genuine = Sign(Key, s_body);

        Assert.Equal(AuthenticityKind.Missing, Ask(provider, connection, s_body));
        Assert.Equal(AuthenticityKind.Missing, Ask(provider, connection, s_body, ("X-Other-Signature", genuine)));
        Assert.All(WrongSignatures.Of(genuine), forged => Assert.NotEqual(AuthenticityKind.Genuine, Ask(provider, connection, s_body, (header, forged))));
        Assert.All(WrongSignatures.OfBody(s_body), body => Assert.Equal(AuthenticityKind.Forged, Ask(provider, connection, body, (header, genuine))));
    }

    [Theory, MemberData(nameof(Signers))]
    public void A_connection_without_key_opens_for_nobody(string provider, string secret, string header)
    {
        foreach (var connection in new[] { EspPayloads.With(), EspPayloads.With([(secret, "")]), EspPayloads.With([(secret, "  ")]), EspPayloads.With(previous: [(secret, "")]), EspPayloads.With([("other", Key)]) })
        {
            Assert.Equal(AuthenticityKind.Forged, Ask(provider, connection, s_body, (header, Sign("", s_body))));
            Assert.NotEqual(AuthenticityKind.Genuine, Ask(provider, connection, s_body, (header, Sign(Key, s_body))));
        }
    }

    [Theory, InlineData("mailtrap", "signing_secret"), InlineData("smtp_com", "signing_key")]
    public void Basic_authentication_suffices_until_a_key_is_set(string provider, string secret)
    {
        Assert.Equal(AuthenticityKind.Genuine, Ask(provider, EspPayloads.With(basicAuth: true), s_body));
        Assert.Equal(AuthenticityKind.Missing, Ask(provider, EspPayloads.With([(secret, Key)], basicAuth: true), s_body));
    }

    [Theory, MemberData(nameof(Signers))]
    public void What_one_ESP_signed_opens_no_connection_of_another(string provider, string _, string header)
    {
        foreach (var (other, adapter) in EspPayloads.Adapters.Where(other => other.Key != provider))
        {
            var connection = EspPayloads.With([.. adapter.Shape.Secrets.Select(secret => (secret.Key, Key))], settings: [("public_url", "https://tracking.example.com"), ("topic_arn", "arn:aws:sns:eu-west-1:123456789012:mail-events")]);

            Assert.NotEqual(AuthenticityKind.Genuine, Ask(other, connection, s_body, (header, Sign(Key, s_body))));
        }
    }

    [Fact]
    public void MailerSend_has_no_basic_authentication() =>
        Assert.Equal(AuthenticityKind.Forged, Ask("mailersend", EspPayloads.With(basicAuth: true), s_body));

    [Fact]
    public void SMTP_com_may_write_its_signature_as_base64_or_with_its_algorithm()
    {
        var connection = EspPayloads.With([("signing_key", Key)]);
        var hash = HMACSHA256.HashData(Encoding.UTF8.GetBytes(Key), s_body);

        Assert.Equal(AuthenticityKind.Genuine, Ask("smtp_com", connection, s_body, ("X-Signature", Convert.ToBase64String(hash))));
        Assert.Equal(AuthenticityKind.Genuine, Ask("smtp_com", connection, s_body, ("X-Signature", $"sha256={Convert.ToHexStringLower(hash)}")));
    }

    private static string Sign(string key, byte[] body) => Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(key), body));

    private static AuthenticityKind Ask(string provider, EspConnection connection, byte[] body, params (string, string)[] headers) =>
        EspPayloads.Adapters[provider].Authenticate(new WebhookRequest("POST", EspPayloads.Headers(headers), body), connection, Some.Noon).Kind;
}
