using System.Text.Json.Serialization;

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

/// <summary>One-click unsubscribing as RFC 8058 has it, and our message id, by which webhooks find the message.</summary>
public sealed record MailHeaders(
    [property: JsonPropertyName("List-Unsubscribe")] string ListUnsubscribe,
    [property: JsonPropertyName("List-Unsubscribe-Post")] string ListUnsubscribePost,
    [property: JsonPropertyName("X-ST-Message-ID")] string MessageId);

/// <param name="Position">From 1, in document order.</param>
/// <param name="Url">Where it leads.</param>
public sealed record InstrumentedLink(string Id, int Position, string Url);

/// <summary>A line of a batch for a recipient who gets no mail.</summary>
/// <param name="Error">suppressed, topics where they want none of the campaign's, or the member that is not valid.</param>
public sealed record NotInstrumented(string? CustomerId, string? Email, string Error);
