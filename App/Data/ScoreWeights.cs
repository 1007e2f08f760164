using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ScoreTracking.Data;

/// <summary>How engagement is weighed. The newest is what the organization wants, the newest with <see cref="RankedAt"/> what the ranks are by.</summary>
public sealed class ScoreWeights
{
    public long Id { get; set; }
    public double HalfLifeDays { get; set; }
    public double Opened { get; set; }
    public double Clicked { get; set; }
    public double Replied { get; set; }

    /// <summary>When every contact was ranked by it, in Unix milliseconds; 0 while that is under way.</summary>
    public long RankedAt { get; set; }

    /// <summary>The last contact ranked so far.</summary>
    public long Position { get; set; }
    public long Processed { get; set; }

    /// <summary>Contacts there were when ranking began, 0 before.</summary>
    public long Total { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<ScoreWeights>
    {
        public void Configure(EntityTypeBuilder<ScoreWeights> weights) => weights.ToTable("score_weights");
    }
}
