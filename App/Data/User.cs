using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ScoreTracking.Data;

/// <summary>Someone who signs in.</summary>
public sealed class User : IdentityUser<long>
{
    /// <summary>viewer, marketer or admin.</summary>
    public string Role { get; set; } = "viewer";
    public DateTimeOffset CreatedAt { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<User>
    {
        public void Configure(EntityTypeBuilder<User> user) => user.ToTable("users");
    }
}

/// <summary>A program's credential. Only a hash is kept: the key itself is shown once.</summary>
public sealed class ApiKey
{
    public long Id { get; set; }
    public required string Name { get; set; }

    /// <summary>SHA-256 of the whole key.</summary>
    public required byte[] Hash { get; set; }
    public required string LastCharacters { get; set; }

    /// <summary>Scopes separated by spaces.</summary>
    public required string Scopes { get; set; }
    public DateTimeOffset CreatedAt { get; set; }

    /// <summary>Unix milliseconds, 0 for never; the same below.</summary>
    public long ExpiresAt { get; set; }
    public long RevokedAt { get; set; }
    public long LastUsedAt { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<ApiKey>
    {
        public void Configure(EntityTypeBuilder<ApiKey> key) => key.ToTable("api_keys");
    }
}

/// <summary>An answer kept for a repeated request with the same Idempotency-Key.</summary>
public sealed class IdempotencyKey
{
    public long ApiKeyId { get; set; }
    public required string Key { get; set; }
    public required byte[] RequestHash { get; set; }
    public int Status { get; set; }
    public required string ContentType { get; set; }
    public required byte[] Body { get; set; }
    public DateTimeOffset CreatedAt { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<IdempotencyKey>
    {
        public void Configure(EntityTypeBuilder<IdempotencyKey> key)
        {
            key.ToTable("idempotency_keys");
            key.HasKey(k => new { k.ApiKeyId, k.Key });
        }
    }
}
