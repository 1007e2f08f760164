using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ScoreTracking.Data;

/// <summary>A link under which one campaign's figures are seen without signing in.</summary>
public sealed class Share
{
    public long Id { get; set; }
    public long CampaignId { get; set; }

    /// <summary>SHA-256 of the link's secret, which is shown once.</summary>
    public required byte[] TokenHash { get; set; }

    /// <summary>"" without a password.</summary>
    public required string PasswordHash { get; set; }

    /// <summary>The user who made it; 0 for an API key.</summary>
    public long CreatedBy { get; set; }
    public DateTimeOffset CreatedAt { get; set; }
    public DateTimeOffset ExpiresAt { get; set; }

    /// <summary>Unix milliseconds, 0 for never; the same for the last view.</summary>
    public long RevokedAt { get; set; }
    public long Views { get; set; }
    public long LastViewedAt { get; set; }

    public bool HasPassword => PasswordHash.Length > 0;

    public bool IsOpenAt(DateTimeOffset now) => RevokedAt == 0 && ExpiresAt > now;

    internal sealed class Configuration : IEntityTypeConfiguration<Share>
    {
        public void Configure(EntityTypeBuilder<Share> share) => share.ToTable("shares");
    }
}
