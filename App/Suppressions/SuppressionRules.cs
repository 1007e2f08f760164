using ScoreTracking.Events;

namespace ScoreTracking.Suppressions;

/// <summary>Which events mean "never again".</summary>
public static class SuppressionRules
{
    /// <returns>The reason as stored, or null where mail may go on.</returns>
    public static string? ReasonFor(EventType type, BounceKind bounce) => type switch
    {
        EventType.Bounced when bounce == BounceKind.Hard => SuppressionReason.HardBounce,
        EventType.Complained => SuppressionReason.Complaint,
        EventType.Unsubscribed => SuppressionReason.Unsubscribe,
        EventType.Bounced or EventType.Processed or EventType.Sent or EventType.Delivered or EventType.Deferred or EventType.Dropped
            or EventType.Opened or EventType.Clicked or EventType.Replied => null,
    };

    /// <summary>How the address came onto the list, by the door of the event.</summary>
    public static string SourceFor(EventSource source) => source switch
    {
        EventSource.Tracking => "tracking_link",
        EventSource.Api => "api",
        EventSource.Webhook or EventSource.Inbound => "webhook",
        EventSource.Smtp or EventSource.Rule => "smtp",
    };
}

/// <summary>The reasons as stored and as the API writes them.</summary>
public static class SuppressionReason
{
    public const string HardBounce = "hard_bounce";
    public const string Complaint = "complaint";
    public const string SoftBounce = "soft_bounce";
    public const string Unsubscribe = "unsubscribe";
    public const string Manual = "manual";
    public const string Import = "import";
}
