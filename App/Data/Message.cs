using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ScoreTracking.Data;

/// <summary>One email to one recipient. Written once; what events change is in <see cref="MessageState"/>.</summary>
public sealed class Message
{
    public long Id { get; set; }
    public long? CampaignId { get; set; }

    /// <summary>The <see cref="SingleMail"/> it is a copy of; null for a campaign's.</summary>
    public long? MailId { get; set; }
    public long ContactId { get; set; }

    /// <summary>The address it went to, which the contact may since have changed.</summary>
    public required string Email { get; set; }
    public string? EspMessageId { get; set; }
    public DateTimeOffset CreatedAt { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<Message>
    {
        public void Configure(EntityTypeBuilder<Message> message)
        {
            message.ToTable("messages");
            message.Property(m => m.Email).HasMaxLength(254).UseCollation("NOCASE");
        }
    }
}
