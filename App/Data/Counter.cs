using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using ScoreTracking.Events;

namespace ScoreTracking.Data;

/// <summary>One count: campaign × dimension × key × event type × verdict group. Moves only in the transaction that stores its event.</summary>
public sealed class Counter
{
    public long CampaignId { get; set; }
    public required string Dimension { get; set; }
    public required string Key { get; set; }
    public EventType Type { get; set; }
    public VerdictGroup Verdict { get; set; }

    /// <summary>Counted events.</summary>
    public long Total { get; set; }

    /// <summary>Messages (for links: message and link) with at least one.</summary>
    public long Unique { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<Counter>
    {
        public void Configure(EntityTypeBuilder<Counter> counter)
        {
            counter.ToTable("counters");
            counter.HasKey(c => new { c.CampaignId, c.Dimension, c.Key, c.Type, c.Verdict });

            // UNIQUE is a word of SQL.
            counter.Property(c => c.Unique).HasColumnName("uniq");
        }
    }
}

/// <summary>A dimension whose counters exist; one missing here is filled from the log at start.</summary>
public sealed class BuiltDimension
{
    public required string Name { get; set; }
    public DateTimeOffset BuiltAt { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<BuiltDimension>
    {
        public void Configure(EntityTypeBuilder<BuiltDimension> built)
        {
            built.ToTable("built_dimensions");
            built.HasKey(b => b.Name);
        }
    }
}

/// <summary>How far a reader of the log has come; for the writer, how far in the inbox.</summary>
public sealed class Cursor
{
    public const string Writer = "writer";

    public required string Name { get; set; }
    public long Position { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<Cursor>
    {
        public void Configure(EntityTypeBuilder<Cursor> cursor)
        {
            cursor.ToTable("cursors");
            cursor.HasKey(c => c.Name);
        }
    }
}
