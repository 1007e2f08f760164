using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ScoreTracking.Data;

/// <summary>Where a message we hand off stands. The numbers are stored.</summary>
public enum DeliveryState
{
    /// <summary>Due at <see cref="Delivery.NextAt"/>, for the first time or again.</summary>
    Waiting = 1,

    /// <summary>It may be with the server or not: the process ended, or the server never answered. Nobody sends it again but a person.</summary>
    Uncertain = 2,

    /// <summary>Refused for good, or given up.</summary>
    Failed = 3,

    /// <summary>Not sent because somebody, or something, said no first: cancelled, suppressed.</summary>
    Withdrawn = 4,
}

/// <summary>A message that is to be handed off, until that is settled well: a message the server took has no row.</summary>
public sealed class Delivery
{
    public long MessageId { get; set; }

    /// <summary>0 for a single mail.</summary>
    public long CampaignId { get; set; }
    public long ConnectionId { get; set; }
    public DeliveryState State { get; set; }

    /// <summary>Unix milliseconds.</summary>
    public long NextAt { get; set; }
    public int Attempts { get; set; }

    /// <summary>Unix milliseconds of the first and the last attempt, 0 before.</summary>
    public long FirstTriedAt { get; set; }
    public long TriedAt { get; set; }

    /// <summary>The last answer: reply code, enhanced status and words; 0 and empty where there was none.</summary>
    public int Code { get; set; }
    public required string Status { get; set; }
    public required string Text { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<Delivery>
    {
        public void Configure(EntityTypeBuilder<Delivery> delivery)
        {
            delivery.ToTable("deliveries");
            delivery.HasKey(d => d.MessageId);
            delivery.Property(d => d.MessageId).ValueGeneratedNever();
        }
    }
}

/// <summary>What a single mail says to one recipient, while it waits and for as long as a soft bounce may send it again.</summary>
public sealed class MailContent
{
    public long MessageId { get; set; }

    /// <summary>What it is handed to.</summary>
    public long ConnectionId { get; set; }

    /// <summary>JSON, encrypted with Data Protection: mail is nobody's business but the recipient's.</summary>
    public required byte[] Content { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<MailContent>
    {
        public void Configure(EntityTypeBuilder<MailContent> content)
        {
            content.ToTable("mail_contents");
            content.HasKey(c => c.MessageId);
            content.Property(c => c.MessageId).ValueGeneratedNever();
        }
    }
}
