using ScoreTracking.Connections;

namespace ScoreTracking.Webhooks;

/// <summary>A batch of one, signed over the body where the account has a key.</summary>
internal sealed class SmtpComSample : IEspSample
{
    public string Provider => "smtp_com";

    public WebhookRequest Make(SampleKind kind, SampleMark mark, EspConnection connection)
    {
        var what = kind switch
        {
            SampleKind.Delivered => """ "event_label":"delivered","resp_code":250,"resp_class":0,"resp_msg":"2.0.0 accepted" """,
            SampleKind.HardBounce => """ "event_label":"bounce","resp_code":550,"resp_class":10,"resp_msg":"5.1.1 no such mailbox" """,
            SampleKind.Complained => """ "event_label":"complaint","feedback_type":"spam" """,
        };
        var body = $$"""
            [{ {{what}},"id":"{{mark.Id}}","tracking_id":"{{mark.Id}}","mail_from":"sender@example.com","rcpt_to":"{{SampleMark.Recipient}}","subject":"Test","time_finished":{{mark.Unix}} }]
            """;
        return SampleMark.Json(body, ("X-SMTPCOM-Signature", connection.HexHmac("signing_key", body)));
    }
}
