using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ScoreTracking.Data;

/// <summary>A domain mail is sent from.</summary>
public sealed class SendingDomain
{
    public long Id { get; set; }

    /// <summary>Lower-case ASCII.</summary>
    public required string Domain { get; set; }
    public DateTimeOffset CreatedAt { get; set; }

    /// <summary>Unix milliseconds of the last look into DNS, 0 before the first.</summary>
    public long CheckedAt { get; set; }

    /// <summary>What that look found, in JSON.</summary>
    public string Findings { get; set; } = "[]";

    internal sealed class Configuration : IEntityTypeConfiguration<SendingDomain>
    {
        public void Configure(EntityTypeBuilder<SendingDomain> domain) => domain.ToTable("sending_domains");
    }
}

/// <summary>A key the mail of a domain is signed with.</summary>
public sealed class DkimKeyRow
{
    public long Id { get; set; }
    public long DomainId { get; set; }

    /// <summary>Lower-case ASCII, unique within its domain.</summary>
    public required string Selector { get; set; }

    /// <summary>rsa or ed25519.</summary>
    public required string Algorithm { get; set; }

    /// <summary>The TXT record to publish, in one piece.</summary>
    public required string Record { get; set; }

    /// <summary>Encrypted with Data Protection.</summary>
    public required string PrivateKey { get; set; }

    /// <summary>One of <see cref="DkimKeyStatus"/>.</summary>
    public required string Status { get; set; }
    public DateTimeOffset CreatedAt { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<DkimKeyRow>
    {
        public void Configure(EntityTypeBuilder<DkimKeyRow> key) => key.ToTable("dkim_keys");
    }
}

/// <summary>The states of a key, as stored and as the API writes them.</summary>
public static class DkimKeyStatus
{
    /// <summary>Begins to sign by itself once its record is seen in DNS.</summary>
    public const string Waiting = "waiting";
    public const string Signing = "signing";

    /// <summary>Signs nothing until a person says so; what it signed can still be checked.</summary>
    public const string Off = "off";

    public static readonly IReadOnlyList<string> All = [Waiting, Signing, Off];
}
