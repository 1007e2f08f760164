using System.Threading.Channels;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using ScoreTracking.Data;
using ScoreTracking.Live;

namespace ScoreTracking.Suppressions;

/// <summary>
/// Puts the addresses of CSV files on the list, one file after the other. Rows and progress are stored in the same
/// transaction, so after a crash or restart an import goes on at the row it had reached. It only ever adds.
/// </summary>
public sealed partial class SuppressionImport(
    SuppressionList list, IDbContextFactory<ScoreDb> databases, IOptions<StorageOptions> storage, LiveUpdates live, TimeProvider clock, ILogger<SuppressionImport> logger)
    : BackgroundService
{
    public const string Kind = "suppressions_import";

    /// <summary>In bytes.</summary>
    public const int MaxFile = 50 * 1024 * 1024;

    // The write lock is shared with the event writer: about 50 ms.
    private const int MaxRows = 1_000;

    private static readonly TimeSpan s_beforeRetry = TimeSpan.FromSeconds(1);

    private readonly Channel<bool> _waiting = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>Keeps the file and queues its import.</summary>
    /// <returns>The waiting job, or what is wrong with the file.</returns>
    public async Task<(Job? Job, string Error)> StartAsync(Stream content, CancellationToken cancellationToken)
    {
        var name = $"{Guid.NewGuid():N}.csv";
        var path = PathOf(name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var queued = false;
        try
        {
            if (!await KeepAsync(content, path, cancellationToken))
            {
                return (null, $"is larger than {MaxFile / 1024 / 1024} MB");
            }

            // Wrong columns are said at once, not after a wait.
            try
            {
                using var csv = new SuppressionCsv(File.OpenRead(path));
            }
            catch (SuppressionCsvException unusable)
            {
                return (null, unusable.Message);
            }

            var job = new Job { Kind = Kind, File = name, Status = JobStatus.Waiting, Error = "", CreatedAt = clock.GetUtcNow() };
            await using var db = await databases.CreateDbContextAsync(cancellationToken);
            db.Jobs.Add(job);
            await db.SaveChangesAsync(cancellationToken);
            queued = true;
            _waiting.Writer.TryWrite(true);
            live.Signal([LiveTopic.Job(job.Id), LiveTopic.Suppressions]);
            return (job, "");
        }
        finally
        {
            if (!queued)
            {
                File.Delete(path);
            }
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // The start of the server does not wait for what a stop left unfinished.
        await Task.Yield();
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (await NextAsync(stoppingToken) is { } job)
                {
                    await RunAsync(job, stoppingToken);
                }
                else
                {
                    await _waiting.Reader.ReadAsync(stoppingToken);
                }
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception) when (exception is SqliteException or IOException or DbUpdateException)
            {
                // Database busy or disk full: the import goes on from its last row.
                LogRetried(exception);
                await Task.Delay(s_beforeRetry, stoppingToken);
            }
        }
    }

    private async Task<Job?> NextAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.Jobs.Where(j => j.Kind == Kind && (j.Status == JobStatus.Waiting || j.Status == JobStatus.Running)).OrderBy(j => j.Id).AsNoTracking().FirstOrDefaultAsync(cancellationToken);
    }

    private async Task RunAsync(Job job, CancellationToken cancellationToken)
    {
        var path = PathOf(job.File);
        try
        {
            if (!File.Exists(path))
            {
                throw new SuppressionCsvException("The uploaded file is gone. Upload it again.");
            }

            if (job.Total == 0)
            {
                job.Total = Count(path, cancellationToken);
                await using var db = await databases.CreateDbContextAsync(cancellationToken);
                await db.Jobs.Where(j => j.Id == job.Id).ExecuteUpdateAsync(
                    set => set.SetProperty(j => j.Total, job.Total).SetProperty(j => j.Status, JobStatus.Running), cancellationToken);
                live.Signal(LiveTopic.Job(job.Id));
            }

            Import(job, path, cancellationToken);
            await FinishAsync(job, JobStatus.Done, "", cancellationToken);
        }
        catch (SuppressionCsvException unreadable)
        {
            await FinishAsync(job, JobStatus.Failed, unreadable.Message, cancellationToken);
        }
    }

    private void Import(Job job, string path, CancellationToken cancellationToken)
    {
        using var csv = new SuppressionCsv(File.OpenRead(path));
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
            live.Signal([LiveTopic.Job(job.Id), LiveTopic.Suppressions, LiveTopic.Contacts]);
        }
    }

    // An address that is on the list for a graver reason gets this one too, and keeps it should the other be lifted by its ESP.
    private bool Add(SuppressionRows rows, string email, string note)
    {
        var before = rows.Of(email);
        if (SuppressionRows.Find(before, SuppressionReason.Import) is null)
        {
            rows.Put(new SuppressionGround(email, SuppressionReason.Import, SuppressionSource.CsvImport, 0, 0, note, clock.GetUtcNow().ToUnixTimeMilliseconds()));
        }

        return before.Count == 0;
    }

    private static long Count(string path, CancellationToken cancellationToken)
    {
        using var csv = new SuppressionCsv(File.OpenRead(path));
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

    private async Task FinishAsync(Job job, string status, string error, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow().ToUnixTimeMilliseconds();
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await db.Jobs.Where(j => j.Id == job.Id).ExecuteUpdateAsync(
            set => set.SetProperty(j => j.Status, status).SetProperty(j => j.Error, error).SetProperty(j => j.FinishedAt, now), cancellationToken);

        // Addresses are not kept longer than they are needed.
        File.Delete(PathOf(job.File));
        live.Signal([LiveTopic.Job(job.Id), LiveTopic.Suppressions]);
        LogFinished(job.Id, status, job.Processed, job.Added, job.Invalid);
    }

    private static async Task<bool> KeepAsync(Stream content, string path, CancellationToken cancellationToken)
    {
        await using var kept = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1);
        var buffer = new byte[128 * 1024];
        var length = 0L;
        while (await content.ReadAsync(buffer, cancellationToken) is > 0 and var read)
        {
            length += read;
            if (length > MaxFile)
            {
                return false;
            }

            await kept.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
        }

        // 202 promises the import: a power cut must not take the file.
        kept.Flush(flushToDisk: true);
        return true;
    }

    private string PathOf(string name) => storage.Value.PathOf(Path.Combine("imports", name));

    [LoggerMessage(Level = LogLevel.Warning, Message = "An import of suppressions was interrupted and goes on from its last row.")]
    private partial void LogRetried(Exception exception);

    [LoggerMessage(Level = LogLevel.Information, Message = "Import {JobId} of suppressions is {Status}: {Processed} rows, {Added} added, {Invalid} not valid.")]
    private partial void LogFinished(long jobId, string status, long processed, long added, long invalid);
}
