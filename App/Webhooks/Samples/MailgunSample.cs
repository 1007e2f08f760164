using ScoreTracking.Connections;

namespace ScoreTracking.Webhooks;

/// <summary>Mailgun signs a timestamp and a token, which stand in the body.</summary>
internal sealed class MailgunSample : IEspSample
{
    public string Provider => "mailgun";

    public WebhookRequest Make(SampleKind kind, SampleMark mark, EspConnection connection)
    {
        var what = kind switch
        {
            SampleKind.Delivered => $$""" "event":"delivered","delivery-status":{"attempt-no":1,"code":250,"message":"{{SampleMark.Accepted}}"} """,
            SampleKind.HardBounce => $$""" "event":"failed","severity":"permanent","reason":"bounce","delivery-status":{"attempt-no":1,"code":550,"bounce-type":"hard","message":"{{SampleMark.NoSuchMailbox}}"} """,
            SampleKind.Complained => """ "event":"complained" """,
        };
        return SampleMark.Json($$$"""
            {
              "signature":{"timestamp":"{{{mark.Unix}}}","token":"{{{mark.Id}}}","signature":"{{{connection.HexHmac("signing_key", mark.Unix + mark.Id)}}}"},
              "event-data":{ {{{what}}},"id":"{{{mark.Id}}}","timestamp":{{{mark.Unix}}},"recipient":"{{{SampleMark.Recipient}}}","message":{"headers":{"to":"{{{SampleMark.Recipient}}}","message-id":"{{{mark.Id}}}","from":"sender@example.com","subject":"Test"}},"tags":["test"],"user-variables":{}}
            }
            """);
    }
}
