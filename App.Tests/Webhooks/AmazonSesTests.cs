using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using ScoreTracking.Connections;
using ScoreTracking.Tests.Support;
using ScoreTracking.Webhooks;

namespace ScoreTracking.Tests.Webhooks;

public sealed class AmazonSesTests(AmazonSesTests.Keys keys) : IClassFixture<AmazonSesTests.Keys>
{
    private const string Topic = "arn:aws:sns:eu-west-1:123456789012:mail-events";

    private static readonly AmazonSesWebhook s_adapter = new();

    [Theory, InlineData("1"), InlineData("2")]
    public void Both_versions_of_the_signature_are_genuine_for_all_three_types(string version)
    {
        foreach (var file in new[] { "delivery", "delivery_identity_notification", "subscription_confirmation", "unsubscribe_confirmation", "click", "validated_topic" })
        {
            Assert.Equal(AuthenticityKind.Genuine, Judge(Signed(file, version)).Kind);
        }
    }

    [Fact]
    public void A_signature_counts_only_under_its_own_version()
    {
        Assert.Equal(AuthenticityKind.Forged, Judge(Changed(Signed("delivery", "1"), body => body["SignatureVersion"] = "2")).Kind);
        Assert.Equal(AuthenticityKind.Forged, Judge(Changed(Signed("delivery", "2"), body => body["SignatureVersion"] = "1")).Kind);
        Assert.Equal(AuthenticityKind.Forged, Judge(Changed(Signed("delivery", "2"), body => body["SignatureVersion"] = "3")).Kind);
        Assert.Equal(AuthenticityKind.Forged, Judge(Changed(Signed("delivery", "2"), body => body.Remove("SignatureVersion"))).Kind);
    }

    [Fact]
    public void Without_a_pinned_certificate_the_one_of_SNS_in_our_region_is_asked_for_and_then_used()
    {
        var judged = s_adapter.Authenticate(Signed("delivery", "2"), EspPayloads.With(settings: [("topic_arn", Topic)]), Some.Noon);

        Assert.Equal(AuthenticityKind.NeedsCertificate, judged.Kind);
        Assert.Equal("https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-0123456789abcdef.pem", judged.CertificateUrl!.AbsoluteUri);
        Assert.Equal(AuthenticityKind.Genuine, s_adapter.Authenticate(Signed("delivery", "2"), Fetched(keys.Own), Some.Noon).Kind);
        Assert.Equal(AuthenticityKind.Forged, s_adapter.Authenticate(Signed("delivery", "2"), Fetched(keys.Foreign), Some.Noon).Kind);
        Assert.Equal(AuthenticityKind.Forged, s_adapter.Authenticate(Signed("delivery", "2"), EspPayloads.With(settings: [("topic_arn", Topic), ("certificate_pem_fetched", "nonsense")]), Some.Noon).Kind);
    }

    [Fact]
    public void In_China_the_certificate_has_another_home()
    {
        const string Chinese = "arn:aws-cn:sns:cn-north-1:123456789012:mail-events";
        var request = Changed(Forgeries.Without(Signed("delivery", "2"), "x-amz-sns-topic-arn"), body =>
        {
            body["TopicArn"] = Chinese;
            body["SigningCertURL"] = "https://sns.cn-north-1.amazonaws.com.cn/SimpleNotificationService-abc.pem";
        });

        Assert.Equal(AuthenticityKind.NeedsCertificate, s_adapter.Authenticate(request, EspPayloads.With(settings: [("topic_arn", Chinese)]), Some.Noon).Kind);
        Assert.Equal(AuthenticityKind.Forged, s_adapter.Authenticate(request, EspPayloads.With(settings: [("topic_arn", Topic)]), Some.Noon).Kind);
    }

