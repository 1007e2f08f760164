using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ScoreTracking.Data;

/// <summary>An address we may not mail. Outlives its contact: deleting a person must not make them mailable again.</summary>
public sealed class Suppression
{
    public long Id { get; set; }
    public required string Email { get; set; }

    /// <summary>complaint, unsubscribed, hard_bounce, soft_bounce, manual or import: the gravest of its <see cref="SuppressionGroundRow"/>s.</summary>
    public required string Reason { get; set; }

    /// <summary>webhook, tracking_link, api, manual, csv_import or smtp.</summary>
    public required string Source { get; set; }

    /// <summary>The campaign whose message caused it, or 0.</summary>
    public long CampaignId { get; set; }
    public required string Note { get; set; }
    public DateTimeOffset CreatedAt { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<Suppression>
    {
        public void Configure(EntityTypeBuilder<Suppression> suppression)
        {
            suppression.ToTable("suppressions");
            // RFC 5321 limits an address to 254 characters.
            suppression.Property(s => s.Email).HasMaxLength(254).UseCollation("NOCASE");
        }
    }
}

/// <summary>One reason against an address; the first of its kind. The list shows the gravest.</summary>
public sealed class SuppressionGroundRow
{
    public required string Email { get; set; }
    public required string Reason { get; set; }
    public required string Source { get; set; }
    public long CampaignId { get; set; }

    /// <summary>The message whose event it was, 0 for what a person or a file said.</summary>
    public long MessageId { get; set; }
    public required string Note { get; set; }
    public DateTimeOffset CreatedAt { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<SuppressionGroundRow>
    {
        public void Configure(EntityTypeBuilder<SuppressionGroundRow> ground)
        {
            ground.ToTable("suppression_grounds");
            ground.HasKey(g => new { g.Email, g.Reason });
            ground.Property(g => g.Email).HasMaxLength(254).UseCollation("NOCASE");
        }
    }
}

/// <summary>An address taken off the list: by whom and why. Kept, because it answers the question who let mail go out again.</summary>
public sealed class SuppressionLiftRow
{
    public long Id { get; set; }
    public required string Email { get; set; }

    /// <summary>What was lifted, "" for everything.</summary>
    public required string Reason { get; set; }
    public required string Note { get; set; }

    /// <summary>A user, an API key or an ESP, by name.</summary>
    public required string LiftedBy { get; set; }
    public DateTimeOffset LiftedAt { get; set; }

    /// <summary>The last event the log had then.</summary>
    public long AfterEvent { get; set; }

    /// <summary>An ESP said so, and what happened before counts no longer; otherwise what was known before.</summary>
    public bool Reported { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<SuppressionLiftRow>
    {
        public void Configure(EntityTypeBuilder<SuppressionLiftRow> lift)
        {
            lift.ToTable("suppression_lifts");
            lift.Property(l => l.Email).HasMaxLength(254).UseCollation("NOCASE");
        }
    }
}
