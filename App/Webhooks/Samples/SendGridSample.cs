using ScoreTracking.Connections;

namespace ScoreTracking.Webhooks;

/// <summary>A batch of one. SendGrid signs with a private key of its own.</summary>
internal sealed class SendGridSample : IEspSample
{
    public string Provider => "sendgrid";

    public bool IsUnsigned => true;

    public WebhookRequest Make(SampleKind kind, SampleMark mark, EspConnection connection)
    {
        var what = kind switch
        {
            SampleKind.Delivered => $""" "event":"delivered","response":"{SampleMark.Accepted}" """,
            SampleKind.HardBounce => $""" "event":"bounce","type":"bounce","status":"5.1.1","reason":"{SampleMark.NoSuchMailbox}","bounce_classification":"Invalid Address" """,
            SampleKind.Complained => """ "event":"spamreport" """,
        };
        return SampleMark.Json($$"""
            [{ {{what}},"email":"{{SampleMark.Recipient}}","timestamp":{{mark.Unix}},"sg_event_id":"{{mark.Id}}","sg_message_id":"{{mark.Id}}","category":["test"]}]
            """);
    }
}
