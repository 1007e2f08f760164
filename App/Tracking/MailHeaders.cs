using System.Text.Json.Serialization;

namespace ScoreTracking.Tracking;

/// <summary>One-click unsubscribing as RFC 8058 has it, and our message id, by which webhooks find the message.</summary>
public sealed record MailHeaders(
    [property: JsonPropertyName("List-Unsubscribe")] string ListUnsubscribe,
    [property: JsonPropertyName("List-Unsubscribe-Post")] string ListUnsubscribePost,
    [property: JsonPropertyName("X-ST-Message-ID")] string MessageId);

/// <summary>A tracked link of one recipient's copy.</summary>
/// <param name="Position">From 1, in document order.</param>
/// <param name="Url">Where it leads.</param>
public sealed record InstrumentedLink(string Id, int Position, string Url);
