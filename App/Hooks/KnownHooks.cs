using System.Text.Json;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.EntityFrameworkCore;
using ScoreTracking.Data;

namespace ScoreTracking.Hooks;

/// <summary>A webhook that is told of events: secrets decrypted.</summary>
public sealed record KnownHook(long Id, Uri Url, IReadOnlySet<string> Types, bool Machines, HookSecrets Secrets);

/// <summary>The enabled webhooks, in memory: every event of the log asks whom it concerns.</summary>
public sealed class KnownHooks(IDbContextFactory<ScoreDb> databases, IDataProtectionProvider protection)
{
    private readonly IDataProtector _protector = protection.CreateProtector("hooks");
    private volatile IReadOnlyList<KnownHook>? _enabled;

    /// <summary>Raised after a change, on the caller's thread.</summary>
    public event Action? Changed;

    public IReadOnlyList<KnownHook> Enabled => _enabled ?? Load();

    /// <summary>Forgets what is in memory, after a change.</summary>
    public void Refresh()
    {
        _enabled = null;
        Changed?.Invoke();
    }

    internal string Protect(HookSecrets secrets) => _protector.Protect(JsonSerializer.Serialize(secrets));

    internal HookSecrets Unprotect(string stored) => JsonSerializer.Deserialize<HookSecrets>(_protector.Unprotect(stored))!;

    internal KnownHook Open(Hook stored) =>
        new(stored.Id, new Uri(stored.Url), stored.EventTypes.Split(' ').ToHashSet(StringComparer.Ordinal), stored.Machines, Unprotect(stored.Secrets));

    private IReadOnlyList<KnownHook> Load()
    {
        using var db = databases.CreateDbContext();
        return _enabled = [.. db.Hooks.Where(hook => hook.Enabled).OrderBy(hook => hook.Id).AsEnumerable().Select(Open)];
    }
}
