using Microsoft.EntityFrameworkCore;
using ScoreTracking.Data;
using ScoreTracking.Live;

namespace ScoreTracking.Delivery;

/// <summary>What a person decides about a message that was not handed over well.</summary>
public enum Decision
{
    /// <summary>Queue it again: it may arrive twice.</summary>
    Resend,

    /// <summary>It arrived: it counts as sent.</summary>
    MarkSent,

    /// <summary>It did not arrive and is given up: it counts as dropped.</summary>
    Discard,
}

/// <summary>Decides about hand-offs of which only people can know more.</summary>
internal sealed class DeliveryDecisions(IDbContextFactory<ScoreDb> databases, Outbox outbox, SendQueue queue, LiveUpdates live, TimeProvider time) : IDisposable
{
    private const string GivenUp = "Given up by a person after a hand-off of which nobody knows whether it happened.";

    private readonly SemaphoreSlim _one = new(1, 1);

    /// <returns>Why not, as a sentence; null where it is done, "" where there is no such message.</returns>
    public async Task<string?> DecideAsync(long messageId, Decision decision, CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken);
        try
        {
            await using var db = await databases.CreateDbContextAsync(cancellationToken);
            if (await db.Deliveries.SingleOrDefaultAsync(one => one.MessageId == messageId, cancellationToken) is not { } delivery)
            {
                return await db.Messages.AnyAsync(message => message.Id == messageId, cancellationToken)
                    ? "The message does not wait for a decision: it was handed over, or never queued." : "";
            }

            var refusal = decision == Decision.Resend ? await ResendAsync(db, delivery, cancellationToken) : Settle(delivery, decision);
            live.Signal([LiveTopic.Message(messageId), LiveTopic.Connection(delivery.ConnectionId), delivery.CampaignId == 0 ? LiveTopic.Mails : LiveTopic.Campaign(delivery.CampaignId)]);
            return refusal;
        }
        finally
        {
            _one.Release();
        }
    }

    public void Dispose() => _one.Dispose();

    private async Task<string?> ResendAsync(ScoreDb db, Data.Delivery delivery, CancellationToken cancellationToken)
    {
        if (delivery.State is not (DeliveryState.Uncertain or DeliveryState.Failed))
        {
            return $"The message is {Word(delivery.State)}: only what failed or is uncertain is sent again.";
        }

        if (delivery.CampaignId != 0 && await db.Campaigns.Where(campaign => campaign.Id == delivery.CampaignId).Select(campaign => campaign.Status).SingleOrDefaultAsync(cancellationToken) is var status
            && (status is null || !(SendPlan.Sends(status) || status == CampaignStatus.Paused)))
        {
            return $"The campaign is {status ?? "gone"}.";
        }

        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var changed = await db.Deliveries.Where(one => one.MessageId == delivery.MessageId && one.State == delivery.State)
            .ExecuteUpdateAsync(set => set.SetProperty(one => one.State, DeliveryState.Waiting).SetProperty(one => one.NextAt, now).SetProperty(one => one.FirstTriedAt, 0), cancellationToken);
        queue.Wake();
        return changed > 0 ? null : "Its state has changed meanwhile.";
    }

    // By the outbox and the log, as if the server had answered after all. The attempt has its number: deciding twice counts once.
    private string? Settle(Data.Delivery delivery, Decision decision)
    {
        if (delivery.State != DeliveryState.Uncertain)
        {
            return $"The message is {Word(delivery.State)}, not uncertain.";
        }

        var attempt = new Attempt(delivery.MessageId, delivery.CampaignId, delivery.ConnectionId, delivery.Attempts, delivery.FirstTriedAt, "");
        outbox.Tell(decision == Decision.MarkSent
            ? new AttemptOutcome(attempt, AttemptEnd.Accepted, delivery.TriedAt)
            : new AttemptOutcome(attempt, AttemptEnd.Dropped, time.GetUtcNow().ToUnixTimeMilliseconds(), Text: GivenUp));
        return null;
    }

    private static string Word(DeliveryState state) => state switch
    {
        DeliveryState.Waiting => "waiting to be sent",
        DeliveryState.Uncertain => "uncertain",
        DeliveryState.Failed => "failed",
        DeliveryState.Withdrawn => "withdrawn",
    };
}
