using System.Threading.Channels;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using ScoreTracking.Data;

namespace ScoreTracking.Live;

/// <summary>
/// Imports of one kind, one after the other in the order they were asked for. One that a stop, a crash, a busy database or a full
/// disk interrupted is run again, and goes on where its job says it was.
/// </summary>
public abstract partial class ImportJobs(IDbContextFactory<ScoreDb> databases, ImportFiles files, LiveUpdates live, TimeProvider clock, ILogger logger)
    : BackgroundService
{
    private static readonly TimeSpan s_beforeRetry = TimeSpan.FromSeconds(1);

    private readonly Channel<bool> _waiting = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>What waits to be imported.</summary>
    public ImportFiles Files => files;

    /// <summary>Names its jobs.</summary>
    protected abstract string JobKind { get; }

    /// <summary>What its progress changes, beside the job.</summary>
    protected abstract IEnumerable<LiveTopic> Topics(Job job);

    /// <summary>Imports from where the job is, and stores how far it came together with what it wrote.</summary>
    /// <returns>Why it stopped early, in words; null where it is done.</returns>
    protected abstract Task<string?> ImportAsync(Job job, CancellationToken cancellationToken);

    /// <summary>What is wrong with a file that is to be imported, so that it is said at once and not after a wait; null if nothing is.</summary>
    protected virtual string? Fault(Job job) => null;

    /// <summary>Queues an import. Where it has a file that cannot be read, or is not queued, that is deleted.</summary>
    /// <returns>The waiting job, or what is wrong with its file.</returns>
    protected async Task<(Job? Job, string Error)> QueueAsync(Job job, CancellationToken cancellationToken)
    {
        var queued = false;
        try
        {
            if (Fault(job) is { } fault)
            {
                return (null, fault);
            }

            await using var db = await databases.CreateDbContextAsync(cancellationToken);
            db.Jobs.Add(job);
            await db.SaveChangesAsync(cancellationToken);
            queued = true;
            _waiting.Writer.TryWrite(true);
            Signal(job);
            return (job, "");
        }
        finally
        {
            if (!queued)
            {
                Discard(job);
            }
        }
    }

    /// <summary>It is known how much there is to do.</summary>
    protected async Task BeginAsync(Job job, long total, CancellationToken cancellationToken)
    {
        job.Total = total;
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await db.Jobs.Where(known => known.Id == job.Id).ExecuteUpdateAsync(
            set => set.SetProperty(known => known.Total, total).SetProperty(known => known.Status, JobStatus.Running), cancellationToken);
        Signal(job);
    }

    /// <summary>Tells who watches how far it is.</summary>
    protected void Signal(Job job) => live.Signal([LiveTopic.Job(job.Id), .. Topics(job)]);

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
                    await EndAsync(job, await ImportAsync(job, stoppingToken), stoppingToken);
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
                LogRetried(exception, JobKind);
                await Task.Delay(s_beforeRetry, stoppingToken);
            }
        }
    }

    private async Task<Job?> NextAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.Jobs.Where(job => job.Kind == JobKind && (job.Status == JobStatus.Waiting || job.Status == JobStatus.Running))
            .OrderBy(job => job.Id).FirstOrDefaultAsync(cancellationToken);
    }

    private async Task EndAsync(Job job, string? refused, CancellationToken cancellationToken)
    {
        var status = refused is null ? JobStatus.Done : JobStatus.Failed;
        var now = clock.GetUtcNow().ToUnixTimeMilliseconds();

        // An audience that was counted at the start may have grown or shrunk since.
        var total = refused is null ? job.Processed : job.Total;
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await db.Jobs.Where(known => known.Id == job.Id).ExecuteUpdateAsync(
            set => set.SetProperty(known => known.Status, status).SetProperty(known => known.Error, refused ?? "")
                .SetProperty(known => known.FinishedAt, now).SetProperty(known => known.Total, total),
            cancellationToken);
        Discard(job);
        Signal(job);
        LogEnded(JobKind, job.Id, status, job.Processed, job.Added, job.Invalid);
    }

    private void Discard(Job job)
    {
        if (job.File.Length > 0)
        {
            files.Discard(job.File);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "An import was interrupted and goes on from where it was ({Kind})")]
    private partial void LogRetried(Exception exception, string kind);

    [LoggerMessage(Level = LogLevel.Information, Message = "Import {JobId} ({Kind}) is {Status}: {Processed} rows, {Added} added, {Invalid} not valid")]
    private partial void LogEnded(string kind, long jobId, string status, long processed, long added, long invalid);
}
