using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ScoreTracking.Data;

/// <summary>A webhook step under way: what is sent is read anew at each attempt.</summary>
public sealed class StepCall
{
    public long EnrollmentId { get; set; }

    /// <summary>With the enrollment it names this one acting of the step.</summary>
    public int Sequence { get; set; }

    /// <summary>Of the URL, with its port: requests to one host are few at a time.</summary>
    public required string Host { get; set; }
    public required string Url { get; set; }

    /// <summary>Unix milliseconds; the same for those below.</summary>
    public long CreatedAt { get; set; }
    public int Attempts { get; set; }

    /// <summary>When it is tried; 0 once it arrived or was given up.</summary>
    public long NextAt { get; set; }

    /// <summary>HTTP status of the last attempt, 0 where there was no answer.</summary>
    public int Status { get; set; }

    /// <summary>What went wrong at the last attempt, in words of ours; "" where nothing did.</summary>
    public string Error { get; set; } = "";

    internal sealed class Configuration : IEntityTypeConfiguration<StepCall>
    {
        public void Configure(EntityTypeBuilder<StepCall> call)
        {
            call.ToTable("step_calls");
            call.HasKey(c => new { c.EnrollmentId, c.Sequence });
        }
    }
}
