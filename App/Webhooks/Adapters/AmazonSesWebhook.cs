using System.Text.RegularExpressions;
using ScoreTracking.Connections;
using ScoreTracking.Events;

namespace ScoreTracking.Webhooks;

/// <summary>
/// Amazon SES through an SNS topic. A valid signature only says that some AWS account's SNS sent it, so the topic must be exactly ours,
/// and every address this server would call is built from our topic's region and never taken from a message.
/// </summary>
public sealed partial class AmazonSesWebhook : IEspWebhook
{
    private const string Topic = "topic_arn";
    private const string Pinned = "certificate_pem";

    // Put there by the host once it has fetched Authenticity.CertificateUrl and checked chain and dates.
    private const string Fetched = "certificate_pem_fetched";

    // SNS retries within an hour; a dead-letter queue may be emptied later.
    private static readonly TimeSpan s_window = TimeSpan.FromHours(72);

    public string Provider => "amazon_ses";

    public ConnectionShape Shape { get; } = new(
        "Amazon SES",
        [],
        [
            new(Topic, "Topic ARN", "arn:aws:sns:eu-west-1:123456789012:mail-events, from the topic's page in Amazon SNS.", Required: true, value => TopicArn().IsMatch(value) ? null : "This is not the ARN of an SNS topic."),
            new(Pinned, "Signing certificate", "The SNS signing certificate in PEM. With it, nothing is ever fetched from AWS; without it, this server fetches it from SNS in your topic's region.", Required: false, CheckCertificate) { Multiline = true },
        ],
        BasicAuthSuffices: false,
        [
            "In Amazon SNS, in the region you send from, create a standard topic, set its signature version to 2, and enter its ARN here.",
            "In Amazon SES, open Configuration sets, choose yours, then Event destinations, and add one of the type Amazon SNS with this topic. Tick every event type.",
            "Make the configuration set the default of your identity, or name it at each send. Switch off the identity's own feedback notifications, or every event comes twice.",
            "In the topic, choose Create subscription with protocol HTTPS and endpoint {url}. Leave raw message delivery off. This server confirms it by itself.",
            "SNS gives up after a minute: under Delivery policy raise the retries, or attach a dead-letter queue, so that a restart here loses nothing.",
        ]);

    public Authenticity Authenticate(WebhookRequest request, EspConnection connection, DateTimeOffset now)
    {
        if (!connection.Settings.TryGetValue(Topic, out var topic) || TopicArn().Match(topic) is not { Success: true } arn)
        {
            return Authenticity.Forged("The connection has no topic.");
        }

        if (string.Equals(request.Header("x-amz-sns-rawdelivery"), "true", StringComparison.OrdinalIgnoreCase))
        {
            return Authenticity.Forged("Raw message delivery is on, which leaves nothing to verify. Switch it off in the subscription.");
        }

        if (SnsEnvelope.Parse(request.Body) is not { MessageId: { } messageId, Type: "Notification" or "SubscriptionConfirmation" or "UnsubscribeConfirmation" } envelope)
        {
            return Authenticity.Forged("This is no message of Amazon SNS.");
        }

        // Exactly: names and values are signed with only a line feed between, so a longer ARN that starts with ours can be made to verify.
        if (envelope.TopicArn != topic || Differs("x-amz-sns-topic-arn", topic))
        {
            return Authenticity.Forged("It comes from another topic.");
        }

        if (Differs("x-amz-sns-message-type", envelope.Type) || Differs("x-amz-sns-message-id", messageId))
        {
            return Authenticity.Forged("Headers and body contradict each other.");
        }

        if (JsonReading.ToTime(envelope.Timestamp) is not { } signedAt || !Signatures.IsRecent(signedAt, now, s_window))
        {
            return Authenticity.Forged("It is older than 72 hours, or its timestamp is no time.");
        }

        if (!connection.Settings.TryGetValue(Pinned, out var certificates) || certificates.Length == 0)
        {
            if (SnsEnvelope.CertificateAt(envelope.SigningCertUrl, HostOf(arn)) is not { } address)
            {
                return Authenticity.Forged("Its certificate is not at SNS in our topic's region.");
            }

            if (!connection.Settings.TryGetValue(Fetched, out certificates))
            {
                return new Authenticity(AuthenticityKind.NeedsCertificate, "The signing certificate must be fetched first.", address);
            }
        }

        return envelope.SignatureFault(certificates) is { } fault ? Authenticity.Forged(fault) : Authenticity.Genuine;

        bool Differs(string header, string? expected) => request.Header(header) is { } given && given != expected;
    }

    public WebhookReading Read(WebhookRequest request, EspConnection connection, DateTimeOffset now)
    {
        if (SnsEnvelope.Parse(request.Body) is not { Type: { } type } envelope)
        {
            return ReadEvents.Nothing("not a message of Amazon SNS");
        }

        return type switch
        {
            "SubscriptionConfirmation" => new WebhookReading([], Ignored: 1) { ConfirmAt = ConfirmAt(envelope, connection) },

            // Calling its address would subscribe again what somebody has just ended.
            "UnsubscribeConfirmation" => new WebhookReading([], Ignored: 1),
            "Notification" => SesNotification.Read(envelope, now),
            _ => ReadEvents.Nothing("not a message of Amazon SNS"),
        };
    }

    private static Uri? ConfirmAt(SnsEnvelope envelope, EspConnection connection) =>
        connection.Settings.TryGetValue(Topic, out var topic) && TopicArn().Match(topic) is { Success: true } arn
        && envelope.TopicArn == topic && envelope.Token is { Length: > 0 and < 2_048 } token
            ? new Uri($"https://{HostOf(arn)}/?Action=ConfirmSubscription&TopicArn={Uri.EscapeDataString(topic)}&Token={Uri.EscapeDataString(token)}")
            : null;

    private static string HostOf(Match arn) => $"sns.{arn.Groups["region"].Value}.amazonaws.com{(arn.Groups["partition"].Value == "aws-cn" ? ".cn" : "")}";

    private static string? CheckCertificate(string value)
    {
        var certificates = SnsEnvelope.Certificates(value);
        var usable = certificates.Count > 0;
        foreach (var certificate in certificates)
        {
            usable &= certificate.PublicKey.Oid.Value == "1.2.840.113549.1.1.1"; // RSA
            certificate.Dispose();
        }

        return usable ? null : "This is not an RSA certificate in PEM.";
    }

    [GeneratedRegex(@"^arn:(?<partition>aws|aws-cn|aws-us-gov):sns:(?<region>[a-z]{2}(-[a-z]{2,12}){1,3}-\d{1,2}):\d{12}:[A-Za-z0-9_-]{1,256}(\.fifo)?\z")]
    private static partial Regex TopicArn();
}
