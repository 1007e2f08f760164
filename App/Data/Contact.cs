using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ScoreTracking.Data;

/// <summary>Whether a person agreed to being tracked. The numbers are stored.</summary>
public enum TrackingConsent : byte
{
    Unknown = 0,
    Granted = 1,
    Denied = 2,
}

/// <summary>A person.</summary>
public sealed class Contact
{
    public long Id { get; set; }

    /// <summary>The caller's own id; unique where given.</summary>
    public string? CustomerId { get; set; }
    public required string Email { get; set; }

    /// <summary>Free attributes as a JSON object; the latest value wins.</summary>
    public required string Attributes { get; set; }
    public TrackingConsent TrackingConsent { get; set; }

    /// <summary>Unix milliseconds of the last consent answer, 0 without one.</summary>
    public long ConsentAt { get; set; }
    public DateTimeOffset CreatedAt { get; set; }

    /// <summary>Unix milliseconds; 0 for a contact that is there. A deleted one is kept, nearly empty, for the mail it got; an erased one has no address either.</summary>
    public long DeletedAt { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<Contact>
    {
        public void Configure(EntityTypeBuilder<Contact> contact)
        {
            contact.ToTable("contacts");
            contact.Property(c => c.Email).HasMaxLength(254).UseCollation("NOCASE");
        }
    }
}