    [Theory]
    [InlineData("http://sns.eu-west-1.amazonaws.com/SimpleNotificationService-a.pem")]
    [InlineData("https://sns.us-east-1.amazonaws.com/SimpleNotificationService-a.pem")]
    [InlineData("https://sns.eu-west-1.amazonaws.com:8443/SimpleNotificationService-a.pem")]
    [InlineData("https://user@sns.eu-west-1.amazonaws.com/SimpleNotificationService-a.pem")]
    [InlineData("https://sns.eu-west-1.amazonaws.com@evil.example.net/SimpleNotificationService-a.pem")]
    [InlineData("https://sns.eu-west-1.amazonaws.com.evil.example.net/SimpleNotificationService-a.pem")]
    [InlineData("https://sns.eu-west-1.amazonaws.com.cn/SimpleNotificationService-a.pem")]
    [InlineData("https://sns.eu-west-1.amazonaws.com./SimpleNotificationService-a.pem")]
    [InlineData("https://bucket.s3.eu-west-1.amazonaws.com/SimpleNotificationService-a.pem")]
    [InlineData("https://sns.eu-west-1.s3.amazonaws.com/SimpleNotificationService-a.pem")]
    [InlineData("https://169.254.169.254/SimpleNotificationService-a.pem")]
    [InlineData("https://[::1]/SimpleNotificationService-a.pem")]
    [InlineData("https://localhost/SimpleNotificationService-a.pem")]
    [InlineData("https://sns.eu-west-1.amazonaws.com/?x=/SimpleNotificationService-a.pem")]
    [InlineData("https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-a.pem?Action=x")]
    [InlineData("https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-a.pem#x")]
    [InlineData("https://sns.eu-west-1.amazonaws.com/x/../x/SimpleNotificationService-a.pem")]
    [InlineData("https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-%2e%2e%2fa.pem")]
    [InlineData("https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-a.pem%0a")]
    [InlineData("https://sns.eu-west-1.amazonaws.com\\@evil.example.net/SimpleNotificationService-a.pem")]
    [InlineData("https://sns.eu-west-1.аmazonaws.com/SimpleNotificationService-a.pem")]
    [InlineData("//sns.eu-west-1.amazonaws.com/SimpleNotificationService-a.pem")]
    [InlineData("file:///etc/passwd")]
    [InlineData("")]
    public void No_other_address_is_ever_called(string url)
    {
        var request = Changed(Signed("delivery", "2"), body => body["SigningCertURL"] = url);

        var judged = s_adapter.Authenticate(request, EspPayloads.With(settings: [("topic_arn", Topic)]), Some.Noon);

        Assert.Equal(AuthenticityKind.Forged, judged.Kind);
        Assert.Null(judged.CertificateUrl);
    }

    [Fact]
    public void Another_topic_is_refused_however_well_it_is_signed()
    {
        foreach (var foreign in new[] { Topic + "2", Topic[..^1], Topic + "\nType\nNotification", Topic.ToUpperInvariant(), "arn:aws:sns:eu-west-1:999999999999:mail-events", Topic + " ", "" })
        {
            Assert.Equal(AuthenticityKind.Forged, Judge(keys.Sign(Changed(Signed("delivery", "2"), body => body["TopicArn"] = foreign), "2")).Kind);
        }

        Assert.Equal(AuthenticityKind.Forged, Judge(Forgeries.With(Signed("delivery", "2"), "x-amz-sns-topic-arn", Topic + "2")).Kind);
    }

    [Fact]
    public void A_genuine_message_of_another_topic_cannot_be_read_as_one_of_ours()
    {
        // Signed text: "…TopicArn\n<foreign>\nType\nNotification\n". Moving its line feeds into a value keeps the text and changes the members.
        const string Foreign = Topic + "\nType\nNotification\nx";
        var genuine = keys.Sign(Changed(Signed("delivery", "2"), body => body["TopicArn"] = Foreign), "2");
        var forged = Changed(genuine, body =>
        {
            body["TopicArn"] = Topic;
            body["Type"] = "Notification\nx\nType\nNotification";
        });

        Assert.Equal(AuthenticityKind.Forged, Judge(genuine).Kind);
        Assert.Equal(AuthenticityKind.Forged, Judge(forged).Kind);
    }

