using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using ScoreTracking.Events;

namespace ScoreTracking.Data;

/// <summary>A row of the log, for reading. Written only by the write path.</summary>
public sealed class EventRow
{
    /// <summary>Its position in the inbox: rises with arrival, never reused.</summary>
    public long Id { get; set; }
    public long MessageId { get; set; }
    public long CampaignId { get; set; }
    public EventType Type { get; set; }

    /// <summary>Unix milliseconds, at most five minutes after <see cref="ReceivedAt"/>.</summary>
    public long OccurredAt { get; set; }
    public long ReceivedAt { get; set; }
    public EventSource Source { get; set; }

    /// <summary>What the hit alone says; <see cref="Verdict"/> is what it says among the other events of its message.</summary>
    public Verdict Origin { get; set; }
    public Verdict Verdict { get; set; }
    public VerdictReasons Reasons { get; set; }
    public long LinkId { get; set; }
    public long Fingerprint { get; set; }
    public BounceKind Bounce { get; set; }

    /// <summary>A repeated pixel load or double click: stored, not counted.</summary>
    public bool Repeat { get; set; }
    public long UserAgentId { get; set; }

    /// <summary>Where an open or click came from: a row of places, 0 when not known.</summary>
    public long PlaceId { get; set; }

    /// <summary>What it was made with: a row of clients, 0 when not known.</summary>
    public long ClientId { get; set; }

    /// <summary>JSON of what only some events carry: reason, url, event id, ESP message id, the raw time where it was clamped.</summary>
    public string? Detail { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<EventRow>
    {
        public void Configure(EntityTypeBuilder<EventRow> row)
        {
            row.ToTable("events");
            row.Property(e => e.Id).ValueGeneratedNever();
        }
    }
}

/// <summary>A user agent as it was sent, once a period: raw ones are forgotten by whole periods, and the events that point to one then point to nothing.</summary>
public sealed class UserAgent
{
    /// <summary>How exactly 30 days are kept.</summary>
    private const long PeriodDays = 3;
    private const long PeriodMilliseconds = PeriodDays * 24 * 60 * 60 * 1000;

    public long Id { get; set; }
    public required string Value { get; set; }

    /// <summary>Three days each, since 1970.</summary>
    public long Period { get; set; }

    public static long PeriodOf(long unixMilliseconds) => unixMilliseconds / PeriodMilliseconds;

    /// <summary>Unix milliseconds.</summary>
    public static long StartOf(long period) => period * PeriodMilliseconds;

    internal sealed class Configuration : IEntityTypeConfiguration<UserAgent>
    {
        public void Configure(EntityTypeBuilder<UserAgent> agent)
        {
            agent.ToTable("user_agents");
            agent.HasIndex(a => new { a.Value, a.Period }).IsUnique();
        }
    }
}

/// <summary>An event whose message is not known (yet): kept seven days and stored when it is.</summary>
public sealed class UnmatchedEvent
{
    public long Id { get; set; }
    public DateTimeOffset ReceivedAt { get; set; }
    public string? EspMessageId { get; set; }
    public long CampaignId { get; set; }
    public string? Email { get; set; }
    public string? CustomerId { get; set; }

    /// <summary>The reported event as the inbox holds it.</summary>
    public required byte[] Payload { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<UnmatchedEvent>
    {
        public void Configure(EntityTypeBuilder<UnmatchedEvent> unmatched)
        {
            unmatched.ToTable("unmatched_events");
            unmatched.Property(u => u.Id).ValueGeneratedNever();
            unmatched.Property(u => u.Email).UseCollation("NOCASE");
        }
    }
}

/// <summary>An event's idempotency key: 16 bytes of a hash over source and provider id.</summary>
public sealed class EventKey
{
    public required byte[] Key { get; set; }

    /// <summary>Days since 1970 when it was received; keys are kept at least 90.</summary>
    public long Day { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<EventKey>
    {
        public void Configure(EntityTypeBuilder<EventKey> key)
        {
            key.ToTable("event_keys");
            key.HasKey(k => k.Key);
        }
    }
}
