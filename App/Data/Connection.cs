using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using ScoreTracking.Events;

namespace ScoreTracking.Data;

/// <summary>One ESP account that reports to us.</summary>
public sealed class Connection
{
    public long Id { get; set; }
    public required string Name { get; set; }

    /// <summary>"sendgrid" and so on.</summary>
    public required string Provider { get; set; }

    /// <summary>The unguessable part of the webhook's URL.</summary>
    public required string Slug { get; set; }

    /// <summary>Secrets, those they replaced, and basic authentication: JSON, encrypted with Data Protection.</summary>
    public required string Secrets { get; set; }

    /// <summary>JSON object.</summary>
    public required string Settings { get; set; }
    public bool Enabled { get; set; }
    public DateTimeOffset CreatedAt { get; set; }

    /// <summary>Unix milliseconds, 0 for never.</summary>
    public long LastReceivedAt { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<Connection>
    {
        public void Configure(EntityTypeBuilder<Connection> connection) => connection.ToTable("connections");
    }
}

/// <summary>One event as an ESP sent it, normalised; kept seven days.</summary>
public sealed class ReceivedEvent
{
    /// <summary>Its position in the inbox.</summary>
    public long Id { get; set; }
    public long ConnectionId { get; set; }
    public required string SourceKey { get; set; }
    public DateTimeOffset ReceivedAt { get; set; }
    public EventType Type { get; set; }

    /// <summary>The message it was matched to, or 0.</summary>
    public long MessageId { get; set; }

    /// <summary>JSON, as the API shows it.</summary>
    public required string Normalised { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<ReceivedEvent>
    {
        public void Configure(EntityTypeBuilder<ReceivedEvent> received)
        {
            received.ToTable("received_events");
            received.Property(r => r.Id).ValueGeneratedNever();
        }
    }
}

/// <summary>A token of a signature that does not cover the body, and the body it came with first.</summary>
public sealed class WebhookToken
{
    /// <summary>SHA-256 of provider and token.</summary>
    public required byte[] Token { get; set; }

    /// <summary>SHA-256 of the body.</summary>
    public required byte[] Body { get; set; }
    public DateTimeOffset ReceivedAt { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<WebhookToken>
    {
        public void Configure(EntityTypeBuilder<WebhookToken> token)
        {
            token.ToTable("webhook_tokens");
            token.HasKey(t => t.Token);
        }
    }
}