    [Fact]
    public void Nothing_forged_is_genuine()
    {
        foreach (var name in new[] { "Message", "MessageId", "Subject", "Timestamp", "Type" })
        {
            Assert.Equal(AuthenticityKind.Forged, Judge(Changed(Signed("delivery", "2"), body => body[name] = body[name]!.GetValue<string>() + " ")).Kind);
            Assert.Equal(AuthenticityKind.Forged, Judge(Changed(Signed("delivery", "2"), body => body.Remove(name))).Kind);
        }

        foreach (var signature in new[] { "", "AAAA", "garbled", Convert.ToBase64String(new byte[256]), new string('A', 5_000), "ü" })
        {
            Assert.Equal(AuthenticityKind.Forged, Judge(Changed(Signed("delivery", "2"), body => body["Signature"] = signature)).Kind);
        }

        Assert.Equal(AuthenticityKind.Forged, Judge(Changed(Signed("subscription_confirmation", "2"), body => body["Token"] = "other")).Kind);
        Assert.Equal(AuthenticityKind.Forged, Judge(Forgeries.With(Signed("delivery", "2"), "x-amz-sns-message-type", "SubscriptionConfirmation")).Kind);
        Assert.Equal(AuthenticityKind.Forged, Judge(Forgeries.With(Signed("delivery", "2"), "x-amz-sns-message-id", "other")).Kind);
        Assert.Equal(AuthenticityKind.Forged, Judge(Forgeries.With(Signed("delivery", "2"), "x-amz-sns-rawdelivery", "true")).Kind);
        Assert.Equal(AuthenticityKind.Forged, s_adapter.Authenticate(Signed("delivery", "2"), EspPayloads.With(settings: [("certificate_pem", keys.Own.Pem)]), Some.Noon).Kind);
        Assert.Equal(AuthenticityKind.Forged, s_adapter.Authenticate(Signed("delivery", "2"), Pinned(keys.Foreign.Pem), Some.Noon).Kind);
    }

    [Theory, InlineData(0, true), InlineData(20, true), InlineData(71, true), InlineData(80, false), InlineData(-80, false)]
    public void It_is_taken_for_72_hours(int hoursLater, bool taken) => Assert.Equal(
        taken ? AuthenticityKind.Genuine : AuthenticityKind.Forged,
        s_adapter.Authenticate(Signed("delivery", "2"), Pinned(keys.Own.Pem), new DateTimeOffset(2026, 9, 1, 10, 0, 5, TimeSpan.Zero) + TimeSpan.FromHours(hoursLater)).Kind);

    [Fact]
    public void While_the_certificate_changes_two_may_be_pinned() =>
        Assert.Equal(AuthenticityKind.Genuine, s_adapter.Authenticate(Signed("delivery", "2"), Pinned(keys.Foreign.Pem + "\n" + keys.Own.Pem), Some.Noon).Kind);

    [Fact]
    public void A_subscription_is_confirmed_at_SNS_in_our_region_whatever_the_message_says()
    {
        var reading = s_adapter.Read(Signed("subscription_confirmation", "2"), Pinned(keys.Own.Pem), Some.Noon);

        Assert.Equal($"https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&TopicArn={Uri.EscapeDataString(Topic)}&Token=2336412f37fb687f5d51e6e241d0", reading.ConfirmAt!.AbsoluteUri);
        Assert.Null(s_adapter.Read(Signed("unsubscribe_confirmation", "2"), Pinned(keys.Own.Pem), Some.Noon).ConfirmAt);
        Assert.Null(s_adapter.Read(Changed(Signed("subscription_confirmation", "2"), body => body["TopicArn"] = Topic + "2"), Pinned(keys.Own.Pem), Some.Noon).ConfirmAt);
    }

    [Theory]
    [InlineData(Topic, true)]
    [InlineData("arn:aws-us-gov:sns:us-gov-west-1:123456789012:t", true)]
    [InlineData("arn:aws:sqs:eu-west-1:123456789012:t", false)]
    [InlineData("arn:aws:sns:evil.example.net/:123456789012:t", false)]
    [InlineData("arn:aws:sns:eu-west-1:123456789012:t\n", false)]
    [InlineData("mail-events", false)]
    public void A_topic_is_an_ARN_of_SNS(string value, bool valid) =>
        Assert.Equal(valid, s_adapter.Shape.Settings.Single(setting => setting.Key == "topic_arn").Check!(value) is null);

