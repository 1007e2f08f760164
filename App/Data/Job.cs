using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ScoreTracking.Data;

/// <summary>States of a <see cref="Job"/>, as stored and as the API writes them.</summary>
public static class JobStatus
{
    public const string Waiting = "waiting";
    public const string Running = "running";
    public const string Done = "done";
    public const string Failed = "failed";
}

/// <summary>Work a request started and does not wait for, such as an import.</summary>
public sealed class Job
{
    public long Id { get; set; }

    /// <summary>recipients_import, recipients_audience, contacts_import or suppressions_import.</summary>
    public required string Kind { get; set; }
    public long CampaignId { get; set; }

    /// <summary>File name in the data directory's import folder, "" without one.</summary>
    public required string File { get; set; }

    /// <summary>waiting, running, done or failed.</summary>
    public required string Status { get; set; }
    public long Processed { get; set; }

    /// <summary>Rows in the file, or people in the audience.</summary>
    public long Total { get; set; }
    public long Added { get; set; }
    public long Duplicates { get; set; }
    public long Suppressed { get; set; }
    public long Invalid { get; set; }

    /// <summary>Why it failed, "" otherwise.</summary>
    public required string Error { get; set; }

    /// <summary>JSON: which column of the file is what; "" where their names say it.</summary>
    public string Mapping { get; set; } = "";

    /// <summary>The list everybody in the file is put on; 0 for none.</summary>
    public long ListId { get; set; }

    /// <summary>JSON: whom an import takes that has no file; "" for one that has.</summary>
    public string Audience { get; set; } = "";

    /// <summary>The last contact of the audience that is done.</summary>
    public long Reached { get; set; }

    /// <summary>In the audience, and in one that is left out.</summary>
    public long Excluded { get; set; }

    /// <summary>Refused what the campaign is about, or to be tracked.</summary>
    public long NotConsenting { get; set; }
    public DateTimeOffset CreatedAt { get; set; }
    public long FinishedAt { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<Job>
    {
        public void Configure(EntityTypeBuilder<Job> job) => job.ToTable("jobs");
    }
}

/// <summary>A row an import could not take.</summary>
public sealed class JobError
{
    /// <summary>Bad rows kept of one import; all are counted.</summary>
    public const int MaxKept = 100_000;

    public long JobId { get; set; }

    /// <summary>Line in the file, the header being line 1.</summary>
    public long Line { get; set; }
    public required string Email { get; set; }
    public required string Error { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<JobError>
    {
        public void Configure(EntityTypeBuilder<JobError> error)
        {
            error.ToTable("job_errors");
            error.HasKey(e => new { e.JobId, e.Line });
        }
    }
}
