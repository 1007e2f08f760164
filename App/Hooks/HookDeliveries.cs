using Microsoft.EntityFrameworkCore;
using ScoreTracking.Data;
using ScoreTracking.Live;

namespace ScoreTracking.Hooks;

/// <summary>What was and is to be delivered: looking, trying again, trying out.</summary>
internal sealed class HookDeliveries(
    KnownHooks known, HookSender sender, HookOutcomes outcomes, HookDispatcher dispatcher, IDbContextFactory<ScoreDb> databases, LiveUpdates updates, TimeProvider time)
{
    /// <summary>The list's name in its cursors.</summary>
    public const string List = "deliveries";

    /// <summary>Deliveries of one webhook, newest first.</summary>
    public static IQueryable<HookDelivery> Of(ScoreDb db, long hookId, DeliveryStatus? status)
    {
        var all = db.HookDeliveries.Where(delivery => delivery.HookId == hookId);
        return (status switch
        {
            DeliveryStatus.Waiting => all.Where(delivery => delivery.NextAt > 0),
            DeliveryStatus.Delivered => all.Where(delivery => delivery.DeliveredAt > 0),
            DeliveryStatus.Failed => all.Where(delivery => delivery.NextAt == 0 && delivery.DeliveredAt == 0),
            _ => all,
        }).OrderByDescending(delivery => delivery.Id);
    }

    /// <summary>Tries one delivery, or all that failed, once more, at once.</summary>
    /// <returns>How many; null where the delivery is not one of this webhook's.</returns>
    public async Task<int?> RetryAsync(long hookId, long? deliveryId, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        if (deliveryId is { } id && !await db.HookDeliveries.AnyAsync(delivery => delivery.HookId == hookId && delivery.Id == id, cancellationToken))
        {
            return null;
        }

        // What has arrived is not sent again, and a test is not repeated days later.
        var undone = db.HookDeliveries.Where(delivery => delivery.HookId == hookId && delivery.DeliveredAt == 0 && delivery.Type != HookTypes.Test);
        var chosen = deliveryId is { } one ? undone.Where(delivery => delivery.Id == one) : undone.Where(delivery => delivery.NextAt == 0);
        var retried = await chosen.ExecuteUpdateAsync(set => set.SetProperty(delivery => delivery.NextAt, now), cancellationToken);
        dispatcher.Wake(hookId);
        updates.Signal([LiveTopic.Hook(hookId), LiveTopic.Hooks]);
        return retried;
    }

    /// <summary>Sends a test at once, also from a disabled webhook, and waits for what comes of it.</summary>
    /// <returns>Null where there is no such webhook.</returns>
    public async Task<DeliveryAnswer?> TestAsync(long hookId, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        if (await db.Hooks.FirstOrDefaultAsync(hook => hook.Id == hookId, cancellationToken) is not { } stored)
        {
            return null;
        }

        var now = time.GetUtcNow();
        var delivery = new HookDelivery { HookId = hookId, Type = HookTypes.Test, CreatedAt = now };
        db.HookDeliveries.Add(delivery);
        await db.SaveChangesAsync(cancellationToken);

        // Not cancelled when the caller leaves: it takes seconds at most, and what came of it is written down.
        var outcome = await sender.SendAsync(known.Open(stored), HookPayload.IdOf(delivery), HookPayload.Test(hookId, now), CancellationToken.None);
        if (await outcomes.RecordAsync(hookId, [(delivery, outcome)], CancellationToken.None))
        {
            known.Refresh();
        }

        updates.Signal([LiveTopic.Hook(hookId), LiveTopic.Hooks]);
        return await db.HookDeliveries.FirstOrDefaultAsync(one => one.Id == delivery.Id, cancellationToken) is { } done ? DeliveryAnswer.Of(done) : null;
    }
}
