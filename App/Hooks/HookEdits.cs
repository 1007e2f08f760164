using Microsoft.EntityFrameworkCore;
using ScoreTracking.Data;
using ScoreTracking.Live;

namespace ScoreTracking.Hooks;

/// <summary>What came of a change: the webhook, errors by field, or neither where there is no such webhook.</summary>
/// <param name="IsFull">There are as many as there may be.</param>
public sealed record HookChange(HookAnswer? Hook, Dictionary<string, string[]> Errors, bool IsFull = false);

/// <summary>Making and changing webhooks, for the API and for pages.</summary>
public sealed class HookEdits(KnownHooks known, PublicAddresses addresses, IDbContextFactory<ScoreDb> databases, LiveUpdates updates, TimeProvider time)
{
    /// <summary>The answer holds the secret, the one time it is shown.</summary>
    public async Task<HookChange> CreateAsync(HookBody body, CancellationToken cancellationToken)
    {
        var url = HookRules.ReadUrl(body.Url, addresses, out var urlError);
        var types = HookRules.ReadTypes(body.EventTypes);
        var name = body.Name?.Trim() is { Length: > 0 } given ? given : url is null ? "" : new Uri(url).Host;
        var secret = body.Secret ?? HookSignature.NewSecret();
        var errors = Errors(("url", urlError), ("event_types", TypesError(types)), ("name", url is null && body.Name is null ? null : HookRules.NameError(name)),
            ("secret", HookSignature.IsSecret(secret) ? null : "must be whsec_ and base64 of 24 to 64 bytes"));
        if (errors.Count > 0)
        {
            return new HookChange(null, errors);
        }

        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        if (await db.Hooks.CountAsync(cancellationToken) >= HookRules.MaxHooks)
        {
            return new HookChange(null, [], IsFull: true);
        }

        var hook = new Hook
        {
            Name = name,
            Url = url!,
            EventTypes = string.Join(' ', types!),
            Machines = body.IncludeMachines ?? false,
            Secrets = known.Protect(new HookSecrets(secret, Previous: null, PreviousUntil: 0)),
            Enabled = body.Enabled ?? true,
            CreatedAt = time.GetUtcNow(),
        };
        db.Hooks.Add(hook);
        await db.SaveChangesAsync(cancellationToken);
        Changed(hook.Id);
        return new HookChange(await AnswerAsync(db, hook, cancellationToken) with { Secret = secret }, []);
    }

    /// <summary>Changes what is not null. Enabling forgets why it was disabled, and goes on with what waits.</summary>
    public async Task<HookChange> ChangeAsync(long id, HookBody body, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        if (await db.Hooks.AsTracking().FirstOrDefaultAsync(hook => hook.Id == id, cancellationToken) is not { } hook)
        {
            return new HookChange(null, []);
        }

        string? urlError = null;
        var url = body.Url is null ? hook.Url : HookRules.ReadUrl(body.Url, addresses, out urlError);
        var types = body.EventTypes is null ? hook.EventTypes.Split(' ') : HookRules.ReadTypes(body.EventTypes);
        var name = body.Name?.Trim() ?? hook.Name;
        var errors = Errors(("url", urlError), ("event_types", TypesError(types)), ("name", HookRules.NameError(name)),
            ("secret", body.Secret is null ? null : "cannot be changed here: use actions/rotate_secret"));
        if (errors.Count > 0)
        {
            return new HookChange(null, errors);
        }

        (hook.Name, hook.Url, hook.EventTypes, hook.Machines) = (name, url!, string.Join(' ', types!), body.IncludeMachines ?? hook.Machines);
        if (body.Enabled is { } enabled)
        {
            hook.Enabled = enabled;
            hook.DisabledBecause = "";
            hook.FailingSince = enabled ? 0 : hook.FailingSince;
        }

        await db.SaveChangesAsync(cancellationToken);
        Changed(id);
        return new HookChange(await AnswerAsync(db, hook, cancellationToken), []);
    }

    /// <summary>Gives a webhook a new secret; for a day requests carry both signatures.</summary>
    /// <returns>With the secret, the one time it is shown; null where there is no such webhook.</returns>
    public async Task<HookAnswer?> RotateAsync(long id, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        if (await db.Hooks.AsTracking().FirstOrDefaultAsync(hook => hook.Id == id, cancellationToken) is not { } hook)
        {
            return null;
        }

        var secret = HookSignature.NewSecret();
        var until = (time.GetUtcNow() + HookSecrets.Overlap).ToUnixTimeMilliseconds();
        hook.Secrets = known.Protect(new HookSecrets(secret, known.Unprotect(hook.Secrets).Current, until));
        await db.SaveChangesAsync(cancellationToken);
        Changed(id);
        return await AnswerAsync(db, hook, cancellationToken) with { Secret = secret };
    }

    /// <returns>False where there is no such webhook.</returns>
    public async Task<bool> RemoveAsync(long id, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var removed = await db.Hooks.Where(hook => hook.Id == id).ExecuteDeleteAsync(cancellationToken);
        Changed(id);
        return removed > 0;
    }

    public async Task<IReadOnlyList<HookAnswer>> ListAsync(ScoreDb db, long after, int limit, CancellationToken cancellationToken)
    {
        var answers = new List<HookAnswer>();
        foreach (var hook in await db.Hooks.Where(hook => hook.Id > after).OrderBy(hook => hook.Id).Take(limit).ToListAsync(cancellationToken))
        {
            answers.Add(await AnswerAsync(db, hook, cancellationToken));
        }

        return answers;
    }

    public async Task<HookAnswer?> FindAsync(ScoreDb db, long id, CancellationToken cancellationToken) =>
        await db.Hooks.FirstOrDefaultAsync(hook => hook.Id == id, cancellationToken) is { } found ? await AnswerAsync(db, found, cancellationToken) : null;

    private async Task<HookAnswer> AnswerAsync(ScoreDb db, Hook hook, CancellationToken cancellationToken) => HookAnswer.Of(
        hook, known.Unprotect(hook.Secrets), await db.HookDeliveries.LongCountAsync(delivery => delivery.HookId == hook.Id && delivery.NextAt > 0, cancellationToken), time.GetUtcNow());

    private static string? TypesError(IReadOnlyList<string>? types) => types is null ? $"must be one or more of {string.Join(", ", HookTypes.All)}" : null;

    private static Dictionary<string, string[]> Errors(params ReadOnlySpan<(string Field, string? Error)> found)
    {
        var errors = new Dictionary<string, string[]>();
        foreach (var (field, error) in found)
        {
            if (error is not null)
            {
                errors[field] = [error];
            }
        }

        return errors;
    }

    private void Changed(long id)
    {
        known.Refresh();
        updates.Signal([LiveTopic.Hook(id), LiveTopic.Hooks]);
    }
}
