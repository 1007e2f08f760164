using ScoreTracking.Tracking;

namespace ScoreTracking.Campaigns;

/// <summary>A recipient's own copy, ready to be sent.</summary>
/// <param name="VariantId">Null without a test.</param>
/// <param name="Tracked">Whether it carries our pixel or links. Without consent it carries neither.</param>
/// <param name="EnvelopeFrom">The mail's own address for bounces, where an inbound domain is set: use it as envelope sender.</param>
/// <param name="Headers">To be set on the mail as they are.</param>
/// <param name="Links">The tracked ones.</param>
public sealed record Instrumented(
    string MessageId, string? VariantId, bool Tracked, SenderBody From, string? ReplyTo, string Subject, string Preheader, string Html, string Text,
    string? EnvelopeFrom, MailHeaders Headers, IReadOnlyList<InstrumentedLink> Links);

/// <summary>A line of a batch for a recipient who gets no mail.</summary>
/// <param name="Error">suppressed, topics where they want none of the campaign's, waiting where their mail depends on a test that has not ended, or the member that is not valid.</param>
public sealed record NotInstrumented(string? CustomerId, string? Email, string Error);
