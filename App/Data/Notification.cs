using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ScoreTracking.Data;

/// <summary>What people may be told of, at most once per message each. The numbers are stored, also together as flags.</summary>
[Flags]
public enum NotificationKinds
{
    None = 0,

    /// <summary>A person opened it for the first time.</summary>
    FirstOpen = 1,

    /// <summary>A person clicked one of its links for the first time.</summary>
    FirstClick = 2,
    Bounce = 4,
    Complaint = 8,
    Reply = 16,

    /// <summary>A campaign was paused because of its rates; the message is the one that decided it. Not a matter of choice: whoever may send is told.</summary>
    CampaignPaused = 32,

    /// <summary>A campaign's test has ended without a winner and waits for a person; the message is the campaign's first, and no event is told of. Whoever may send is told.</summary>
    TestUndecided = 64,
}

/// <summary>Something a person or program is told of. Without address or subject: those are read beside the message.</summary>
public sealed class Notification
{
    public long Id { get; set; }
    public NotificationKinds Kind { get; set; }
    public long MessageId { get; set; }

    /// <summary>The event it tells of; 0 for none.</summary>
    public long EventId { get; set; }

    /// <summary>When it happened.</summary>
    public DateTimeOffset At { get; set; }
    public DateTimeOffset CreatedAt { get; set; }

    /// <summary>Unix milliseconds when a program marked it as read, 0 for not.</summary>
    public long ReadAt { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<Notification>
    {
        public void Configure(EntityTypeBuilder<Notification> notification) => notification.ToTable("notifications");
    }
}

/// <summary>Someone a notification is for.</summary>
public sealed class NotificationReader
{
    public long UserId { get; set; }
    public long NotificationId { get; set; }

    /// <summary>Unix milliseconds, 0 while unread.</summary>
    public long ReadAt { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<NotificationReader>
    {
        public void Configure(EntityTypeBuilder<NotificationReader> reader)
        {
            reader.ToTable("notification_readers");
            reader.HasKey(r => new { r.UserId, r.NotificationId });
        }
    }
}

/// <summary>What a person chose to be told of.</summary>
public sealed class NotificationPreference
{
    public long UserId { get; set; }

    /// <summary>Single mails of everybody, not only one's own.</summary>
    public bool EveryMail { get; set; }

    /// <summary>Of single mails.</summary>
    public NotificationKinds MailKinds { get; set; }

    /// <summary>Of campaigns.</summary>
    public NotificationKinds CampaignKinds { get; set; }

    /// <summary>The first open of mail a program made and asked to be told of.</summary>
    public bool Requested { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<NotificationPreference>
    {
        public void Configure(EntityTypeBuilder<NotificationPreference> preference)
        {
            preference.ToTable("notification_preferences");
            preference.HasKey(p => p.UserId);
            preference.Property(p => p.UserId).ValueGeneratedNever();
        }
    }
}
