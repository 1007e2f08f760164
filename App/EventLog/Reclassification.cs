using Microsoft.EntityFrameworkCore;
using ScoreTracking.Data;
using ScoreTracking.Events;
using ScoreTracking.Ingest;

namespace ScoreTracking.EventLog;

/// <summary>What came of a verdict given by hand.</summary>
public enum ReclassificationOutcome
{
    /// <summary>It counts.</summary>
    Done,

    /// <summary>It is on disk and will count in a moment: the store is behind.</summary>
    Accepted,
    NoSuchEvent,

    /// <summary>Only opens and clicks have a verdict.</summary>
    NotAHit,
}

/// <summary>
/// A person's word on who made a hit. It goes the way of every event, through the inbox, so it is durable and has its place
/// in the order; the writer takes the old verdict out of every counter and puts the new one in, in one transaction. It is
/// that event's alone and stays until it is given back to the rules; the verdicts of other hits do not follow it.
/// </summary>
public sealed class Reclassification(IDbContextFactory<ScoreDb> databases, EventIntake intake, EventWriter writer, TimeProvider time)
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);

    /// <summary>Gives an open or click a verdict; on disk when it returns.</summary>
    /// <param name="verdict">None gives it back to the rules.</param>
    /// <exception cref="EventNotStoredException">It is not on disk: to be tried again.</exception>
    public async Task<ReclassificationOutcome> GiveAsync(long eventId, Verdict verdict, CancellationToken cancellationToken)
    {
        var stored = await FindAsync(eventId, cancellationToken);
        if (stored is null || !stored.Type.IsHit())
        {
            return stored is null ? ReclassificationOutcome.NoSuchEvent : ReclassificationOutcome.NotAHit;
        }

        var now = time.GetUtcNow();
        var position = await intake.StoreAsync(
            new EmailEvent
            {
                Type = stored.Type,
                Source = EventSource.Rule,
                OccurredAt = now,
                ReceivedAt = now,
                MessageId = stored.MessageId,
                CampaignId = stored.CampaignId,
                Reclassifies = eventId,
                KnownVerdict = verdict,
                KnownReasons = VerdictReasons.ByHand,
            },
            Lane.Report,
            cancellationToken);
        try
        {
            await writer.ReachedAsync(position).WaitAsync(s_patience, cancellationToken);
            return ReclassificationOutcome.Done;
        }
        catch (TimeoutException)
        {
            return ReclassificationOutcome.Accepted;
        }
    }

    /// <summary>The same for a page, which shows words where a program gets an error.</summary>
    /// <returns>Null where it is not on disk.</returns>
    public async Task<ReclassificationOutcome?> TryGiveAsync(long eventId, Verdict verdict, CancellationToken cancellationToken)
    {
        try
        {
            return await GiveAsync(eventId, verdict, cancellationToken);
        }
        catch (EventNotStoredException)
        {
            return null;
        }
    }

    internal async Task<EventRow?> FindAsync(long eventId, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.Events.FirstOrDefaultAsync(stored => stored.Id == eventId, cancellationToken);
    }
}
