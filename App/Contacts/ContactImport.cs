using Microsoft.EntityFrameworkCore;
using ScoreTracking.Data;
using ScoreTracking.Live;
using ScoreTracking.Segments;
using ScoreTracking.Suppressions;

namespace ScoreTracking.Contacts;

/// <summary>
/// Imports people from CSV. The same customer id is the same person, at a new address too; the same address under another
/// customer id is another person. Who is suppressed is still a contact; who was erased does not come back and counts as suppressed.
/// </summary>
internal sealed class ContactImport(
    SqliteFile file, ErasedPeople erased, IDbContextFactory<ScoreDb> databases, ImportFiles files, LiveUpdates live, TimeProvider clock, ILogger<ContactImport> logger)
    : CsvImport(databases, files, live, clock, logger)
{
    public const string Kind = "contacts_import";

    private readonly IDbContextFactory<ScoreDb> _databases = databases;
    private readonly TimeProvider _clock = clock;

    protected override string JobKind => Kind;

    /// <summary>Before the first request: files somebody uploaded and never imported are thrown away.</summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await using (var db = await _databases.CreateDbContextAsync(cancellationToken))
        {
            Files.DiscardExcept(await db.Jobs.Where(job => job.Status == JobStatus.Waiting || job.Status == JobStatus.Running).Select(job => job.File).ToListAsync(cancellationToken));
        }

        await base.StartAsync(cancellationToken);
    }

    protected override IEnumerable<LiveTopic> Topics(Job job) => job.ListId == 0 ? [LiveTopic.Contacts] : [LiveTopic.Contacts, LiveTopic.Segments];

    internal override string? Import(Job job, ContactCsv csv, CancellationToken cancellationToken)
    {
        using var connection = file.Open();
        using var commands = new PreparedCommands(connection);
        commands.Command("PRAGMA cache_size=-64000").ExecuteNonQuery(); // For long work: 64 MB of index pages instead of 8.
        var people = new ContactSql(commands, erased);
        var chunk = new ImportChunk();
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            chunk.Fill(csv, ChunkRows);
            if (chunk.Count == 0)
            {
                return null;
            }

            using (var transaction = connection.BeginTransaction())
            {
                commands.Enter(transaction);
                var (added, known, gone) = Write(people, chunk.Rows, commands, job.ListId);
                chunk.Store(connection, transaction, job, added, known, gone);
                transaction.Commit();
            }

            Signal(job);
        }
    }

    private (int Added, int Known, int Gone) Write(ContactSql people, ContactRow[] rows, PreparedCommands commands, long listId)
    {
        var (added, known, gone) = (0, 0, 0);
        var now = _clock.GetUtcNow().ToUnixTimeMilliseconds();
        foreach (var row in rows)
        {
            var found = people.Find(row);
            var id = people.Write(found, row, now);
            if (id != 0 && listId != 0)
            {
                ContactLists.Put(commands, listId, id, now);
            }

            if (id == 0)
            {
                gone++;
            }
            else if (found is { IsKnown: true, IsDeleted: false })
            {
                known++;
            }
            else
            {
                added++;
            }
        }

        return (added, known, gone);
    }
}
