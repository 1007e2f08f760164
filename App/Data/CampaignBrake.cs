using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ScoreTracking.Data;

/// <summary>That a campaign was paused because of its rates, and its figures then.</summary>
public sealed class CampaignBrake
{
    public long CampaignId { get; set; }

    /// <summary>Messages handed over, refused ones included.</summary>
    public long Sent { get; set; }
    public long Complained { get; set; }
    public long HardBounced { get; set; }

    /// <summary>The last time, Unix milliseconds.</summary>
    public long PulledAt { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<CampaignBrake>
    {
        public void Configure(EntityTypeBuilder<CampaignBrake> brake)
        {
            brake.ToTable("campaign_brakes");
            brake.HasKey(b => b.CampaignId);
            brake.Property(b => b.CampaignId).ValueGeneratedNever();
        }
    }
}
