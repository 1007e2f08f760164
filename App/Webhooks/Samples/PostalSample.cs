using ScoreTracking.Connections;

namespace ScoreTracking.Webhooks;

/// <summary>One event per request; Postal knows no complaints. It signs with a private key of its own.</summary>
internal sealed class PostalSample : IEspSample
{
    public string Provider => "postal";

    public bool IsUnsigned => true;

    public IReadOnlyList<SampleKind> Kinds { get; } = [SampleKind.Delivered, SampleKind.HardBounce];

    public WebhookRequest Make(SampleKind kind, SampleMark mark, EspConnection connection)
    {
        var (name, status, output) = kind == SampleKind.Delivered ? ("MessageSent", "Sent", SampleMark.Accepted) : ("MessageDeliveryFailed", "HardFail", SampleMark.NoSuchMailbox);
        return SampleMark.Json($$$"""
            {"event":"{{{name}}}","timestamp":{{{mark.Unix}}},"uuid":"{{{mark.Id}}}","payload":{"status":"{{{status}}}","details":"{{{output}}}","output":"{{{output}}}","message":{"id":1,"token":"{{{mark.Id}}}","direction":"outgoing","message_id":"{{{mark.Id}}}","to":"{{{SampleMark.Recipient}}}","from":"sender@example.com","subject":"Test","tag":"test"} } }
            """);
    }
}
