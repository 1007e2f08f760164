using ScoreTracking.Events;
using ScoreTracking.Mail;

namespace ScoreTracking.Webhooks;

/// <summary>Amazon SES's words for a bounce, which Resend hands through as well.</summary>
internal static class SesVocabulary
{
    public sealed record Bounce(EventType Type, BounceKind Kind, string? RejectReason = null);

    /// <param name="type">"Permanent", "Transient" or "Undetermined".</param>
    /// <param name="subType">"General", "MailboxFull" …</param>
    /// <param name="status">Enhanced status of the recipient, where given.</param>
    /// <param name="answer">The receiving server's words, where given.</param>
    public static Bounce BounceOf(string? type, string? subType, string? status, string? answer) => (type, subType) switch
    {
        // Not handed over at all: an earlier bounce put the address on a list.
        (_, "Suppressed" or "OnAccountSuppressionList") => new(EventType.Dropped, BounceKind.None, "suppressed"),
        (_, "UnsubscribedRecipient") => new(EventType.Dropped, BounceKind.None, "unsubscribed"),
        ("Permanent", _) => new(EventType.Bounced, BounceKind.Hard),
        (_, "ContentRejected" or "AttachmentRejected") => new(EventType.Bounced, BounceKind.Block),

        // A domain that does not exist is called transient too.
        ("Transient", _) when BounceClass.StatusOf(status, answer) == "5.4.4" => new(EventType.Bounced, BounceKind.Hard),
        ("Transient" or "Undetermined", _) => new(EventType.Bounced, BounceKind.Soft),
        _ => new(EventType.Bounced, BounceClass.Classify(status, null, answer) is var kind and not BounceKind.None ? kind : BounceKind.Soft),
    };
}
