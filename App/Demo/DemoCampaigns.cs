using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using ScoreTracking.Campaigns;
using ScoreTracking.Contacts;
using ScoreTracking.Data;
using ScoreTracking.Events;
using ScoreTracking.Ingest;
using ScoreTracking.Suppressions;

namespace ScoreTracking.Demo;

/// <summary>Makes the demo's campaigns through the same doors a user's would come through, then lets the running one go on. A demo that was stopped goes on where it stood.</summary>
internal sealed partial class DemoCampaigns(
    CampaignEdits edits, CampaignStart start, SqliteFile file, ErasedPeople erased, IDbContextFactory<ScoreDb> databases, EventIntake intake, TimeProvider time, ILogger<DemoCampaigns> logger)
    : BackgroundService
{
    private const int FinishedRecipients = 40_000;
    private const int RunningRecipients = 12_000;
    private const int SentPerSecond = 8;
    private const int Batch = 1_000;
    private const int Seed = 20_260_901;

    private static readonly TimeSpan s_tick = TimeSpan.FromMilliseconds(250);
    private static readonly string[] s_names = ["Ana", "Ben", "Chloé", "Dmitri", "Elif", "Finn", "Giulia", "Hana", "Ivan", "Jonas", "Kavya", "Léa"];

    // By position of the variant: the third subject with the second design does best, as the report should find.
    private static readonly double[] s_appeal = [0.95, 1.0, 0.9, 0.97, 1.12, 1.22];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // The running one first: a newcomer should see something move at once.
        var running = await FindOrCreateAsync(DemoContent.Running, RunningRecipients, stoppingToken);
        await Task.WhenAll(KeepRunningAsync(running, stoppingToken), FinishAsync(stoppingToken));
    }

    private async Task FinishAsync(CancellationToken cancellationToken)
    {
        var campaignId = await FindOrCreateAsync(DemoContent.Finished, FinishedRecipients, cancellationToken);
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        if (await db.Campaigns.AnyAsync(c => c.Id == campaignId && c.Status == CampaignStatus.Completed, cancellationToken))
        {
            return;
        }

        var random = new Random(Seed);
        var reader = new DemoReader(random);
        var links = await LinksAsync(db, campaignId, cancellationToken);
        var contents = await db.Variants.Where(v => v.CampaignId == campaignId).ToDictionaryAsync(v => v.Position, v => Content(v.Levels), cancellationToken);
        var messages = await db.MessageStates.Where(s => s.CampaignId == campaignId)
            .Join(db.Messages, s => s.MessageId, m => m.Id, (s, m) => new { s.MessageId, m.Email, s.Variant }).ToListAsync(cancellationToken);
        var now = time.GetUtcNow();

        // Sent over two hours on a morning a week ago.
        var sendStart = new DateTimeOffset(now.Date, TimeSpan.Zero).AddDays(-7).AddHours(8);
        var week = messages.SelectMany((message, i) => reader.Run(
            message.MessageId, message.Email, sendStart + (TimeSpan.FromHours(2) * ((double)i / messages.Count)), s_appeal[message.Variant % s_appeal.Length],
            TimeSpan.FromHours(3), links.GetValueOrDefault(contents[message.Variant], []))).Where(reported => reported.OccurredAt < now);

        // A key each, so that a demo stopped halfway does not count twice when it goes on.
        var number = 0;
        foreach (var batch in week.Select(reported => reported with { SourceKey = reported.SourceKey ?? $"demo:{campaignId}:{number++}" }).Chunk(Batch))
        {
            await StoreAsync(batch, cancellationToken);
        }

        await db.Campaigns.Where(c => c.Id == campaignId).ExecuteUpdateAsync(
            set => set.SetProperty(c => c.Status, CampaignStatus.Completed).SetProperty(c => c.CompletedAt, now.ToUnixTimeMilliseconds()), cancellationToken);
        LogFinished(logger, number);
    }

    private async Task KeepRunningAsync(long campaignId, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var links = (await LinksAsync(db, campaignId, cancellationToken)).GetValueOrDefault("", []);
        var unsent = new Queue<(long MessageId, string Email)>((await db.MessageStates.Where(s => s.CampaignId == campaignId && s.SentAt == 0)
            .Join(db.Messages, s => s.MessageId, m => m.Id, (s, m) => new { s.MessageId, m.Email }).ToListAsync(cancellationToken)).Select(m => (m.MessageId, m.Email)));
        var reader = new DemoReader(new Random());
        var due = new PriorityQueue<EmailEvent, DateTimeOffset>();
        using var timer = new PeriodicTimer(s_tick);
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            var now = time.GetUtcNow();
            for (var i = 0; i < SentPerSecond * s_tick.TotalSeconds && unsent.TryDequeue(out var message); i++)
            {
                // Impatient readers, so that opens and clicks follow within a minute.
                foreach (var reported in reader.Run(message.MessageId, message.Email, now, appeal: 1.1, TimeSpan.FromSeconds(25), links))
                {
                    due.Enqueue(reported, reported.OccurredAt);
                }
            }

            var happened = new List<EmailEvent>();
            while (due.TryPeek(out var next, out var at) && at <= now)
            {
                due.Dequeue();
                happened.Add(next);
            }

            await StoreAsync(happened, cancellationToken);
        }
    }

    private async Task<long> FindOrCreateAsync(CampaignBody body, int recipients, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var known = await db.Campaigns.Where(c => c.Name == body.Name).Select(c => new { c.Id, c.Status }).FirstOrDefaultAsync(cancellationToken);
        var id = known?.Id ?? 0;
        if (known is null)
        {
            var created = (await edits.CreateAsync(body, cancellationToken)).Value ?? throw new InvalidOperationException("The demo's campaign was refused.");
            Api.PublicId.TryCampaign(created.Id, out id);
        }

        if (known is null or { Status: CampaignStatus.Draft })
        {
            AddRecipients(id, recipients);
            await start.RunAsync(id, cancellationToken);
        }

        return id;
    }

    private void AddRecipients(long campaignId, int count)
    {
        using var writer = new RecipientWriter(file, erased, campaignId, time, instrument: false);
        foreach (var numbers in Enumerable.Range(1, count).Chunk(RecipientWriter.MaxRows))
        {
            writer.Add([.. numbers.Select(number =>
            {
                var name = s_names[number % s_names.Length];
                var data = JsonSerializer.Serialize(new Dictionary<string, string> { ["first_name"] = name });
                return new ContactRow($"C{campaignId}-{number:00000}", $"reader{campaignId}.{number}@{DemoPeople.Domain(number)}", data, TrackingConsent.Granted);
            })]);
        }
    }

    private static async Task<Dictionary<string, long[]>> LinksAsync(ScoreDb db, long campaignId, CancellationToken cancellationToken) =>
        (await db.Links.Where(l => l.CampaignId == campaignId).OrderBy(l => l.Position).ToListAsync(cancellationToken))
            .GroupBy(link => link.Content).ToDictionary(content => content.Key, content => content.Select(link => link.Id).ToArray());

    // The html level a variant sends, "" where the html is the same for all.
    private static string Content(string levels)
    {
        using var json = JsonDocument.Parse(levels);
        return json.RootElement.TryGetProperty("html", out var level) ? level.GetString()! : "";
    }

    private async Task StoreAsync(IReadOnlyCollection<EmailEvent> happened, CancellationToken cancellationToken)
    {
        try
        {
            await intake.StoreAsync(happened, Lane.Report, cancellationToken);
        }
        catch (EventNotStoredException exception)
        {
            LogLost(logger, exception, happened.Count);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "The demo's finished campaign is complete: {Events} events")]
    private static partial void LogFinished(ILogger logger, int events);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Events} events of the demo could not be stored")]
    private static partial void LogLost(ILogger logger, Exception exception, int events);
}
