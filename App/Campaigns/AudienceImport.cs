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
public sealed class AudienceImport(
    SqliteFile file, ErasedPeople erased, SegmentQueries segments, IDbContextFactory<ScoreDb> databases, ImportFiles files, LiveUpdates live, TimeProvider clock, ILogger<AudienceImport> logger)
    : ImportJobs(databases, files, live, clock, logger)
{
    public const string Kind = "recipients_audience";

    private readonly IDbContextFactory<ScoreDb> _databases = databases;
    private readonly TimeProvider _clock = clock;

    protected override string JobKind => Kind;

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
            CreatedAt = _clock.GetUtcNow(),
        };
        await QueueAsync(job, cancellationToken);
        return job;
    }

    protected override IEnumerable<LiveTopic> Topics(Job job) => [LiveTopic.Campaign(job.CampaignId), LiveTopic.Contacts];

    protected override async Task<string?> ImportAsync(Job job, CancellationToken cancellationToken)
    {
        var audience = Audience.Read(job.Audience);
        AudienceRules? rules;
        await using (var db = await _databases.CreateDbContextAsync(cancellationToken))
        {
            rules = await audience.RulesAsync(db, cancellationToken);
        }

        if (rules is null)
        {
            return "A segment or list it goes by was removed.";
        }

        if (job.Status == JobStatus.Waiting)
        {
            await BeginAsync(job, await segments.CountAsync(rules.Include, progress: null, cancellationToken), cancellationToken);
        }

        return await Task.Run(() => Import(job, audience, rules, cancellationToken), cancellationToken);
    }

    private string? Import(Job job, Audience audience, AudienceRules rules, CancellationToken cancellationToken)
    {
        using var reader = new AudienceReader(file, rules, _clock.GetUtcNow(), job.CampaignId);
        using var writer = new RecipientWriter(file, erased, job.CampaignId, _clock, instrument: false);
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
}
