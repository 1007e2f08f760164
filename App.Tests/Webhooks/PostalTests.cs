using System.Security.Cryptography;
using System.Text;
using ScoreTracking.Connections;
using ScoreTracking.Tests.Support;
using ScoreTracking.Webhooks;

namespace ScoreTracking.Tests.Webhooks;

public sealed class PostalTests : IDisposable
{
    private const string Strong = "X-Postal-Signature-256";
    private const string Weak = "X-Postal-Signature";

    private static readonly byte[] s_body = Encoding.UTF8.GetBytes("""{"event":"MessageSent","uuid":"u","payload":{"message":{"to":"zoë@exämple.com"}}}""");
    private static readonly PostalWebhook s_adapter = new();

    private readonly RSA _key = RSA.Create(2_048);
    private readonly RSA _other = RSA.Create(2_048);

    [Fact]
    public void The_key_may_be_given_as_PEM_or_as_in_the_DKIM_record()
    {
        var info = Convert.ToBase64String(_key.ExportSubjectPublicKeyInfo());
        foreach (var written in new[] { info, $" {info}\n", _key.ExportSubjectPublicKeyInfoPem(), _key.ExportRSAPublicKeyPem(), _key.ExportSubjectPublicKeyInfoPem().ReplaceLineEndings("\r\n") })
        {
            Assert.Null(Assert.Single(s_adapter.Shape.Secrets).Check!(written));
            Assert.Equal(AuthenticityKind.Genuine, Ask(EspPayloads.With([("public_key", written)]), s_body, (Strong, Sign(_key, HashAlgorithmName.SHA256))));
        }
    }

    [Theory, InlineData(""), InlineData("no key"), InlineData("AAAA"), InlineData("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----")]
    public void What_is_no_key_is_refused_when_it_is_entered(string value) => Assert.NotNull(s_adapter.Shape.Secrets[0].Check!(value));

    [Fact]
    public void Older_servers_sign_with_SHA1_but_where_both_are_sent_the_stronger_decides()
    {
        var connection = Connection();

        Assert.Equal(AuthenticityKind.Genuine, Ask(connection, s_body, (Weak, Sign(_key, HashAlgorithmName.SHA1))));
        Assert.Equal(AuthenticityKind.Genuine, Ask(connection, s_body, (Weak, "ignored"), (Strong, Sign(_key, HashAlgorithmName.SHA256))));
        Assert.Equal(AuthenticityKind.Forged, Ask(connection, s_body, (Weak, Sign(_key, HashAlgorithmName.SHA1)), (Strong, "AAAA")));
        Assert.Equal(AuthenticityKind.Forged, Ask(connection, s_body, (Weak, Sign(_key, HashAlgorithmName.SHA256))));
        Assert.Equal(AuthenticityKind.Forged, Ask(connection, s_body, (Strong, Sign(_key, HashAlgorithmName.SHA1))));
    }

    [Fact]
    public void During_a_rotation_the_old_key_opens_too()
    {
        var signature = Sign(_other, HashAlgorithmName.SHA256);

        Assert.Equal(AuthenticityKind.Genuine, Ask(EspPayloads.With([("public_key", _key.ExportSubjectPublicKeyInfoPem())], [("public_key", _other.ExportSubjectPublicKeyInfoPem())]), s_body, (Strong, signature)));
        Assert.Equal(AuthenticityKind.Forged, Ask(Connection(), s_body, (Strong, signature)));
    }

    [Fact]
    public void No_other_signature_and_no_other_body_opens()
    {
        var genuine = Sign(_key, HashAlgorithmName.SHA256);

        Assert.Equal(AuthenticityKind.Missing, Ask(Connection(), s_body));
        Assert.All(WrongSignatures.Of(genuine), forged => Assert.NotEqual(AuthenticityKind.Genuine, Ask(Connection(), s_body, (Strong, forged))));
        Assert.All(WrongSignatures.Of(genuine), forged => Assert.NotEqual(AuthenticityKind.Genuine, Ask(Connection(), s_body, (Weak, forged))));
        Assert.All(WrongSignatures.OfBody(s_body), body => Assert.Equal(AuthenticityKind.Forged, Ask(Connection(), body, (Strong, genuine))));
        Assert.Equal(AuthenticityKind.Forged, Ask(EspPayloads.With(basicAuth: true), s_body, (Strong, genuine)));
        Assert.Equal(AuthenticityKind.Forged, Ask(EspPayloads.With([("public_key", "broken")]), s_body, (Strong, genuine)));
    }

    public void Dispose()
    {
        _key.Dispose();
        _other.Dispose();
    }

    private EspConnection Connection() => EspPayloads.With([("public_key", _key.ExportSubjectPublicKeyInfoPem())], basicAuth: true);

    private static string Sign(RSA key, HashAlgorithmName hash) => Convert.ToBase64String(key.SignData(s_body, hash, RSASignaturePadding.Pkcs1));

    private static AuthenticityKind Ask(EspConnection connection, byte[] body, params (string, string)[] headers) =>
        s_adapter.Authenticate(new WebhookRequest("POST", EspPayloads.Headers(headers), body), connection, Some.Noon).Kind;
}
