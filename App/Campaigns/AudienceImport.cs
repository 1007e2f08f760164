using System.Threading.Channels;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using ScoreTracking.Data;
using ScoreTracking.Live;
using ScoreTracking.Segments;
using ScoreTracking.Suppressions;

namespace ScoreTracking.Campaigns;

/// <summary>
/// Puts the people of segments and lists into campaigns, one import after the other, by contact. Who belongs is asked when the
/// import runs. Recipients and progress are stored in the same transaction, so after a crash it goes on behind the contact it had reached.
/// </summary>
public sealed partial class AudienceImport(
    SqliteFile file, ErasedPeople erased, SegmentQueries segments, IDbContextFactory<ScoreDb> databases, LiveUpdates live, TimeProvider clock, ILogger<AudienceImport> logger)
    : BackgroundService
{
    public const string Kind = "recipients_audience";

    // As with files: the event writer, kept waiting, must find a moment between two chunks.
    private static readonly TimeSpan s_betweenChunks = TimeSpan.FromMilliseconds(15);

    private static readonly TimeSpan s_beforeRetry = TimeSpan.FromSeconds(1);

    private readonly Channel<bool> _waiting = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>Queues an import. Whether the campaign takes recipients was asked before, and is asked again with each chunk.</summary>
    public async Task<Job> QueueAsync(long campaignId, Audience audience, CancellationToken cancellationToken)
    {
        var job = new Job
        {
            Kind = Kind,
            CampaignId = campaignId,
            File = "",
            Status = JobStatus.Waiting,
            Error = "",
            Audience = audience.Write(),
            CreatedAt = clock.GetUtcNow(),
        };
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        db.Jobs.Add(job);
        await db.SaveChangesAsync(cancellationToken);
        _waiting.Writer.TryWrite(true);
        Signal(job);
        return job;
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
                LogRetried(exception);
                await Task.Delay(s_beforeRetry, clock, stoppingToken);
            }
        }
    }

    private async Task<Job?> NextAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.Jobs.Where(job => job.Kind == Kind && (job.Status == JobStatus.Waiting || job.Status == JobStatus.Running)).OrderBy(job => job.Id).FirstOrDefaultAsync(cancellationToken);
    }

    private async Task RunAsync(Job job, CancellationToken cancellationToken)
    {
        var audience = Audience.Read(job.Audience);
        AudienceRules? rules;
        await using (var db = await databases.CreateDbContextAsync(cancellationToken))
        {
            rules = await audience.RulesAsync(db, cancellationToken);
        }

        if (rules is null)
        {
            await FinishAsync(job, "A segment or list it goes by was removed.", cancellationToken);
            return;
        }

        if (job.Status == JobStatus.Waiting)
        {
            await BeginAsync(job, rules, cancellationToken);
        }

        var refused = await Task.Run(() => Import(job, audience, rules, cancellationToken), cancellationToken);
        await FinishAsync(job, refused ?? "", cancellationToken);
    }

    private async Task BeginAsync(Job job, AudienceRules rules, CancellationToken cancellationToken)
    {
        job.Total = await segments.CountAsync(rules.Include, progress: null, cancellationToken);
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await db.Jobs.Where(known => known.Id == job.Id).ExecuteUpdateAsync(
            set => set.SetProperty(known => known.Total, job.Total).SetProperty(known => known.Status, JobStatus.Running), cancellationToken);
        Signal(job);
    }

    private string? Import(Job job, Audience audience, AudienceRules rules, CancellationToken cancellationToken)
    {
        using var reader = new AudienceReader(file, rules, clock.GetUtcNow(), job.CampaignId);
        using var writer = new RecipientWriter(file, erased, job.CampaignId, clock, instrument: false);
        writer.KeepMoreInMemory();
        while (reader.Next(job.Reached, RecipientWriter.MaxRows) is { Count: > 0 } members)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var wanted = members.Where(member => !member.Excluded && (audience.TakesDenied || member.Consent != TrackingConsent.Denied)).Select(member => member.ContactId).ToArray();
            var excluded = members.Count(member => member.Excluded);
            if (writer.AddKnown(wanted, (transaction, written) => Store(writer.Connection, transaction, job, members, excluded, wanted.Length, written)) is null)
            {
                return "The campaign takes no more recipients: it was stopped or deleted.";
            }

            Signal(job);
            cancellationToken.WaitHandle.WaitOne(s_betweenChunks);
        }

        return null;
    }

    private static void Store(SqliteConnection connection, SqliteTransaction transaction, Job job, List<AudienceMember> members, int excluded, int wanted, Written[] written)
    {
        var refused = written.Count(recipient => recipient.SuppressedFor == Written.TopicsRefused);
        var added = written.Count(recipient => recipient is { SuppressedFor: null, Added: true });
        var known = written.Count(recipient => recipient is { SuppressedFor: null, Added: false });
        job.Processed += members.Count;
        job.Reached = members[^1].ContactId;
        job.Excluded += excluded;
        job.NotConsenting += members.Count - excluded - wanted + refused;
        job.Added += added;
        job.Duplicates += known;

        // Also who was deleted or erased a moment ago: there is nobody to mail.
        job.Suppressed += wanted - refused - added - known;
        using var command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = """
            UPDATE jobs SET processed = $processed, reached = $reached, excluded = $excluded, not_consenting = $refused, added = $added, duplicates = $known, suppressed = $suppressed
            WHERE id = $id
            """;
        command.Parameters.AddWithValue("$id", job.Id);
        command.Parameters.AddWithValue("$processed", job.Processed);
        command.Parameters.AddWithValue("$reached", job.Reached);
        command.Parameters.AddWithValue("$excluded", job.Excluded);
        command.Parameters.AddWithValue("$refused", job.NotConsenting);
        command.Parameters.AddWithValue("$added", job.Added);
        command.Parameters.AddWithValue("$known", job.Duplicates);
        command.Parameters.AddWithValue("$suppressed", job.Suppressed);
        command.ExecuteNonQuery();
    }

    private async Task FinishAsync(Job job, string error, CancellationToken cancellationToken)
    {
        var status = error.Length == 0 ? JobStatus.Done : JobStatus.Failed;
        var now = clock.GetUtcNow().ToUnixTimeMilliseconds();

        // Whom was counted at the start may have come or gone since.
        var total = status == JobStatus.Done ? job.Processed : job.Total;
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await db.Jobs.Where(known => known.Id == job.Id).ExecuteUpdateAsync(
            set => set.SetProperty(known => known.Status, status).SetProperty(known => known.Error, error).SetProperty(known => known.FinishedAt, now).SetProperty(known => known.Total, total), cancellationToken);
        Signal(job);
        LogFinished(job.Id, status, job.Processed, job.Added);
    }

    private void Signal(Job job) => live.Signal([LiveTopic.Job(job.Id), LiveTopic.Campaign(job.CampaignId), LiveTopic.Contacts]);

    [LoggerMessage(Level = LogLevel.Warning, Message = "An import of an audience was interrupted and goes on from its last contact.")]
    private partial void LogRetried(Exception exception);

    [LoggerMessage(Level = LogLevel.Information, Message = "Import {JobId} of an audience is {Status}: {Processed} people, {Added} added.")]
    private partial void LogFinished(long jobId, string status, long processed, long added);
}
