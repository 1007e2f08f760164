using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using ScoreTracking.Tests.Support;
using ScoreTracking.Webhooks;

namespace ScoreTracking.Tests.Webhooks;

/// <summary>Resend and every generic sender sign alike.</summary>
public sealed class StandardSignatureTests
{
    private static readonly string s_secret = "whsec_" + Convert.ToBase64String(Encoding.ASCII.GetBytes("thirty-two bytes of randomness!!"));

    public static TheoryData<string> Providers => ["resend", "generic"];

    [Theory, MemberData(nameof(Providers))]
    public void The_published_example_of_the_signature_verifies(string provider)
    {
        var request = Forgeries.Post(
            """{"test": 2432232314}""",
            ("svix-id", "msg_p5jXN8AQM9LWM0D4loKWxJek"),
            ("svix-timestamp", "1614265330"),
            ("svix-signature", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="));
        var connection = EspPayloads.With([("signing_secret", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")]);

        Assert.Equal(AuthenticityKind.Genuine, EspPayloads.Adapters[provider].Authenticate(request, connection, DateTimeOffset.FromUnixTimeSeconds(1614265330)).Kind);
    }

    [Theory, MemberData(nameof(Providers))]
    public void Both_spellings_of_the_headers_and_any_of_several_signatures_count(string provider)
    {
        Assert.Equal(AuthenticityKind.Genuine, Judge(provider, Signed("svix")));
        Assert.Equal(AuthenticityKind.Genuine, Judge(provider, Signed("webhook")));
        var signature = Signed("webhook").Header("webhook-signature")!;
        foreach (var several in new[] { $"v1,AAAA {signature}", $"{signature} v1,AAAA", $"v1a,xyz {signature}", $"{signature},v1,AAAA" })
        {
            Assert.Equal(AuthenticityKind.Genuine, Judge(provider, Forgeries.With(Signed("webhook"), "webhook-signature", several)));
        }
    }

    [Theory, MemberData(nameof(Providers))]
    public void During_a_rotation_the_previous_secret_still_counts(string provider)
    {
        var next = "whsec_" + Convert.ToBase64String(new byte[32]);
        var adapter = EspPayloads.Adapters[provider];

        Assert.Equal(AuthenticityKind.Genuine, adapter.Authenticate(Signed("svix"), EspPayloads.With([("signing_secret", next)], previous: [("signing_secret", s_secret)]), Some.Noon).Kind);
        Assert.Equal(AuthenticityKind.Forged, adapter.Authenticate(Signed("svix"), EspPayloads.With([("signing_secret", next)]), Some.Noon).Kind);
        Assert.Equal(AuthenticityKind.Forged, adapter.Authenticate(Signed("svix"), EspPayloads.With(), Some.Noon).Kind);
    }

    [Theory, MemberData(nameof(Providers))]
    public void Nothing_forged_is_genuine(string provider)
    {
        Assert.All(Forgeries.Of(Signed("svix"), "svix-signature"), forged => Assert.True(Judge(provider, forged.Request) != AuthenticityKind.Genuine, forged.What));
        Assert.Equal(AuthenticityKind.Missing, Judge(provider, Forgeries.Without(Signed("svix"), "svix-id")));
        Assert.Equal(AuthenticityKind.Missing, Judge(provider, Forgeries.Without(Signed("svix"), "svix-timestamp")));
        Assert.Equal(AuthenticityKind.Forged, Judge(provider, Forgeries.With(Signed("svix"), "svix-id", "msg_other")));
        Assert.Equal(AuthenticityKind.Forged, Judge(provider, Forgeries.With(Signed("svix"), "svix-timestamp", (Some.Noon.ToUnixTimeSeconds() + 1).ToString(CultureInfo.InvariantCulture))));
        Assert.Equal(AuthenticityKind.Forged, Judge(provider, Forgeries.With(Signed("svix"), "svix-signature", Signed("svix").Header("svix-signature")!.Replace("v1,", "v2,", StringComparison.Ordinal))));
    }

    [Theory, InlineData(0, true), InlineData(299, true), InlineData(-299, true), InlineData(301, false), InlineData(-301, false)]
    public void It_is_taken_for_five_minutes(int secondsLater, bool taken) => Assert.All(Providers, provider => Assert.Equal(
        taken ? AuthenticityKind.Genuine : AuthenticityKind.Forged,
        EspPayloads.Adapters[provider].Authenticate(Signed("svix"), EspPayloads.With([("signing_secret", s_secret)]), Some.Noon + TimeSpan.FromSeconds(secondsLater)).Kind));

    [Theory, MemberData(nameof(Providers))]
    public void Only_base64_makes_a_secret(string provider)
    {
        var check = EspPayloads.Adapters[provider].Shape.Secrets.Single().Check!;

        Assert.Null(check(s_secret));
        Assert.Null(check(s_secret["whsec_".Length..]));
        Assert.NotNull(check("whsec_"));
        Assert.NotNull(check(""));
        Assert.NotNull(check("correct horse battery staple!"));
    }

    [Fact]
    public void An_event_of_a_retry_is_known_by_the_id_in_the_header()
    {
        var adapter = EspPayloads.Adapters["resend"];
        var first = Forgeries.Post("""{"type":"email.sent","data":{"email_id":"e"}}""", ("svix-id", "msg_1"));

        Assert.Equal("msg_1", adapter.Read(first, EspPayloads.With(), Some.Noon).Events.Single().EventId);
        Assert.NotEqual("msg_1", adapter.Read(Forgeries.With(first, "svix-id", "msg_2"), EspPayloads.With(), Some.Noon).Events.Single().EventId);
    }

    private static AuthenticityKind Judge(string provider, WebhookRequest request) =>
        EspPayloads.Adapters[provider].Authenticate(request, EspPayloads.With([("signing_secret", s_secret)]), Some.Noon).Kind;

    private static WebhookRequest Signed(string prefix)
    {
        const string Body = """{"type":"email.delivered","created_at":"2026-09-01T12:00:00Z","data":{"email_id":"e1","to":["jörg@example.com"]}}""";
        var timestamp = Some.Noon.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var signature = HMACSHA256.HashData(Convert.FromBase64String(s_secret["whsec_".Length..]), Encoding.UTF8.GetBytes($"msg_1.{timestamp}.{Body}"));
        return Forgeries.Post(Body, ($"{prefix}-id", "msg_1"), ($"{prefix}-timestamp", timestamp), ($"{prefix}-signature", $"v1,{Convert.ToBase64String(signature)}"));
    }
}
