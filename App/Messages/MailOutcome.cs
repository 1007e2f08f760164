using ScoreTracking.Tracking;

namespace ScoreTracking.Messages;

/// <summary>One recipient's own copy of a single mail, ready to be sent.</summary>
/// <param name="Queued">This server sends it: GET /messages/{id} tells how far it is. Otherwise the caller does.</param>
/// <param name="Tracked">Whether it carries our pixel or links.</param>
/// <param name="UntrackedBecause">off, consent, tracking_mode, own_copy or no_html where it carries neither; null where it does.</param>
/// <param name="Html">Empty where only text was given.</param>
/// <param name="EnvelopeFrom">The mail's own address for bounces, where an inbound domain is set: use it as envelope sender.</param>
/// <param name="ReplyAddress">Mail to it is recorded as a reply to this message, where an inbound domain is set. It is read by nobody: set it beside your own address in Reply-To.</param>
/// <param name="Headers">To be set on the mail as they are.</param>
/// <param name="Links">The tracked ones.</param>
public sealed record InstrumentedMail(
    string MessageId, string Email, string? CustomerId, bool Queued, bool Tracked, string? UntrackedBecause, MailSender From, string Subject, string Html, string Text,
    string? EnvelopeFrom, string? ReplyAddress, MailHeaders Headers, IReadOnlyList<InstrumentedLink> Links)
{
    /// <summary>Neither opens nor clicks were asked for.</summary>
    internal const string TrackingOff = "off";

    /// <summary>The recipient refused tracking, or never agreed where that is needed.</summary>
    internal const string NoConsent = "consent";

    /// <summary>The organization keeps no one's opens and clicks.</summary>
    internal const string ByMode = "tracking_mode";

    /// <summary>It goes to the address it is from.</summary>
    internal const string OwnCopy = "own_copy";
    internal const string NoHtml = "no_html";
}

/// <summary>What came of a single mail.</summary>
internal abstract record MailOutcome
{
    /// <summary>One copy per recipient, in order.</summary>
    public sealed record Made(IReadOnlyList<InstrumentedMail> Copies) : MailOutcome;

    /// <summary>It does not make sense: errors by the path of the field.</summary>
    public sealed record Faults(Dictionary<string, string[]> Errors) : MailOutcome;

    /// <summary>Somebody may not be mailed, so nobody is: the reason by the path of the recipient, "to[1]".</summary>
    public sealed record Suppressed(Dictionary<string, string[]> Reasons) : MailOutcome;
}
