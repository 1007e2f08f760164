using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using ScoreTracking.Events;

namespace ScoreTracking.Data;

/// <summary>What has happened to a message so far, as shown. The numbers are stored; a higher one wins over a lower.</summary>
public enum MessageStatus : byte
{
    Pending = 0,
    Processed = 1,
    Sent = 2,
    Deferred = 3,
    Delivered = 4,
    Dropped = 5,
    Bounced = 6,
    Opened = 7,
    Clicked = 8,
    Unsubscribed = 9,
    Complained = 10,
}

/// <summary>Everything events change about a message: integers only, in a narrow row of its own, because updating a wide one costs four times as much. Times are Unix milliseconds, 0 for never.</summary>
public sealed class MessageState
{
    public long MessageId { get; set; }
    public long CampaignId { get; set; }

    /// <summary>Whose it is; the database itself looks it up where it is not given. 0 in rows of releases that did not keep it.</summary>
    public long ContactId { get; set; }

    /// <summary>Position of the variant it was dealt to, −1 before the campaign starts.</summary>
    public int Variant { get; set; }
    public MessageStatus Status { get; set; }

    /// <summary>Whether the recipient's copy carries our pixel and links: then the ESP's own opens and clicks are left out.</summary>
    public bool Tracked { get; set; }

    /// <summary>The contact's answer about tracking, kept up to date by the database whoever changes it.</summary>
    public TrackingConsent Consent { get; set; }

    /// <summary>The copy would carry our pixel and links, but for want of consent carries neither.</summary>
    public bool Withheld { get; set; }

    /// <summary>Number of the recipient's <see cref="MailboxProvider"/>.</summary>
    public int Provider { get; set; }

    public long ProcessedAt { get; set; }
    public long SentAt { get; set; }
    public long DeliveredAt { get; set; }
    public long DeferredAt { get; set; }
    public long DroppedAt { get; set; }

    /// <summary>The first bounce that still holds: a soft one is taken back by a later delivery.</summary>
    public long BouncedAt { get; set; }
    public BounceKind Bounce { get; set; }

    /// <summary>First open of the headline: by a person or a privacy proxy, or inferred from a click.</summary>
    public long OpenedAt { get; set; }

    /// <summary>First open by a person, or inferred from a person's click.</summary>
    public long ConfirmedAt { get; set; }

    /// <summary>The confirmed open was inferred from a click.</summary>
    public bool OpenInferred { get; set; }
    public long ClickedAt { get; set; }
    public long ComplainedAt { get; set; }
    public long UnsubscribedAt { get; set; }
    public long RepliedAt { get; set; }

    /// <summary>Counted opens of the headline; repeated pixel loads are left out.</summary>
    public int Opens { get; set; }
    public int ConfirmedOpens { get; set; }
    public int Clicks { get; set; }

    // What the next event must know to be folded in without reading the ones before it.
    public long LastAt { get; set; }
    public long LastOpenAt { get; set; }
    public long LastClickAt { get; set; }

    /// <summary>What is known of it may turn the verdict of a hit still to come: a burst, a fleet, a honeypot.</summary>
    public bool Swept { get; set; }

    /// <summary>Its recipient was erased: it counts as it did, and no event is added to it.</summary>
    public bool Erased { get; set; }

    /// <summary>The recipient has softly bounced before: what becomes of this message may begin, end or undo a streak.</summary>
    public bool Watched { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<MessageState>
    {
        public void Configure(EntityTypeBuilder<MessageState> state)
        {
            state.ToTable("message_state");
            state.HasKey(s => s.MessageId);
            state.Property(s => s.MessageId).ValueGeneratedNever();
        }
    }
}
