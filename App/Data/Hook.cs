using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ScoreTracking.Data;

/// <summary>An outbound webhook: an address that is told of events.</summary>
public sealed class Hook
{
    public long Id { get; set; }
    public required string Name { get; set; }
    public required string Url { get; set; }

    /// <summary>Separated by spaces.</summary>
    public required string EventTypes { get; set; }

    /// <summary>Opens and clicks of machines, too.</summary>
    public bool Machines { get; set; }

    /// <summary>The signing secret and the one it replaced: JSON, encrypted with Data Protection.</summary>
    public required string Secrets { get; set; }
    public bool Enabled { get; set; }

    /// <summary>Why this server disabled it; "" where it did not.</summary>
    public string DisabledBecause { get; set; } = "";
    public DateTimeOffset CreatedAt { get; set; }

    /// <summary>Unix milliseconds of the last delivery that arrived, 0 for never.</summary>
    public long DeliveredAt { get; set; }

    /// <summary>Unix milliseconds of the first failure since a delivery last arrived, 0 while all is well.</summary>
    public long FailingSince { get; set; }

    /// <summary>Events it was not told of because too many were waiting already.</summary>
    public long PassedOver { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<Hook>
    {
        public void Configure(EntityTypeBuilder<Hook> hook) => hook.ToTable("hooks");
    }
}

/// <summary>One event, or one mail that is ready, for one webhook, and how its delivery goes. What is sent is read anew at each attempt.</summary>
public sealed class HookDelivery
{
    public long Id { get; set; }
    public long HookId { get; set; }

    /// <summary>An event type, first_open, first_click, message.ready or test.</summary>
    public required string Type { get; set; }

    /// <summary>0 for a test, and for what is no event.</summary>
    public long EventId { get; set; }
    public long MessageId { get; set; }
    public DateTimeOffset CreatedAt { get; set; }
    public int Attempts { get; set; }

    /// <summary>Unix milliseconds of the last attempt, 0 before the first; the same for the two below.</summary>
    public long AttemptedAt { get; set; }

    /// <summary>When it is tried next; 0 when it is done, arrived or given up.</summary>
    public long NextAt { get; set; }
    public long DeliveredAt { get; set; }

    /// <summary>HTTP status of the last attempt, 0 where there was no answer.</summary>
    public int Status { get; set; }

    /// <summary>What went wrong at the last attempt, in words of ours; "" where nothing did.</summary>
    public string Error { get; set; } = "";

    /// <summary>Milliseconds the last attempt took.</summary>
    public int Took { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<HookDelivery>
    {
        public void Configure(EntityTypeBuilder<HookDelivery> delivery) => delivery.ToTable("hook_deliveries");
    }
}