    [Fact]
    public void A_pinned_certificate_is_one_of_RSA_in_PEM()
    {
        var check = s_adapter.Shape.Settings.Single(setting => setting.Key == "certificate_pem").Check!;

        Assert.Null(check(keys.Own.Pem));
        Assert.NotNull(check("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"));
        Assert.NotNull(check("hello"));
    }

    [Fact]
    public void Whatever_stands_inside_the_message_is_never_an_error()
    {
        var files = Directory.GetFiles(Golden.PathOf("Webhooks/Payloads/amazon_ses"), "*.json").Where(path => !path.EndsWith(".expected.json", StringComparison.Ordinal));
        var random = new Random(20260901);
        foreach (var file in files)
        {
            var envelope = JsonNode.Parse(File.ReadAllText(file))!.AsObject();
            var message = envelope["Message"]!.GetValue<string>();
            for (var round = 0; round < 200; round++)
            {
                var bytes = Encoding.UTF8.GetBytes(message);
                var at = random.Next(bytes.Length);
                bytes[at] = (byte)random.Next(32, 127);
                envelope["Message"] = Encoding.UTF8.GetString(bytes, 0, round % 2 == 0 ? bytes.Length : at);

                Assert.NotNull(s_adapter.Read(Forgeries.Post(envelope.ToJsonString()), Pinned(keys.Own.Pem), Some.Noon));
            }
        }
    }

    private Authenticity Judge(WebhookRequest request) => s_adapter.Authenticate(request, Pinned(keys.Own.Pem), Some.Noon);

    private static EspConnection Pinned(string pem) => EspPayloads.With(settings: [("topic_arn", Topic), ("certificate_pem", pem)]);

    private static EspConnection Fetched(Certificate certificate) => EspPayloads.With(settings: [("topic_arn", Topic), ("certificate_pem_fetched", certificate.Pem)]);

    private WebhookRequest Signed(string file, string version)
    {
        var body = EspPayloads.Body($"amazon_ses/{file}.json");
        var envelope = JsonNode.Parse(body)!;
        return keys.Sign(new WebhookRequest("POST", EspPayloads.Headers(
            ("x-amz-sns-message-type", envelope["Type"]!.GetValue<string>()),
            ("x-amz-sns-message-id", envelope["MessageId"]!.GetValue<string>()),
            ("x-amz-sns-topic-arn", Topic),
            ("Content-Type", "text/plain; charset=UTF-8")), body), version);
    }

    private static WebhookRequest Changed(WebhookRequest request, Action<JsonObject> change)
    {
        var body = JsonNode.Parse(request.Body.Span)!.AsObject();
        change(body);
        return request with { Body = Encoding.UTF8.GetBytes(body.ToJsonString()) };
    }

    internal sealed record Certificate(RSA Key, string Pem);

    public sealed class Keys : IDisposable
    {
        internal Certificate Own { get; } = Make();

        internal Certificate Foreign { get; } = Make();

        /// <summary>As SNS does: names and values of the members that are there, sorted, a line each.</summary>
        internal WebhookRequest Sign(WebhookRequest request, string version)
        {
            var body = JsonNode.Parse(request.Body.Span)!.AsObject();
            var names = body["Type"]!.GetValue<string>() == "Notification"
                ? new[] { "Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type" }
                : ["Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"];
            var text = string.Concat(names.Where(body.ContainsKey).Select(name => $"{name}\n{body[name]!.GetValue<string>()}\n"));
            body["SignatureVersion"] = version;
            body["Signature"] = Convert.ToBase64String(Own.Key.SignData(Encoding.UTF8.GetBytes(text), version == "1" ? HashAlgorithmName.SHA1 : HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
            return request with { Body = Encoding.UTF8.GetBytes(body.ToJsonString()) };
        }

        public void Dispose()
        {
            Own.Key.Dispose();
            Foreign.Key.Dispose();
        }

        private static Certificate Make()
        {
            var key = RSA.Create(2048);
            using var certificate = new CertificateRequest("CN=sns.amazonaws.com", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
                .CreateSelfSigned(Some.Noon.AddYears(-1), Some.Noon.AddYears(1));
            return new(key, certificate.ExportCertificatePem());
        }
    }
}
