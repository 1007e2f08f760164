using ScoreTracking.Connections;

namespace ScoreTracking.Webhooks;

/// <summary>One activity per request, signed over the body.</summary>
internal sealed class MailerSendSample : IEspSample
{
    public string Provider => "mailersend";

    public WebhookRequest Make(SampleKind kind, SampleMark mark, EspConnection connection)
    {
        var (name, morph) = kind switch
        {
            SampleKind.Delivered => ("delivered", "null"),
            SampleKind.HardBounce => ("hard_bounced", $$"""{"object":"recipient_bounce","reason":"{{SampleMark.NoSuchMailbox}}"}"""),
            SampleKind.Complained => ("spam_complaint", """{"object":"spam_complaint","reason":null}"""),
        };
        var body = $$$"""
            {"type":"activity.{{{name}}}","created_at":"{{{mark.Iso}}}","data":{"object":"activity","id":"{{{mark.Id}}}","type":"{{{name}}}","created_at":"{{{mark.Iso}}}","morph":{{{morph}}},"email":{"object":"email","from":"sender@example.com","subject":"Test","tags":["test"],"message":{"object":"message","id":"{{{mark.Id}}}"},"recipient":{"object":"recipient","email":"{{{SampleMark.Recipient}}}"} } } }
            """;
        return SampleMark.Json(body, ("Signature", connection.HexHmac("signing_secret", body)));
    }
}
