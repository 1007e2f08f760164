using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ScoreTracking.Data;

/// <summary>An address we may not mail. Outlives its contact: deleting a person must not make them mailable again.</summary>
public sealed class Suppression
{
    public required string Email { get; set; }

    /// <summary>hard_bounce, complaint, soft_bounce, unsubscribe, manual or import.</summary>
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
            suppression.HasKey(s => s.Email);
            // RFC 5321 limits an address to 254 characters.
            suppression.Property(s => s.Email).HasMaxLength(254).UseCollation("NOCASE");
        }
    }
}
