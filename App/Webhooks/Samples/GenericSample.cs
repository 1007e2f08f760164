using ScoreTracking.Connections;

namespace ScoreTracking.Webhooks;

/// <summary>The body of POST /events, signed as Standard Webhooks says.</summary>
internal sealed class GenericSample : IEspSample
{
    public string Provider => "generic";

    public WebhookRequest Make(SampleKind kind, SampleMark mark, EspConnection connection)
    {
        var what = kind switch
        {
            SampleKind.Delivered => """ "event_type":"delivered" """,
            SampleKind.HardBounce => $$""" "event_type":"bounced","metadata":{"bounce_type":"hard","reason":"{{SampleMark.NoSuchMailbox}}"} """,
            SampleKind.Complained => """ "event_type":"complained" """,
        };
        return SampleSignatures.Standard(
            "webhook", $$"""{ {{what}},"event_id":"{{mark.Id}}","esp_message_id":"{{mark.Id}}","customer_email":"{{SampleMark.Recipient}}","occurred_at":"{{mark.Iso}}"}""", mark, connection);
    }
}
