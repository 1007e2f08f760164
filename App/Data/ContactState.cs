using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ScoreTracking.Data;

/// <summary>Everything events change about a person, in a narrow row of its own. The database itself adds it with its contact.</summary>
public sealed class ContactState
{
    public long ContactId { get; set; }

    /// <summary>What contacts are sorted by: the logarithm of the engagement score, the same at any time. Null without engagement, which sorts last.</summary>
    public double? Rank { get; set; }

    /// <summary>The latest event in <see cref="Rank"/>, in Unix milliseconds; 0 without one.</summary>
    public long RankAt { get; set; }

    /// <summary>Messages in a row that ended in a soft bounce.</summary>
    public int SoftStreak { get; set; }

    /// <summary>Some message to them ended in a soft bounce: news of every message of theirs is looked at for a streak.</summary>
    public bool SoftBounced { get; set; }

    // When something last happened to their mail, in Unix milliseconds, 0 for never. Opens and clicks are confirmed ones.
    public long SentAt { get; set; }
    public long DeliveredAt { get; set; }
    public long OpenedAt { get; set; }
    public long ClickedAt { get; set; }
    public long RepliedAt { get; set; }

    /// <summary>Of the latest message whose bounce holds.</summary>
    public long BouncedAt { get; set; }
    public long ComplainedAt { get; set; }
    public long UnsubscribedAt { get; set; }

    /// <summary>Messages sent.</summary>
    public long Sends { get; set; }
    public long Deliveries { get; set; }

    /// <summary>Confirmed opens, those inferred from clicks included.</summary>
    public long Opens { get; set; }
    public long Clicks { get; set; }

    /// <summary>Their address is on the suppression list; triggers see to it.</summary>
    public bool Suppressed { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<ContactState>
    {
        public void Configure(EntityTypeBuilder<ContactState> state)
        {
            state.ToTable("contact_state");
            state.HasKey(s => s.ContactId);
            state.Property(s => s.ContactId).ValueGeneratedNever();
        }
    }
}

/// <summary>A rank by weights that are not in effect yet. A contact without one is still to be ranked, or was touched since.</summary>
public sealed class NextRank
{
    public long ContactId { get; set; }
    public double? Rank { get; set; }
    public long RankAt { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<NextRank>
    {
        public void Configure(EntityTypeBuilder<NextRank> next)
        {
            next.ToTable("next_ranks");
            next.HasKey(n => n.ContactId);
            next.Property(n => n.ContactId).ValueGeneratedNever();
        }
    }
}
