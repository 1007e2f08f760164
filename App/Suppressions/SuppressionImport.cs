using Microsoft.EntityFrameworkCore;
using ScoreTracking.Data;
using ScoreTracking.Live;

namespace ScoreTracking.Suppressions;

/// <summary>
/// Puts the addresses of CSV files on the list, one file after the other. Rows and progress are stored in the same
/// transaction, so after a crash or restart an import goes on at the row it had reached. It only ever adds.
/// </summary>
public sealed class SuppressionImport(
    SuppressionList list, IDbContextFactory<ScoreDb> databases, ImportFiles files, LiveUpdates live, TimeProvider clock, ILogger<SuppressionImport> logger)
    : ImportJobs(databases, files, live, clock, logger)
{
    public const string Kind = "suppressions_import";

    // The write lock is shared with the event writer: about 50 ms.
    private const int MaxRows = 1_000;

    private readonly TimeProvider _clock = clock;

    protected override string JobKind => Kind;

    /// <summary>Keeps the file and queues its import.</summary>
    /// <returns>The waiting job, or what is wrong with the file.</returns>
    public async Task<(Job? Job, string Error)> StartAsync(Stream content, CancellationToken cancellationToken) =>
        await Files.KeepAsync(content, cancellationToken) is { } name
            ? await QueueAsync(new Job { Kind = Kind, File = name, Status = JobStatus.Waiting, Error = "", CreatedAt = _clock.GetUtcNow() }, cancellationToken)
            : (null, ImportFiles.TooLarge);

    protected override IEnumerable<LiveTopic> Topics(Job job) => [LiveTopic.Suppressions, LiveTopic.Contacts];

    protected override string? Fault(Job job)
    {
        try
        {
            using var csv = OpenCsv(job);
            return null;
        }
        catch (SuppressionCsvException unusable)
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

            Import(job, cancellationToken);
            return null;
        }
        catch (SuppressionCsvException unreadable)
        {
            return unreadable.Message;
        }
    }

    private SuppressionCsv OpenCsv(Job job) => new(Files.Open(job.File));

    private void Import(Job job, CancellationToken cancellationToken)
    {
        using var csv = OpenCsv(job);
        for (var skipped = 0L; skipped < job.Processed; skipped++)
        {
            csv.Read();
        }

        using var connection = list.Open();
        var rows = new SuppressionRows(connection);
        var progress = connection.Prepare("UPDATE jobs SET processed = ?2, added = ?3, duplicates = ?4, invalid = ?5 WHERE id = ?1");
        var errors = connection.Prepare("INSERT OR REPLACE INTO job_errors (job_id, line, email, error) VALUES (?1, ?2, ?3, ?4)");
        for (var ended = false; !ended;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var (processed, added, duplicates, invalid) = (job.Processed, job.Added, job.Duplicates, job.Invalid);
            connection.Begin();
            try
            {
                for (var i = 0; i < MaxRows && !ended; i++)
                {
                    if (!csv.Read())
                    {
                        ended = true;
                        break;
                    }

                    processed++;
                    if (csv.Error.Length > 0)
                    {
                        if (++invalid <= JobError.MaxKept)
                        {
                            errors.Bind(1, job.Id).Bind(2, csv.Line).Bind(3, csv.Email[..Math.Min(csv.Email.Length, EmailAddress.MaxLength)]).Bind(4, csv.Error).Run();
                        }
                    }
                    else if (Add(rows, csv.Email, csv.Note))
                    {
                        added++;
                    }
                    else
                    {
                        duplicates++;
                    }
                }

                progress.Bind(1, job.Id).Bind(2, processed).Bind(3, added).Bind(4, duplicates).Bind(5, invalid).Run();
                connection.Commit();
            }
            catch
            {
                connection.Rollback();
                throw;
            }

            (job.Processed, job.Added, job.Duplicates, job.Invalid) = (processed, added, duplicates, invalid);
            Signal(job);
        }
    }

    // An address that is on the list for a graver reason gets this one too, and keeps it should the other be lifted by its ESP.
    private bool Add(SuppressionRows rows, string email, string note)
    {
        var before = rows.Of(email);
        if (SuppressionRows.Find(before, SuppressionReason.Import) is null)
        {
            rows.Put(new SuppressionGround(email, SuppressionReason.Import, SuppressionSource.CsvImport, 0, 0, note, _clock.GetUtcNow().ToUnixTimeMilliseconds()));
        }

        return before.Count == 0;
    }

    private long Count(Job job, CancellationToken cancellationToken)
    {
        using var csv = OpenCsv(job);
        var rows = 0L;
        while (csv.Read())
        {
            rows++;
            if (rows % MaxRows == 0)
            {
                cancellationToken.ThrowIfCancellationRequested();
            }
        }

        return rows;
    }
}
