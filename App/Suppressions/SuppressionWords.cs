using ScoreTracking.Components;

namespace ScoreTracking.Suppressions;

/// <summary>What pages call the reasons and sources.</summary>
internal static class SuppressionWords
{
    public static string Reason(string reason) => reason switch
    {
        SuppressionReason.Complaint => "Complaint",
        SuppressionReason.Unsubscribed => "Unsubscribed",
        SuppressionReason.HardBounce => "Hard bounce",
        SuppressionReason.SoftBounce => "Soft bounces",
        SuppressionReason.Manual => "By hand",
        SuppressionReason.Import => "Imported",
        _ => reason,
    };

    public static string Source(string source) => source switch
    {
        SuppressionSource.Webhook => "Reported by your ESP",
        SuppressionSource.TrackingLink => "By the unsubscribe link",
        SuppressionSource.Api => "By API",
        SuppressionSource.Manual => "Entered here",
        SuppressionSource.CsvImport => "By a file",
        SuppressionSource.Smtp => "Said by the receiving server",
        _ => source,
    };

    public static Tone ToneOf(string reason) => reason switch
    {
        SuppressionReason.Complaint or SuppressionReason.HardBounce => Tone.Bad,
        SuppressionReason.Unsubscribed or SuppressionReason.SoftBounce => Tone.Warning,
        _ => Tone.Neutral,
    };

    /// <summary>What taking an address off the list leads to.</summary>
    public static string LiftMeans(string reason) => reason switch
    {
        SuppressionReason.Complaint => "This person reported your mail as spam. Each further complaint makes mailbox providers trust all your mail less, so lift this only if they asked for mail again.",
        SuppressionReason.Unsubscribed => "This person asked for no more mail. Lift this only if they asked to get it again.",
        SuppressionReason.HardBounce => "The receiving server said that there is no such mailbox. If there still is none, the next message brings the address back.",
        SuppressionReason.SoftBounce => "Several messages in a row could not be delivered. Their count begins anew.",
        _ => "Somebody put the address on the list, and no event of its mail speaks against it.",
    };
}
