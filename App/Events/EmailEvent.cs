namespace ScoreTracking.Events;

/// <summary>Which door an event came through. The numbers are stored.</summary>
public enum EventSource : byte
{
    /// <summary>Our own pixel, link or unsubscribe page.</summary>
    Tracking = 1,
    Api = 2,
    Webhook = 3,
    Smtp = 4,
    Inbound = 5,

    /// <summary>A rule of ours, such as a deferral that lasted too long.</summary>
    Rule = 6,
}

/// <summary>One thing that happened to one message, as first reported. It is matched to its message by <see cref="MessageId"/>, else <see cref="EspMessageId"/>, else campaign and address.</summary>
public sealed record EmailEvent
{
    public required EventType Type { get; init; }
    public required EventSource Source { get; init; }

    /// <summary>When it happened, by the reporter's clock.</summary>
    public required DateTimeOffset OccurredAt { get; init; }

    /// <summary>When it reached us. Ordering never trusts <see cref="OccurredAt"/> further than five minutes past this.</summary>
    public required DateTimeOffset ReceivedAt { get; init; }

    /// <summary>Idempotency key, unique over all sources ("api:crm-991", "sendgrid:…"). Null where every report counts, as for pixel hits.</summary>
    public string? SourceKey { get; init; }

    /// <summary>Our message id, or 0 when only other marks are known.</summary>
    public long MessageId { get; init; }
    public long CampaignId { get; init; }
    public string? CustomerId { get; init; }
    public string? CustomerEmail { get; init; }
    public string? EspMessageId { get; init; }

    /// <summary>The clicked link, or 0; a click reported from outside may know only <see cref="Url"/>.</summary>
    public long LinkId { get; init; }
    public string? Url { get; init; }

    public BounceKind Bounce { get; init; }

    /// <summary>The reporter's words for a bounce, deferral or drop.</summary>
    public string? Reason { get; init; }

    /// <summary>Used in memory for place and verdict, then dropped.</summary>
    public string? IpAddress { get; init; }
    public string? UserAgent { get; init; }

    /// <summary>Host of the page an open's image was shown on: it tells webmails apart, and is then dropped.</summary>
    public string? RefererHost { get; init; }

    /// <summary>Country of the address by the word of a trusted proxy at the network's edge: two capital letters.</summary>
    public string? EdgeCountry { get; init; }

    /// <summary>What else the caller wants kept with the event: a JSON object.</summary>
    public string? Metadata { get; init; }

    /// <summary>The ESP connection it came through, or 0.</summary>
    public long ConnectionId { get; init; }

    /// <summary>What the ESP said, normalised, in JSON: for the log of received events.</summary>
    public string? Normalised { get; init; }

    /// <summary>A verdict the door already knows, such as a preview token or an ESP's machine flag.</summary>
    public Verdict KnownVerdict { get; init; }
    public VerdictReasons KnownReasons { get; init; }

    /// <summary>Nothing new happened, but a person gives an earlier event of the message the verdict <see cref="KnownVerdict"/>: its position in the log. None gives it back to the rules.</summary>
    public long Reclassifies { get; init; }
}
