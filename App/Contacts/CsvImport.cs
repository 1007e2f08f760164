using Microsoft.EntityFrameworkCore;
using ScoreTracking.Data;
using ScoreTracking.Live;

namespace ScoreTracking.Contacts;

/// <summary>
/// Imports CSV files of people. Rows and progress are stored in the same transaction, so after a crash or
/// restart an import goes on at the row it had reached, and every count stays exact.
/// </summary>
public abstract class CsvImport(IDbContextFactory<ScoreDb> databases, ImportFiles files, LiveUpdates live, TimeProvider clock, ILogger logger)
    : ImportJobs(databases, files, live, clock, logger)
{
    /// <summary>Rows of one transaction: about 50 ms.</summary>
    protected const int ChunkRows = 2_000;

    private readonly TimeProvider _clock = clock;

    /// <summary>Queues the import of a kept file; one that cannot be read is deleted.</summary>
    /// <returns>The waiting job, or what is wrong with the file.</returns>
    /// <param name="listId">The list everybody in it is put on; 0 for none.</param>
    internal Task<(Job? Job, string Error)> QueueAsync(long campaignId, string name, ColumnMapping? mapping, long listId, CancellationToken cancellationToken) =>
        QueueAsync(
            new Job
            {
                Kind = JobKind,
                CampaignId = campaignId,
                File = name,
                Status = JobStatus.Waiting,
                Error = "",
                Mapping = mapping?.Write() ?? "",
                ListId = listId,
                CreatedAt = _clock.GetUtcNow(),
            },
            cancellationToken);

    /// <summary>Imports from the row the job has reached.</summary>
    /// <param name="csv">At that row.</param>
    /// <returns>Why it stopped early, or null.</returns>
    internal abstract string? Import(Job job, ContactCsv csv, CancellationToken cancellationToken);

    protected override string? Fault(Job job)
    {
        try
        {
            using var csv = OpenCsv(job);
            return null;
        }
        catch (ContactCsvException unusable)
        {
            return unusable.Message;
        }
    }

    protected override async Task<string?> ImportAsync(Job job, CancellationToken cancellationToken)
    {
        if (!Files.Has(job.File))
        {
            return "The uploaded file is gone. Upload it again.";
        }

        try
        {
            if (job.Total == 0)
            {
                await BeginAsync(job, Count(job, cancellationToken), cancellationToken);
            }

            using var csv = OpenCsv(job);
            Skip(csv, job.Processed, cancellationToken);
            return Import(job, csv, cancellationToken);
        }
        catch (ContactCsvException unreadable)
        {
            return unreadable.Message;
        }
    }

    private ContactCsv OpenCsv(Job job) => new(Files.Open(job.File), ColumnMapping.Read(job.Mapping, out _));

    private long Count(Job job, CancellationToken cancellationToken)
    {
        using var csv = OpenCsv(job);
        return Skip(csv, long.MaxValue, cancellationToken);
    }

    private static long Skip(ContactCsv csv, long rows, CancellationToken cancellationToken)
    {
        var skipped = 0L;
        while (skipped < rows && csv.Read())
        {
            skipped++;
            if (skipped % ChunkRows == 0)
            {
                cancellationToken.ThrowIfCancellationRequested();
            }
        }

        return skipped;
    }
}
