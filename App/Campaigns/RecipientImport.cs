using System.Threading.Channels;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using ScoreTracking.Data;
using ScoreTracking.Live;
using ScoreTracking.Suppressions;

namespace ScoreTracking.Campaigns;

/// <summary>States of a <see cref="Job"/>, as stored and as the API writes them.</summary>
public static class JobStatus
{
    public const string Waiting = "waiting";
    public const string Running = "running";
    public const string Done = "done";
    public const string Failed = "failed";
}

/// <summary>
/// Imports CSV files of recipients, one after the other. Rows and progress are stored in the same transaction, so after a
/// crash or restart an import goes on at the row it had reached, and every count stays exact.
/// </summary>
public sealed partial class RecipientImport(
    SqliteFile file, ErasedPeople erased, IDbContextFactory<ScoreDb> databases, IOptions<StorageOptions> storage, LiveUpdates live, TimeProvider clock, ILogger<RecipientImport> logger)
    : BackgroundService
{
    public const string Kind = "recipients_import";

    /// <summary>In bytes.</summary>
    public const int MaxFile = 50 * 1024 * 1024;

    /// <summary>Bad rows kept for the list of errors; all are counted.</summary>
    public const int MaxErrors = 100_000;

    private static readonly TimeSpan s_beforeRetry = TimeSpan.FromSeconds(1);

    private readonly Channel<bool> _waiting = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>Keeps the file and queues its import.</summary>
    /// <param name="content">Read to its end; up to <see cref="MaxFile"/> bytes.</param>
    /// <returns>The waiting job, or why the file was not taken.</returns>
    public async Task<Outcome<Job>> StartAsync(long campaignId, Stream content, CancellationToken cancellationToken)
    {
        if (await CheckAsync(campaignId, cancellationToken) is { } refused)
        {
            return refused;
        }

        var name = $"{Guid.NewGuid():N}.csv";
        var path = PathOf(name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var queued = false;
        try
        {
            if (!await KeepAsync(content, path, cancellationToken))
            {
                return new Refusal.Faults("file", $"is larger than {MaxFile / 1024 / 1024} MB");
            }

            // Wrong columns are said at once, not after a wait.
            try
            {
                using var csv = new RecipientCsv(File.OpenRead(path));
            }
            catch (RecipientCsvException unusable)
            {
                return new Refusal.Faults("file", unusable.Message);
            }

            var job = new Job { Kind = Kind, CampaignId = campaignId, File = name, Status = JobStatus.Waiting, Error = "", CreatedAt = clock.GetUtcNow() };
            await using var db = await databases.CreateDbContextAsync(cancellationToken);
            db.Jobs.Add(job);
            await db.SaveChangesAsync(cancellationToken);
            queued = true;
            _waiting.Writer.TryWrite(true);
            return job;
        }
        finally
        {
            if (!queued)
            {
                File.Delete(path);
            }
        }
    }

    /// <summary>Why the campaign takes no recipients, or null.</summary>
    public async Task<Refusal?> CheckAsync(long campaignId, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var status = await db.Campaigns.Where(c => c.Id == campaignId).Select(c => c.Status).FirstOrDefaultAsync(cancellationToken);
        return status switch
        {
            null => new Refusal.Missing("campaign"),
            CampaignStatus.Completed or CampaignStatus.Cancelled or CampaignStatus.Failed => new Refusal.State($"The campaign is {status}: it takes no more recipients."),
            _ => null,
        };
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
        return await db.Jobs.Where(j => j.Kind == Kind && (j.Status == JobStatus.Waiting || j.Status == JobStatus.Running)).OrderBy(j => j.Id).FirstOrDefaultAsync(cancellationToken);
    }

    private async Task RunAsync(Job job, CancellationToken cancellationToken)
    {
        var path = PathOf(job.File);
        try
        {
            if (!File.Exists(path))
            {
                throw new RecipientCsvException("The uploaded file is gone. Upload it again.");
            }

            if (job.Total == 0)
            {
                job.Total = Count(path, cancellationToken);
                await using var db = await databases.CreateDbContextAsync(cancellationToken);
                await db.Jobs.Where(j => j.Id == job.Id).ExecuteUpdateAsync(
                    set => set.SetProperty(j => j.Total, job.Total).SetProperty(j => j.Status, JobStatus.Running), cancellationToken);
                Signal(job);
            }

            if (Import(job, path, cancellationToken) is { } refused)
            {
                await FinishAsync(job, JobStatus.Failed, refused, cancellationToken);
                return;
            }

            await FinishAsync(job, JobStatus.Done, "", cancellationToken);
        }
        catch (RecipientCsvException unreadable)
        {
            await FinishAsync(job, JobStatus.Failed, unreadable.Message, cancellationToken);
        }
    }

    /// <summary>Imports from the row the job has reached.</summary>
    /// <returns>Why it stopped early, or null.</returns>
    private string? Import(Job job, string path, CancellationToken cancellationToken)
    {
        using var csv = new RecipientCsv(File.OpenRead(path));
        for (var skipped = 0L; skipped < job.Processed; skipped++)
        {
            csv.Read();
        }

        using var writer = new RecipientWriter(file, erased, job.CampaignId, clock, instrument: false);
        writer.KeepMoreInMemory();
        var chunk = new ImportChunk();
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            chunk.Fill(csv, RecipientWriter.MaxRows);
            if (chunk.Count == 0)
            {
                return null;
            }

            if (writer.Add(chunk.Rows, (transaction, written) => chunk.Store(writer.Connection, transaction, job, written)) is null)
            {
                return "The campaign takes no more recipients: it was stopped or deleted.";
            }

            Signal(job);
        }
    }

    private static long Count(string path, CancellationToken cancellationToken)
    {
        using var csv = new RecipientCsv(File.OpenRead(path));
        var rows = 0L;
        while (csv.Read())
        {
            rows++;
            if (rows % RecipientWriter.MaxRows == 0)
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
        Signal(job);
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

    private void Signal(Job job) => live.Signal([LiveTopic.Job(job.Id), LiveTopic.Campaign(job.CampaignId), LiveTopic.Contacts]);

    private string PathOf(string name) => storage.Value.PathOf(Path.Combine("imports", name));

    [LoggerMessage(Level = LogLevel.Warning, Message = "An import of recipients was interrupted and goes on from its last row.")]
    private partial void LogRetried(Exception exception);

    [LoggerMessage(Level = LogLevel.Information, Message = "Import {JobId} is {Status}: {Processed} rows, {Added} added, {Invalid} not valid.")]
    private partial void LogFinished(long jobId, string status, long processed, long added, long invalid);
}
