using ScoreTracking.Connections;

namespace ScoreTracking.Webhooks;

/// <summary>One record per request, unsigned.</summary>
internal sealed class PostmarkSample : IEspSample
{
    public string Provider => "postmark";

    public WebhookRequest Make(SampleKind kind, SampleMark mark, EspConnection connection) => SampleMark.Json(kind switch
    {
        SampleKind.Delivered => $$"""
            {"RecordType":"Delivery","MessageID":"{{mark.Id}}","Recipient":"{{SampleMark.Recipient}}","DeliveredAt":"{{mark.Iso}}","Details":"{{SampleMark.Accepted}}","Tag":"test","Metadata":{} }
            """,
        SampleKind.HardBounce => $$"""
            {"RecordType":"Bounce","ID":1,"Type":"HardBounce","TypeCode":1,"MessageID":"{{mark.Id}}","Email":"{{SampleMark.Recipient}}","BouncedAt":"{{mark.Iso}}","Description":"The server was unable to deliver the message.","Details":"{{SampleMark.NoSuchMailbox}}","Tag":"test","Metadata":{} }
            """,
        SampleKind.Complained => $$"""
            {"RecordType":"SpamComplaint","ID":2,"Type":"SpamComplaint","TypeCode":100001,"MessageID":"{{mark.Id}}","Email":"{{SampleMark.Recipient}}","BouncedAt":"{{mark.Iso}}","Tag":"test","Metadata":{} }
            """,
    });
}
