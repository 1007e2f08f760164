using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using ScoreTracking.Events;

namespace ScoreTracking.Data;

/// <summary>Opens or clicks of a campaign counted without their message, while the organization tracks nobody by name. There is no log behind them, so a recount leaves them alone.</summary>
public sealed class AnonymousHits
{
    public long CampaignId { get; set; }
    public EventType Type { get; set; }

    /// <summary>The clicked link, 0 for opens.</summary>
    public long LinkId { get; set; }

    /// <summary>What the hit alone says of who made it.</summary>
    public Verdict Verdict { get; set; }
    public long Total { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<AnonymousHits>
    {
        public void Configure(EntityTypeBuilder<AnonymousHits> hits)
        {
            hits.ToTable("anonymous_hits");
            hits.HasKey(h => new { h.CampaignId, h.Type, h.LinkId, h.Verdict });
        }
    }
}
