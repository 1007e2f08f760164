using ScoreTracking.Data;
using ScoreTracking.Events;

namespace ScoreTracking.Counters;

/// <summary>One step of a message's counts. A late event or a changed verdict gives negative steps that take back what was counted before.</summary>
/// <param name="At">Unix milliseconds that decide the quarter hour.</param>
/// <param name="LinkId">The clicked link, or 0.</param>
/// <param name="Bounce">The kind of bounce, for bounces.</param>
/// <param name="Total">Change of counted events.</param>
/// <param name="Unique">Change of messages with at least one.</param>
/// <param name="LinkUnique">Change of (message, link) pairs with at least one.</param>
/// <param name="Buckets">Where and with what a person's hit was made; null for all else.</param>
/// <param name="Firsts">The buckets the message was not counted in before.</param>
/// <param name="Refused">Change of messages that bounced without having been sent: a server refused them when they were handed over.</param>
public readonly record struct CountChange(
    EventType Type, VerdictGroup Group, long At, long LinkId, BounceKind Bounce, int Total, int Unique, int LinkUnique,
    Buckets? Buckets = null, BucketKinds Firsts = BucketKinds.None, int Refused = 0);

/// <summary>Which campaign, variant and mailbox provider a message's changes count for.</summary>
public readonly record struct CountedMessage(long CampaignId, int Variant, int Provider)
{
    public static CountedMessage Of(MessageState state) => new(state.CampaignId, state.Variant, state.Provider);
}
