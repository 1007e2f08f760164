using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ScoreTracking.Data;

/// <summary>A place events came from, once; "" for what is not known of it.</summary>
public sealed class PlaceRow
{
    public long Id { get; set; }

    /// <summary>ISO 3166 alpha-2.</summary>
    public required string Country { get; set; }
    public required string Region { get; set; }
    public required string City { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<PlaceRow>
    {
        public void Configure(EntityTypeBuilder<PlaceRow> place)
        {
            place.ToTable("places");
            place.HasIndex(p => new { p.Country, p.Region, p.City }).IsUnique();
        }
    }
}
