using System.Threading.Channels;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using ScoreTracking.Data;
using ScoreTracking.Live;

namespace ScoreTracking.Contacts;

/// <summary>
/// Imports CSV files of people, one after the other. Rows and progress are stored in the same transaction, so after a crash or
/// restart an import goes on at the row it had reached, and every count stays exact.
/// </summary>
public abstract partial class CsvImport(
    IDbContextFactory<ScoreDb> databases, IOptions<StorageOptions> storage, LiveUpdates live, TimeProvider clock, ILogger logger)
    : BackgroundService
{
    /// <summary>In bytes.</summary>
    public const int MaxFile = 50 * 1024 * 1024;

    /// <summary>Rows of one transaction: about 50 ms.</summary>
    protected const int ChunkRows = 2_000;

    // The event writer, kept waiting, asks for the write lock ten times a second: there must be a moment for it between two chunks.
    private static readonly TimeSpan s_betweenChunks = TimeSpan.FromMilliseconds(15);

    private static readonly TimeSpan s_beforeRetry = TimeSpan.FromSeconds(1);

    private readonly Channel<bool> _waiting = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>Names its jobs.</summary>
    protected abstract string JobKind { get; }

    /// <summary>Too large a file, in words.</summary>
    public static string TooLarge => $"is larger than {MaxFile / 1024 / 1024} MB";

    /// <summary>Keeps a file until it is imported.</summary>
    /// <param name="content">Read to its end; up to <see cref="MaxFile"/> bytes.</param>
    /// <returns>Its name here; null where it is too large.</returns>
    internal async Task<string?> KeepAsync(Stream content, CancellationToken cancellationToken)
    {
        var name = $"{Guid.NewGuid():N}.csv";
        var path = PathOf(name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var kept = false;
        try
        {
            kept = await WriteAsync(content, path, cancellationToken);
            return kept ? name : null;
        }
        finally
        {
            if (!kept)
            {
                File.Delete(path);
            }
        }
    }

    /// <summary>Deletes a file that is not to be imported after all.</summary>
    internal void Discard(string name) => File.Delete(PathOf(name));

    /// <summary>Deletes files no unfinished job is waiting for.</summary>
    private protected async Task DiscardLeftoversAsync(CancellationToken cancellationToken)
    {
        var directory = storage.Value.PathOf("imports");
        if (!Directory.Exists(directory))
        {
            return;
        }

        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var wanted = await db.Jobs.Where(j => j.Status == JobStatus.Waiting || j.Status == JobStatus.Running).Select(j => j.File).ToListAsync(cancellationToken);
        foreach (var path in Directory.EnumerateFiles(directory, "*.csv").Where(path => !wanted.Contains(Path.GetFileName(path))))
        {
            File.Delete(path);
        }
    }

    /// <summary>Queues the import of a kept file; one that cannot be read is deleted.</summary>
    /// <returns>The waiting job, or what is wrong with the file.</returns>
    /// <param name="listId">The list everybody in it is put on; 0 for none.</param>
    internal async Task<(Job? Job, string Error)> QueueAsync(long campaignId, string name, ColumnMapping? mapping, long listId, CancellationToken cancellationToken)
    {
        var queued = false;
        try
        {
            // Wrong columns are said at once, not after a wait.
            try
            {
                using var csv = new ContactCsv(Open(name), mapping);
            }
            catch (ContactCsvException unusable)
            {
                return (null, unusable.Message);
            }

            var job = new Job
            {
                Kind = JobKind,
                CampaignId = campaignId,
                File = name,
                Status = JobStatus.Waiting,
                Error = "",
                Mapping = mapping?.Write() ?? "",
                ListId = listId,
                CreatedAt = clock.GetUtcNow(),
            };
            await using var db = await databases.CreateDbContextAsync(cancellationToken);
            db.Jobs.Add(job);
            await db.SaveChangesAsync(cancellationToken);
            queued = true;
            _waiting.Writer.TryWrite(true);
            return (job, "");
        }
        finally
        {
            if (!queued)
            {
                Discard(name);
            }
        }
    }

    internal Stream Open(string name) => File.OpenRead(PathOf(name));

    /// <summary>Imports from the row the job has reached.</summary>
    /// <param name="csv">At that row.</param>
    /// <returns>Why it stopped early, or null.</returns>
    internal abstract string? Import(Job job, ContactCsv csv, CancellationToken cancellationToken);

    /// <summary>What its progress changes, beside the job.</summary>
    private protected abstract IEnumerable<LiveTopic> Topics(Job job);

    /// <summary>After each chunk: tells who watches, and lets others write.</summary>
    private protected void ChunkStored(Job job, CancellationToken cancellationToken)
    {
        Signal(job);
        cancellationToken.WaitHandle.WaitOne(s_betweenChunks);
    }

    private void Signal(Job job) => live.Signal([LiveTopic.Job(job.Id), LiveTopic.Contacts, .. Topics(job)]);

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
        return await db.Jobs.Where(j => j.Kind == JobKind && (j.Status == JobStatus.Waiting || j.Status == JobStatus.Running)).OrderBy(j => j.Id).FirstOrDefaultAsync(cancellationToken);
    }

    private async Task RunAsync(Job job, CancellationToken cancellationToken)
    {
        try
        {
            if (!File.Exists(PathOf(job.File)))
            {
                throw new ContactCsvException("The uploaded file is gone. Upload it again.");
            }

            if (job.Total == 0)
            {
                using (var counted = OpenCsv(job))
                {
                    job.Total = Skip(counted, long.MaxValue, cancellationToken);
                }

                await using var db = await databases.CreateDbContextAsync(cancellationToken);
                await db.Jobs.Where(j => j.Id == job.Id).ExecuteUpdateAsync(
                    set => set.SetProperty(j => j.Total, job.Total).SetProperty(j => j.Status, JobStatus.Running), cancellationToken);
                Signal(job);
            }

            using var csv = OpenCsv(job);
            Skip(csv, job.Processed, cancellationToken);
            var refused = Import(job, csv, cancellationToken);
            await FinishAsync(job, refused is null ? JobStatus.Done : JobStatus.Failed, refused ?? "", cancellationToken);
        }
        catch (ContactCsvException unreadable)
        {
            await FinishAsync(job, JobStatus.Failed, unreadable.Message, cancellationToken);
        }
    }

    private ContactCsv OpenCsv(Job job) => new(Open(job.File), ColumnMapping.Read(job.Mapping, out _));

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

    private async Task FinishAsync(Job job, string status, string error, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow().ToUnixTimeMilliseconds();
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await db.Jobs.Where(j => j.Id == job.Id).ExecuteUpdateAsync(
            set => set.SetProperty(j => j.Status, status).SetProperty(j => j.Error, error).SetProperty(j => j.FinishedAt, now), cancellationToken);

        // Addresses are not kept longer than they are needed.
        Discard(job.File);
        Signal(job);
        LogFinished(job.Id, status, job.Processed, job.Added, job.Invalid);
    }

    private static async Task<bool> WriteAsync(Stream content, string path, CancellationToken cancellationToken)
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

    [LoggerMessage(Level = LogLevel.Warning, Message = "An import was interrupted and goes on from its last row.")]
    private partial void LogRetried(Exception exception);

    [LoggerMessage(Level = LogLevel.Information, Message = "Import {JobId} is {Status}: {Processed} rows, {Added} added, {Invalid} not valid.")]
    private partial void LogFinished(long jobId, string status, long processed, long added, long invalid);
}
