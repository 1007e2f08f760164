using System.Text.Json;
using ScoreTracking.Connections;

namespace ScoreTracking.Webhooks;

/// <summary>A notification of SNS around an event of SES. Amazon signs with a private key of its own.</summary>
internal sealed class AmazonSesSample : IEspSample
{
    public string Provider => "amazon_ses";

    public bool IsUnsigned => true;

    public WebhookRequest Make(SampleKind kind, SampleMark mark, EspConnection connection)
    {
        var what = kind switch
        {
            SampleKind.Delivered => $$""" "eventType":"Delivery","delivery":{"timestamp":"{{mark.Iso}}","processingTimeMillis":500,"recipients":["{{SampleMark.Recipient}}"],"smtpResponse":"{{SampleMark.Accepted}}"} """,
            SampleKind.HardBounce => $$""" "eventType":"Bounce","bounce":{"bounceType":"Permanent","bounceSubType":"General","timestamp":"{{mark.Iso}}","feedbackId":"{{mark.Id}}","bouncedRecipients":[{"emailAddress":"{{SampleMark.Recipient}}","action":"failed","status":"5.1.1","diagnosticCode":"smtp; {{SampleMark.NoSuchMailbox}}"}]} """,
            SampleKind.Complained => $$""" "eventType":"Complaint","complaint":{"timestamp":"{{mark.Iso}}","feedbackId":"{{mark.Id}}","complaintFeedbackType":"abuse","complainedRecipients":[{"emailAddress":"{{SampleMark.Recipient}}"}]} """,
        };
        var message = $$"""{ {{what}},"mail":{"timestamp":"{{mark.Iso}}","messageId":"{{mark.Id}}","source":"sender@example.com","destination":["{{SampleMark.Recipient}}"],"tags":{} } }""";
        return SampleMark.Json(JsonSerializer.Serialize(new Dictionary<string, string>
        {
            ["Type"] = "Notification",
            ["MessageId"] = mark.Id,
            ["TopicArn"] = connection.Settings.GetValueOrDefault("topic_arn", ""),
            ["Message"] = message,
            ["Timestamp"] = mark.Iso,
            ["SignatureVersion"] = "2",
        }));
    }
}
