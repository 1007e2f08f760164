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

/// <summary>How an answer about tracking was given.</summary>
public static class ConsentMethods
{
    /// <summary>With a recipient or contact handed over by a program.</summary>
    public const string Api = "api";
    public const string Import = "import";

    /// <summary>By one of us, on the contact's page.</summary>
    public const string Manual = "manual";

    /// <summary>By the person, on the page behind the unsubscribe link. What programs hand over does not overrule a refusal given there.</summary>
    public const string OwnChoice = "unsubscribe_page";
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

    /// <summary>How the answer was given: <see cref="ConsentMethods"/>, or the caller's own word; empty where nobody said.</summary>
    public string ConsentMethod { get; set; } = "";

    /// <summary>The words the person answered to, as far as known.</summary>
    public string ConsentWording { get; set; } = "";

    /// <summary><see cref="Topics"/> the person does not want.</summary>
    public string RefusedTopics { get; set; } = Topics.None;
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
