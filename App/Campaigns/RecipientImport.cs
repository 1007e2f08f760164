using Microsoft.EntityFrameworkCore;
using ScoreTracking.Contacts;
using ScoreTracking.Data;
using ScoreTracking.Live;
using ScoreTracking.Suppressions;

namespace ScoreTracking.Campaigns;

/// <summary>Imports CSV files of recipients into campaigns.</summary>
public sealed class RecipientImport(
    SqliteFile file, ErasedPeople erased, IDbContextFactory<ScoreDb> databases, ImportFiles files, LiveUpdates live, TimeProvider clock, ILogger<RecipientImport> logger)
    : CsvImport(databases, files, live, clock, logger)
{
    public const string Kind = "recipients_import";

    private readonly IDbContextFactory<ScoreDb> _databases = databases;
    private readonly TimeProvider _clock = clock;

    protected override string JobKind => Kind;

    /// <summary>Keeps the file and queues its import.</summary>
    /// <param name="content">Read to its end; up to <see cref="ImportFiles.MaxFile"/> bytes.</param>
    /// <returns>The waiting job, or why the file was not taken.</returns>
    public async Task<Outcome<Job>> StartAsync(long campaignId, Stream content, CancellationToken cancellationToken)
    {
        if (await CheckAsync(campaignId, cancellationToken) is { } refused)
        {
            return refused;
        }

        if (await Files.KeepAsync(content, cancellationToken) is not { } name)
        {
            return new Refusal.Faults("file", ImportFiles.TooLarge);
        }

        var (job, error) = await QueueAsync(campaignId, name, mapping: null, listId: 0, cancellationToken);
        return job is null ? new Refusal.Faults("file", error) : job;
    }

    /// <summary>Why the campaign takes no recipients, or null.</summary>
    public async Task<Refusal?> CheckAsync(long campaignId, CancellationToken cancellationToken)
    {
        await using var db = await _databases.CreateDbContextAsync(cancellationToken);
        var status = await db.Campaigns.Where(c => c.Id == campaignId).Select(c => c.Status).FirstOrDefaultAsync(cancellationToken);
        return status switch
        {
            null => new Refusal.Missing("campaign"),
            CampaignStatus.Completed or CampaignStatus.Cancelled or CampaignStatus.Failed => new Refusal.State($"The campaign is {status}: it takes no more recipients."),
            _ => null,
        };
    }

    protected override IEnumerable<LiveTopic> Topics(Job job) => [LiveTopic.Campaign(job.CampaignId), LiveTopic.Contacts];

    internal override string? Import(Job job, ContactCsv csv, CancellationToken cancellationToken)
    {
        using var writer = new RecipientWriter(file, erased, job.CampaignId, _clock, instrument: false);
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

            var stored = writer.Add(chunk.Rows, (transaction, written) =>
            {
                var suppressed = written.Count(recipient => recipient.SuppressedFor is not null);
                var added = written.Count(recipient => recipient is { SuppressedFor: null, Added: true });
                chunk.Store(writer.Connection, transaction, job, added, written.Length - added - suppressed, suppressed);
            });
            if (stored is null)
            {
                return "The campaign takes no more recipients: it was stopped or deleted.";
            }

            Signal(job);
        }
    }
}
