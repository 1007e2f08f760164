using ScoreTracking.Components;

namespace ScoreTracking.Suppressions;

/// <summary>Reasons and sources as people read them.</summary>
internal static class SuppressionWords
{
    public static string Reason(string reason) => reason switch
    {
        SuppressionReason.Complaint => "Complaint",
        SuppressionReason.Unsubscribed => "Unsubscribed",
        SuppressionReason.HardBounce => "Hard bounce",
        SuppressionReason.SoftBounce => "Soft bounces",
        SuppressionReason.Manual => "By hand",
        SuppressionReason.Import => "Import",
        _ => reason,
    };

    public static string Source(string source) => source switch
    {
        SuppressionSource.Webhook => "ESP",
        SuppressionSource.TrackingLink => "Unsubscribe link",
        SuppressionSource.Api => "API",
        SuppressionSource.Manual => "Entered here",
        SuppressionSource.CsvImport => "CSV file",
        SuppressionSource.Smtp => "Sending",
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
        SuppressionReason.Complaint => "This person reported mail as spam. Mailing them again can cost the reputation of everything you send, and needs their consent.",
        SuppressionReason.Unsubscribed => "This person asked for no more mail. Only lift this if they asked to get it again.",
        SuppressionReason.HardBounce => "The mailbox did not exist. If it still does not, the next message suppresses the address again.",
        SuppressionReason.SoftBounce => "Several messages in a row could not be delivered. Counting begins anew with the next one.",
        _ => "The address may get mail from now on.",
    };
}
