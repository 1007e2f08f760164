using ScoreTracking.Connections;

namespace ScoreTracking.Webhooks;

/// <summary>A wrapped event in an array, unsigned.</summary>
internal sealed class SparkPostSample : IEspSample
{
    public string Provider => "sparkpost";

    public WebhookRequest Make(SampleKind kind, SampleMark mark, EspConnection connection)
    {
        var what = kind switch
        {
            SampleKind.Delivered => """ "type":"delivery" """,
            SampleKind.HardBounce => $""" "type":"bounce","bounce_class":"10","error_code":"550","raw_reason":"{SampleMark.NoSuchMailbox}","reason":"{SampleMark.NoSuchMailbox}" """,
            SampleKind.Complained => """ "type":"spam_complaint","fbtype":"abuse","report_by":"example.com" """,
        };
        return SampleMark.Json($$$"""
            [{"msys":{"message_event":{ {{{what}}},"event_id":"{{{mark.Id}}}","timestamp":"{{{mark.Unix}}}","transmission_id":"{{{mark.Id}}}","message_id":"{{{mark.Id}}}","rcpt_to":"{{{SampleMark.Recipient}}}","raw_rcpt_to":"{{{SampleMark.Recipient}}}","campaign_id":"test","rcpt_meta":{} } } }]
            """);
    }
}
