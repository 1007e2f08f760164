using ScoreTracking.Connections;

namespace ScoreTracking.Webhooks;

/// <summary>A group of one, unsigned.</summary>
internal sealed class MailjetSample : IEspSample
{
    public string Provider => "mailjet";

    public WebhookRequest Make(SampleKind kind, SampleMark mark, EspConnection connection)
    {
        var what = kind switch
        {
            SampleKind.Delivered => $""" "event":"sent","smtp_reply":"sent ({SampleMark.Accepted})" """,
            SampleKind.HardBounce => $""" "event":"bounce","blocked":false,"hard_bounce":true,"error_related_to":"recipient","error":"user unknown","comment":"{SampleMark.NoSuchMailbox}" """,
            SampleKind.Complained => """ "event":"spam","source":"test" """,
        };
        return SampleMark.Json($$"""
            [{ {{what}},"time":{{mark.Unix}},"MessageID":"{{mark.Id}}","email":"{{SampleMark.Recipient}}","customcampaign":"test"}]
            """);
    }
}
