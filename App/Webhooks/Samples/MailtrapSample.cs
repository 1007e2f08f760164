using ScoreTracking.Connections;

namespace ScoreTracking.Webhooks;

/// <summary>A batch of one, signed over the body where the connection has a secret.</summary>
internal sealed class MailtrapSample : IEspSample
{
    public string Provider => "mailtrap";

    public WebhookRequest Make(SampleKind kind, SampleMark mark, EspConnection connection)
    {
        var what = kind switch
        {
            SampleKind.Delivered => """ "event":"delivery" """,
            SampleKind.HardBounce => $""" "event":"bounce","response":"{SampleMark.NoSuchMailbox}","response_code":550,"bounce_category":"badmailbox" """,
            SampleKind.Complained => """ "event":"spam" """,
        };
        var body = $$"""
            {"events":[{ {{what}},"event_id":"{{mark.Id}}","message_id":"{{mark.Id}}","timestamp":{{mark.Unix}},"email":"{{SampleMark.Recipient}}","category":"test","custom_variables":{} }]}
            """;
        return SampleMark.Json(body, ("Mailtrap-Signature", connection.HexHmac("signing_secret", body)));
    }
}
