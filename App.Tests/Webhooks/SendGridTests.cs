using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using ScoreTracking.Connections;
using ScoreTracking.Events;
using ScoreTracking.Tests.Support;
using ScoreTracking.Webhooks;

namespace ScoreTracking.Tests.Webhooks;

public sealed class SendGridTests
{
    private const string Signature = "X-Twilio-Email-Event-Webhook-Signature";
    private const string Timestamp = "X-Twilio-Email-Event-Webhook-Timestamp";

    private static readonly SendGridWebhook s_adapter = new();

    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    [Fact]
    public void The_senders_signature_is_genuine() => Assert.Equal(AuthenticityKind.Genuine, Judge(Signed(), Connection(_key)));

    [Fact]
    public void During_a_rotation_the_previous_key_still_counts()
    {
        using var next = ECDsa.Create(ECCurve.NamedCurves.nistP256);

        Assert.Equal(AuthenticityKind.Genuine, Judge(Signed(), EspPayloads.With([("verification_key", Public(next))], previous: [("verification_key", Public(_key))])));
        Assert.Equal(AuthenticityKind.Forged, Judge(Signed(), Connection(next)));
    }

    [Fact]
    public void A_key_copied_with_the_lines_of_PEM_is_the_same_key() =>
        Assert.Equal(AuthenticityKind.Genuine, Judge(Signed(), EspPayloads.With([("verification_key", _key.ExportSubjectPublicKeyInfoPem())])));

    [Fact]
    public void Nothing_forged_is_genuine()
    {
        Assert.All(Forgeries.Of(Signed(), Signature), forged => Assert.True(Judge(forged.Request, Connection(_key)) != AuthenticityKind.Genuine, forged.What));
        Assert.Equal(AuthenticityKind.Missing, Judge(Forgeries.Without(Signed(), Timestamp), Connection(_key)));
        Assert.Equal(AuthenticityKind.Forged, Judge(Forgeries.With(Signed(), Timestamp, "1788264001"), Connection(_key)));
        Assert.Equal(AuthenticityKind.Forged, Judge(Forgeries.With(Signed(), Timestamp, "soon"), Connection(_key)));
        Assert.NotEqual(AuthenticityKind.Genuine, Judge(Signed(), EspPayloads.With()));
        Assert.NotEqual(AuthenticityKind.Genuine, Judge(Signed(), EspPayloads.With([("verification_key", "")])));
    }

    [Fact]
    public void A_signature_over_a_missing_timestamp_counts_for_nothing()
    {
        var body = Encoding.UTF8.GetBytes("[]");
        var signature = Convert.ToBase64String(_key.SignData(body, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence));

        Assert.NotEqual(AuthenticityKind.Genuine, Judge(Forgeries.Post("[]", (Signature, signature)), Connection(_key)));
        Assert.NotEqual(AuthenticityKind.Genuine, Judge(Forgeries.Post("[]", (Signature, signature), (Timestamp, "")), Connection(_key)));
    }

    [Theory, InlineData(0, true), InlineData(1, true), InlineData(20, true), InlineData(71, true), InlineData(80, false), InlineData(-80, false)]
    public void It_is_taken_for_72_hours(int hoursLater, bool taken) =>
        Assert.Equal(taken ? AuthenticityKind.Genuine : AuthenticityKind.Forged, s_adapter.Authenticate(Signed(), Connection(_key), Some.Noon + TimeSpan.FromHours(hoursLater)).Kind);

    [Fact]
    public void Only_a_P256_public_key_makes_a_connection()
    {
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        using var rsa = RSA.Create(2048);
        var check = s_adapter.Shape.Secrets[0].Check!;

        Assert.Null(check(Public(_key)));
        Assert.NotNull(check(Public(other)));
        Assert.NotNull(check(Convert.ToBase64String(rsa.ExportSubjectPublicKeyInfo())));
        Assert.NotNull(check("MFkw"));
        Assert.NotNull(check("not base64!"));
        Assert.NotNull(check(""));
    }

    [Fact]
    public void A_thousand_events_with_one_poisoned_are_999()
    {
        var events = Enumerable.Range(0, 1_000).Select(i => i == 500
            ? $$"""{"event":"delivered","email":"{{new string('x', 1_000_000)}}@example.com","timestamp":1788256800,"sg_event_id":"e{{i}}"}"""
            : $$"""{"event":"delivered","email":"ann{{i}}@example.com","timestamp":1788256800,"sg_event_id":"e{{i}}"}""");

        var reading = s_adapter.Read(Forgeries.Post($"[{string.Join(',', events)}]"), Connection(_key), Some.Noon);

        Assert.Equal(999, reading.Events.Count);
        Assert.All(reading.Events, read => Assert.Equal(EventType.Delivered, read.Type));
        Assert.Single(reading.Unreadable!);
    }

    private static AuthenticityKind Judge(WebhookRequest request, EspConnection connection) => s_adapter.Authenticate(request, connection, Some.Noon).Kind;

    private static EspConnection Connection(ECDsa key) => EspPayloads.With([("verification_key", Public(key))]);

    private static string Public(ECDsa key) => Convert.ToBase64String(key.ExportSubjectPublicKeyInfo());

    private WebhookRequest Signed()
    {
        var body = EspPayloads.Body("sendgrid/batch_of_everything.json");
        var timestamp = Some.Noon.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var signature = _key.SignData([.. Encoding.ASCII.GetBytes(timestamp), .. body], HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
        return new WebhookRequest("POST", EspPayloads.Headers((Signature, Convert.ToBase64String(signature)), (Timestamp, timestamp)), body);
    }
}
