using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ScoreTracking.Data;

/// <summary>A combination of mail client, device, browser and operating system, once; "" for what is not known of it.</summary>
public sealed class ClientRow
{
    public long Id { get; set; }
    public required string Client { get; set; }

    /// <summary>desktop, mobile or tablet.</summary>
    public required string Device { get; set; }
    public required string Browser { get; set; }
    public required string Os { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<ClientRow>
    {
        public void Configure(EntityTypeBuilder<ClientRow> client)
        {
            client.ToTable("clients");
            client.HasIndex(c => new { c.Client, c.Device, c.Browser, c.Os }).IsUnique();
        }
    }
}
