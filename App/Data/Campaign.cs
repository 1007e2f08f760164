using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ScoreTracking.Data;

public sealed class Campaign
{
    public long Id { get; set; }
    public required string Name { get; set; }

    /// <summary>draft, scheduled, testing, running, paused, completed, cancelled or failed.</summary>
    public required string Status { get; set; }
    public required string FromEmail { get; set; }
    public required string FromName { get; set; }
    public string? ReplyTo { get; set; }
    public bool TrackOpens { get; set; }
    public bool TrackClicks { get; set; }

    /// <summary>Its mail carries a link no reader sees. Decided by the organization's setting when it starts.</summary>
    public bool Honeypot { get; set; }

    /// <summary>What its mail is about: <see cref="Data.Topics"/> recipients may refuse one by one.</summary>
    public string Topics { get; set; } = Data.Topics.None;

    /// <summary>external: the caller sends; smtp: we hand off.</summary>
    public required string Delivery { get; set; }
    public required string Subject { get; set; }
    public required string Preheader { get; set; }
    public required string Html { get; set; }
    public required string PlainText { get; set; }

    /// <summary>The test as the API takes it, in JSON; null without one.</summary>
    public string? AbTest { get; set; }

    /// <summary>32 random bytes: the key that orders recipients when they are dealt to variants.</summary>
    public required byte[] Seed { get; set; }
    public DateTimeOffset CreatedAt { get; set; }

    /// <summary>Unix milliseconds, 0 before the content is locked.</summary>
    public long StartedAt { get; set; }
    public long CompletedAt { get; set; }

    /// <summary>The connection it is handed to where <see cref="Delivery"/> is smtp; else 0.</summary>
    public long ConnectionId { get; set; }

    /// <summary>When it is to start, in Unix milliseconds; 0 without a schedule.</summary>
    public long ScheduledAt { get; set; }

    /// <summary>The hours in which mail may leave, in JSON; empty for all.</summary>
    public string SendWindow { get; set; } = "";

    /// <summary>Why it waits for a person's word, as a sentence; empty where it does not.</summary>
    public string HeldBecause { get; set; } = "";

    /// <summary>When the test phase is to be decided, in Unix milliseconds; 0 without one.</summary>
    public long TestEndsAt { get; set; }

    /// <summary>Position of the variant the rest gets; −1 while that is open.</summary>
    public int Winner { get; set; } = -1;

    /// <summary>From a start with a test phase until everybody has been dealt.</summary>
    public bool TestOpen { get; set; }

    /// <summary>Recipients of its test are dealt by chance, as the weights of the variants stand at the moment.</summary>
    public bool TestAdaptive { get; set; }

    /// <summary>Recipients up to here in the campaign's order are dealt to variants; those beyond wait for the test's end.</summary>
    public long TestBound { get; set; } = long.MaxValue;

    /// <summary>How the test ended, in JSON; empty before.</summary>
    public string TestOutcome { get; set; } = "";

    /// <summary>Journeys send it: it stays open for whoever comes next, and is not completed when nobody waits.</summary>
    public bool Ongoing { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<Campaign>
    {
        public void Configure(EntityTypeBuilder<Campaign> campaign) => campaign.ToTable("campaigns");
    }
}

/// <summary>Who sends a campaign, as stored and as the API writes it.</summary>
public static class CampaignDelivery
{
    /// <summary>The caller, who fetches each recipient's mail and reports what became of it.</summary>
    public const string External = "external";

    /// <summary>We do: mail is handed to a <see cref="Connection"/>, by SMTP or an ESP's own interface.</summary>
    public const string Smtp = "smtp";
}

/// <summary>The states of a campaign, as stored and as the API writes them.</summary>
public static class CampaignStatus
{
    public const string Draft = "draft";
    public const string Scheduled = "scheduled";
    public const string Testing = "testing";
    public const string Running = "running";
    public const string Paused = "paused";
    public const string Completed = "completed";
    public const string Cancelled = "cancelled";
    public const string Failed = "failed";

    public static readonly IReadOnlyList<string> All = [Draft, Scheduled, Testing, Running, Paused, Completed, Cancelled, Failed];
}
