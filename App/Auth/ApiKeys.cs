using System.Globalization;
using System.Security.Claims;
using Microsoft.EntityFrameworkCore;
using ScoreTracking.Data;

namespace ScoreTracking.Auth;

/// <summary>Creates, lists and revokes API keys.</summary>
internal sealed class ApiKeys(IDbContextFactory<ScoreDb> factory, KnownApiKeys known, TimeProvider clock)
{
    /// <summary>A key the operator chose must be at least this long.</summary>
    public const int MinLength = 16;
    public const int MaxNameLength = 100;

    /// <summary>Creates a key that works at once. Its text is returned here and nowhere else.</summary>
    /// <param name="text">The operator's own text; null for a generated one.</param>
    public async Task<(ApiKey Key, string Text)> CreateAsync(
        string name, IEnumerable<string> scopes, DateTimeOffset? expiresAt, string? text, CancellationToken cancellationToken)
    {
        text ??= ApiKeyText.Create();
        var key = new ApiKey
        {
            Name = name,
            Hash = ApiKeyText.Hash(text),
            LastCharacters = text[^4..],
            Scopes = string.Join(' ', scopes.Distinct(StringComparer.Ordinal)),
            CreatedAt = clock.GetUtcNow(),
            ExpiresAt = expiresAt?.ToUnixTimeMilliseconds() ?? 0,
        };
        await using var db = await factory.CreateDbContextAsync(cancellationToken);
        db.ApiKeys.Add(key);
        await db.SaveChangesAsync(cancellationToken);
        await known.RefreshAsync(cancellationToken);
        return (key, text);
    }

    /// <summary>Newest first, revoked ones included.</summary>
    public static async Task<List<ApiKey>> ListAsync(ScoreDb db, long? before, int limit, CancellationToken cancellationToken) =>
        await db.ApiKeys.Where(key => before == null || key.Id < before).OrderByDescending(key => key.Id).Take(limit).ToListAsync(cancellationToken);

    /// <summary>Refused from the next request on. False if there is no such key, or it was revoked before.</summary>
    public async Task<bool> RevokeAsync(long id, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow().ToUnixTimeMilliseconds();
        await using var db = await factory.CreateDbContextAsync(cancellationToken);
        var revoked = await db.ApiKeys.Where(key => key.Id == id && key.RevokedAt == 0)
            .ExecuteUpdateAsync(update => update.SetProperty(key => key.RevokedAt, now), cancellationToken);
        await known.RefreshAsync(cancellationToken);
        return revoked > 0;
    }

    /// <summary>The key a request came with; null for a person.</summary>
    public static long? IdOf(ClaimsPrincipal caller) =>
        long.TryParse(caller.FindFirstValue(AuthClaims.ApiKeyId), CultureInfo.InvariantCulture, out var id) ? id : null;
}
