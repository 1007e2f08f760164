using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ScoreTracking.Data;

/// <summary>One cell of a campaign's factorial test. A campaign without a test has one variant with the key "".</summary>
public sealed class Variant
{
    public long CampaignId { get; set; }

    /// <summary>Counts from 0 in factorial order; the number messages and counters refer to.</summary>
    public int Position { get; set; }

    /// <summary>Level keys joined by dots, "s1.c2".</summary>
    public required string Key { get; set; }

    /// <summary>JSON object, factor field to level key.</summary>
    public required string Levels { get; set; }

    /// <summary>Share of recipients, 0 to 1.</summary>
    public double Weight { get; set; }

    /// <summary>How many were dealt to it.</summary>
    public long Recipients { get; set; }

    /// <summary>How many of them got mail without pixel and links, for want of consent.</summary>
    public long NotTracked { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<Variant>
    {
        public void Configure(EntityTypeBuilder<Variant> variant)
        {
            variant.ToTable("variants");
            variant.HasKey(v => new { v.CampaignId, v.Position });
        }
    }
}
