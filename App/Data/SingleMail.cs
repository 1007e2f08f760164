using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ScoreTracking.Data;

/// <summary>A mail of no campaign: what somebody wrote to one or a few people. Each of them has a <see cref="Message"/>.</summary>
public sealed class SingleMail
{
    public long Id { get; set; }
    public required string FromEmail { get; set; }
    public required string FromName { get; set; }

    /// <summary>As written, merge fields and all.</summary>
    public required string Subject { get; set; }
    public bool TrackOpens { get; set; }
    public bool TrackClicks { get; set; }

    /// <summary>The first confirmed open of each of its messages is to be told.</summary>
    public bool NotifyFirstOpen { get; set; }

    /// <summary>A hash of the request that made it, where it came with an Idempotency-Key.</summary>
    public byte[]? RequestKey { get; set; }

    /// <summary>The user who wrote it here; 0 where a program did.</summary>
    public long CreatedBy { get; set; }
    public DateTimeOffset CreatedAt { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<SingleMail>
    {
        public void Configure(EntityTypeBuilder<SingleMail> mail) => mail.ToTable("mails");
    }
}
