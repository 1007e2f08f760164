using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ScoreTracking.Data;

/// <summary>A network and client that fetched the links of a message all at once: derived from the message's clicks, read by its neighbours' verdicts.</summary>
/// <param name="At">Unix milliseconds of its first click or of its last one.</param>
public sealed record Burst(long CampaignId, long Fingerprint, long At, long MessageId)
{
    internal sealed class Configuration : IEntityTypeConfiguration<Burst>
    {
        public void Configure(EntityTypeBuilder<Burst> burst)
        {
            burst.ToTable("bursts");
            burst.HasKey(b => new { b.CampaignId, b.Fingerprint, b.At, b.MessageId });
        }
    }
}
