using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using ScoreTracking.Api;
using ScoreTracking.Campaigns;
using ScoreTracking.Data;
using ScoreTracking.Events;
using ScoreTracking.Ingest;
using ScoreTracking.Journeys;
using ScoreTracking.Segments;

namespace ScoreTracking.Demo;

/// <summary>
/// A few segments, and a journey that whoever clicks in the running campaign begins: made and published as a person would, so
/// that people walk through it while one looks. Its mail is taken as the campaigns' is.
/// </summary>
internal sealed partial class DemoJourneys(
    CampaignEdits campaigns, JourneyEdits journeys, SegmentEdits segments, IDbContextFactory<ScoreDb> databases, EventIntake intake, TimeProvider time, ILogger<DemoJourneys> logger)
    : BackgroundService
{
    private const string Name = "After the sale: a guide, and a nudge";
    private const int MostAtOnce = 200;

    private static readonly TimeSpan s_tick = TimeSpan.FromSeconds(1);

    // Nobody waits for days in front of a demo.
    private static readonly TimeSpan s_wait = TimeSpan.FromMinutes(2);

    private readonly DemoReader _reader = new(new Random());
    private readonly PriorityQueue<EmailEvent, DateTimeOffset> _due = new();
    private readonly HashSet<long> _sent = [];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(s_tick);
        var sends = Array.Empty<long>();
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                if (sends.Length == 0)
                {
                    sends = await FindOrMakeAsync(stoppingToken);
                }
                else
                {
                    await TakeAsync(sends, stoppingToken);
                }
            }
            catch (Exception exception) when (exception is DbUpdateException or SqliteException)
            {
                // While the week of the finished campaign is stored, a slow disk keeps others waiting.
                LogLater(exception);
            }
        }
    }

    private async Task MakeSegmentsAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        if (await db.Segments.AnyAsync(cancellationToken))
        {
            return;
        }

        foreach (var example in SegmentExample.All)
        {
            await segments.SaveAsync(0, example.Name, example.Rule, cancellationToken);
        }
    }

    /// <returns>The campaigns the journey sends; none before the demo's campaigns are there.</returns>
    private async Task<long[]> FindOrMakeAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var running = await db.Campaigns.Where(campaign => campaign.Name == DemoContent.Running.Name && campaign.Status == CampaignStatus.Running).Select(campaign => campaign.Id).FirstOrDefaultAsync(cancellationToken);
        if (running == 0 || !await db.Campaigns.AnyAsync(campaign => campaign.Name == DemoContent.Finished.Name && campaign.Status == CampaignStatus.Completed, cancellationToken))
        {
            return [];
        }

        await MakeSegmentsAsync(cancellationToken);
        if (await db.Journeys.FirstOrDefaultAsync(journey => journey.Name == Name, cancellationToken) is { } known)
        {
            await PublishAsync(known.Id, known.Status, cancellationToken);
            return [.. JourneyReferences.CampaignsSent(JourneyJson.Read(known.Definition))];
        }

        var guide = await FindOrMakeAsync(db, DemoContent.Guide, cancellationToken);
        var nudge = await FindOrMakeAsync(db, DemoContent.Nudge, cancellationToken);
        var definition = JourneyDefinition.Empty with
        {
            Trigger = new JourneyTrigger.OfEvent(EventType.Clicked, running, ""),
            Steps =
            [
                new SendStep("guide", guide, "opened"),
                new WaitForStep("opened", EventType.Opened, "guide", "", s_wait, "engaged", "nudge"),
                new BranchStep("engaged", [new ScoreBranch("low", 30, "note")], "fan"),
                new UpdateFieldStep("fan", "interest", System.Text.Json.Nodes.JsonValue.Create("high"), "end"),
                new UpdateFieldStep("note", "interest", System.Text.Json.Nodes.JsonValue.Create("some"), "end"),
                new SendStep("nudge", nudge, "rest"),
                new DelayStep("rest", s_wait, "end"),
                new ExitStep("end"),
            ],
        };
        var made = (await journeys.CreateAsync(Name, definition, isFinished: true, cancellationToken)).Value ?? throw new InvalidOperationException("The demo's journey was refused.");
        await PublishAsync(PublicId.TryJourney(made.Id, out var id) ? id : 0, JourneyStatus.Draft, cancellationToken);
        return [guide, nudge];
    }

    private async Task PublishAsync(long id, string status, CancellationToken cancellationToken)
    {
        if (status == JourneyStatus.Draft && (await journeys.PublishAsync(id, cancellationToken)).Refused is not null)
        {
            throw new InvalidOperationException("The demo's journey could not be published.");
        }
    }

    private async Task<long> FindOrMakeAsync(ScoreDb db, CampaignBody body, CancellationToken cancellationToken)
    {
        var known = await db.Campaigns.Where(campaign => campaign.Name == body.Name).Select(campaign => campaign.Id).FirstOrDefaultAsync(cancellationToken);
        if (known != 0)
        {
            return known;
        }

        var made = (await campaigns.CreateAsync(body, cancellationToken)).Value ?? throw new InvalidOperationException("The demo's campaign was refused.");
        return PublicId.TryCampaign(made.Id, out var id) ? id : throw new InvalidOperationException("The demo's campaign has no id.");
    }

    // Whoever was made a message by the journey is sent it and reads it, as fast as the running campaign's readers do.
    private async Task TakeAsync(long[] sends, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var links = (await db.Links.Where(link => link.CampaignId != null && sends.Contains(link.CampaignId.Value)).OrderBy(link => link.Position).ToListAsync(cancellationToken)).ToLookup(link => link.CampaignId ?? 0, link => link.Id);
        var now = time.GetUtcNow();
        foreach (var message in await db.MessageStates.Where(state => sends.Contains(state.CampaignId) && state.SentAt == 0).OrderBy(state => state.MessageId).Take(MostAtOnce)
            .Join(db.Messages, state => state.MessageId, message => message.Id, (state, message) => new { state.MessageId, state.CampaignId, message.Email }).ToListAsync(cancellationToken))
        {
            if (_sent.Add(message.MessageId))
            {
                foreach (var reported in _reader.Run(message.MessageId, message.Email, now, appeal: 1.6, TimeSpan.FromSeconds(25), [.. links[message.CampaignId]]))
                {
                    _due.Enqueue(reported, reported.OccurredAt);
                }
            }
        }

        var happened = new List<EmailEvent>();
        while (_due.TryPeek(out var next, out var at) && at <= now)
        {
            _due.Dequeue();
            happened.Add(next);
        }

        try
        {
            await intake.StoreAsync(happened, Lane.Report, cancellationToken);
        }
        catch (EventNotStoredException exception)
        {
            LogLost(exception, happened.Count);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "The demo's journey waits for the database")]
    private partial void LogLater(Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Events} events of the demo could not be stored")]
    private partial void LogLost(Exception exception, int events);
}
