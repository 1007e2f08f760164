using ScoreTracking.Connections;
using ScoreTracking.Events;

namespace ScoreTracking.Webhooks;

/// <summary>One ESP's dialect: whether a request is genuine, and what it says. Pure: no database, no network, no clock of its own.</summary>
public interface IEspWebhook : IConnectionKind
{
    /// <summary>Whether the ESP, and not somebody else, sent this. Basic authentication is checked before, for every provider alike.</summary>
    /// <remarks>Signatures are computed over the raw body and compared in constant time.</remarks>
    Authenticity Authenticate(WebhookRequest request, EspConnection connection, DateTimeOffset now);

    /// <summary>What a genuine request says. Never throws: what cannot be read is counted and named, event by event.</summary>
    WebhookReading Read(WebhookRequest request, EspConnection connection, DateTimeOffset now);
}

/// <summary>A request as it arrived.</summary>
/// <param name="Headers">By name, without regard to case; several values joined by a comma.</param>
/// <param name="Body">The raw bytes.</param>
public sealed record WebhookRequest(string Method, IReadOnlyDictionary<string, string> Headers, ReadOnlyMemory<byte> Body)
{
    public string? Header(string name) => Headers.TryGetValue(name, out var value) ? value : null;
}

public enum AuthenticityKind
{
    Genuine,

    /// <summary>Credentials are missing: 401, with a challenge.</summary>
    Missing,

    /// <summary>Wrong signature, time, topic: 401 and nothing changes.</summary>
    Forged,

    /// <summary>It cannot be told yet, such as a certificate that must be fetched first: see <see cref="Authenticity.CertificateUrl"/>.</summary>
    NeedsCertificate,
}

/// <param name="Reason">For the operator's list of refused requests; without secrets.</param>
public sealed record Authenticity(AuthenticityKind Kind, string Reason = "", Uri? CertificateUrl = null)
{
    public static readonly Authenticity Genuine = new(AuthenticityKind.Genuine);

    public static Authenticity Missing(string reason) => new(AuthenticityKind.Missing, reason);

    public static Authenticity Forged(string reason) => new(AuthenticityKind.Forged, reason);
}

/// <summary>What a request said.</summary>
/// <param name="Ignored">Events of a type that is none of ours, handshakes, and events left out on purpose.</param>
/// <param name="Unreadable">What was wrong with each event that could not be read.</param>
public sealed record WebhookReading(IReadOnlyList<NormalisedEvent> Events, int Ignored = 0, IReadOnlyList<string>? Unreadable = null)
{
    /// <summary>Answered instead of the usual count, for ESPs whose handshake expects it.</summary>
    public string? Answer { get; init; }

    /// <summary>A GET the server makes once to confirm a subscription; its host was built by us, not taken from the message.</summary>
    public Uri? ConfirmAt { get; init; }

    /// <summary>What the ESP takes back: no events, and counted among the ignored.</summary>
    public IReadOnlyList<Retraction> Retractions { get; init; } = [];

    /// <summary>Raw RFC 5322 messages that came through this hook, for the inbound parser.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Mails { get; init; } = [];

    /// <summary>For ESPs that sign a token and not the body: this token with another body is a forgery, with the same body a retry.</summary>
    public string? ReplayToken { get; init; }

    /// <summary>The request belongs to another hook of this ESP; said to the operator.</summary>
    public string? WrongHook { get; init; }
}

/// <summary>An ESP says that a reason against an address no longer holds: the person asked for mail again, or the complaint was a mistake.</summary>
/// <param name="Reason">As in <see cref="Suppressions.SuppressionReason"/>.</param>
public sealed record Retraction(string Recipient, string Reason, DateTimeOffset OccurredAt);

/// <summary>One event in our words, whatever the ESP's.</summary>
public sealed record NormalisedEvent
{
    public required EventType Type { get; init; }

    /// <summary>Stable over retries and unique within the provider; hashed from fixed fields where the ESP has no id.</summary>
    public required string EventId { get; init; }
    public required DateTimeOffset OccurredAt { get; init; }

    /// <summary>As given, without display name; null where the ESP does not say.</summary>
    public string? Recipient { get; init; }
    public BounceKind Bounce { get; init; }

    /// <summary>Enhanced status code, "5.1.1".</summary>
    public string? Status { get; init; }

    /// <summary>The reporter's words for a bounce or deferral.</summary>
    public string? Reason { get; init; }

    /// <summary>Why it was dropped: suppressed, invalid, spam, unsubscribed, other.</summary>
    public string? RejectReason { get; init; }
    public string? EspMessageId { get; init; }

    /// <summary>What we gave the ESP to carry and it brought back: custom arguments, metadata, tags with names, our own headers.</summary>
    public IReadOnlyDictionary<string, string> Correlation { get; init; } = new Dictionary<string, string>();
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>The receiving server's answer.</summary>
    public string? MtaResponse { get; init; }
    public string? Url { get; init; }
    public string? UserAgent { get; init; }
    public string? IpAddress { get; init; }

    /// <summary>The ESP itself says a machine did it.</summary>
    public bool Machine { get; init; }
}
