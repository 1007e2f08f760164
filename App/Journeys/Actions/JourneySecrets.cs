using Microsoft.EntityFrameworkCore;
using ScoreTracking.Data;
using ScoreTracking.Hooks;

namespace ScoreTracking.Journeys.Actions;

/// <summary>A secret made a moment ago: shown this once.</summary>
/// <param name="PreviousSecretUntil">Until then requests carry the signature of the one before, too; null where there was none.</param>
public sealed record NewJourneySecret(string Secret, DateTimeOffset? PreviousSecretUntil);

/// <summary>What the webhook steps of each journey are signed with.</summary>
internal sealed class JourneySecrets(KnownHooks hooks, IDbContextFactory<ScoreDb> databases, TimeProvider time)
{
    /// <summary>Reads a journey's secrets, and makes them where there are none yet.</summary>
    /// <param name="stored">As read with the journey.</param>
    public async ValueTask<HookSecrets> OfAsync(long journeyId, string stored, CancellationToken cancellationToken)
    {
        if (stored.Length > 0)
        {
            return hooks.Unprotect(stored);
        }

        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var made = hooks.Protect(new HookSecrets(HookSignature.NewSecret(), Previous: null, PreviousUntil: 0));
        await db.Journeys.Where(journey => journey.Id == journeyId && journey.Secrets == "").ExecuteUpdateAsync(set => set.SetProperty(journey => journey.Secrets, made), cancellationToken);
        return hooks.Unprotect(await db.Journeys.Where(journey => journey.Id == journeyId).Select(journey => journey.Secrets).SingleAsync(cancellationToken));
    }

    /// <summary>Gives a journey a new secret; for a day requests carry both signatures.</summary>
    /// <returns>Null where there is no such journey.</returns>
    public async Task<NewJourneySecret?> RotateAsync(long journeyId, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        if (await db.Journeys.Where(journey => journey.Id == journeyId).Select(journey => journey.Secrets).FirstOrDefaultAsync(cancellationToken) is not { } stored)
        {
            return null;
        }

        var before = stored.Length > 0 ? hooks.Unprotect(stored).Current : null;
        DateTimeOffset? until = before is null ? null : time.GetUtcNow() + HookSecrets.Overlap;
        var secret = HookSignature.NewSecret();
        var made = hooks.Protect(new HookSecrets(secret, before, until?.ToUnixTimeMilliseconds() ?? 0));
        await db.Journeys.Where(journey => journey.Id == journeyId).ExecuteUpdateAsync(set => set.SetProperty(journey => journey.Secrets, made), cancellationToken);
        return new NewJourneySecret(secret, until);
    }
}
