using ScoreTracking.Connections;

namespace ScoreTracking.Webhooks;

/// <summary>One event per request, signed as by Svix.</summary>
internal sealed class ResendSample : IEspSample
{
    public string Provider => "resend";

    public WebhookRequest Make(SampleKind kind, SampleMark mark, EspConnection connection)
    {
        var (name, more) = kind switch
        {
            SampleKind.Delivered => ("email.delivered", ""),
            SampleKind.HardBounce => ("email.bounced", $$""","bounce":{"type":"Permanent","subType":"General","message":"The recipient's server refused the message for good.","diagnosticCode":["smtp; {{SampleMark.NoSuchMailbox}}"]} """),
            SampleKind.Complained => ("email.complained", ""),
        };
        return SampleSignatures.Standard("svix", $$"""
            {"type":"{{name}}","created_at":"{{mark.Iso}}","data":{"created_at":"{{mark.Iso}}","email_id":"{{mark.Id}}","from":"sender@example.com","to":["{{SampleMark.Recipient}}"],"subject":"Test","tags":{}{{more}} } }
            """, mark, connection);
    }
}
