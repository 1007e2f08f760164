using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ScoreTracking.Data;

/// <summary>What blocks of messages are marked with: what may be rare among them. The numbers are stored.</summary>
public enum ActivityMark : byte
{
    None = 0,
    Opened = 1,
    Confirmed = 2,
    Clicked = 3,
    Bounced = 4,
    Dropped = 5,
    Complained = 6,
    Unsubscribed = 7,
    Replied = 8,
}

/// <summary>
/// A block of messages of a campaign in which something has happened to at least one, so that a reader looking for it skips
/// the others. It may say too much, after something was taken back, and never too little.
/// </summary>
public sealed class ActivityBlock
{
    /// <summary>Messages to a block: small enough that reading one for a single match is cheap, large enough that few are ever written.</summary>
    public const int Size = 32;

    public long CampaignId { get; set; }
    public ActivityMark Mark { get; set; }

    /// <summary>Message ids divided by <see cref="Size"/>.</summary>
    public long Block { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<ActivityBlock>
    {
        public void Configure(EntityTypeBuilder<ActivityBlock> block)
        {
            block.ToTable("activity_blocks");
            block.HasKey(b => new { b.CampaignId, b.Mark, b.Block });
        }
    }
}
