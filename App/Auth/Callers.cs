using System.Globalization;
using System.Security.Claims;

namespace ScoreTracking.Auth;

/// <summary>Looks again at who opened a connection that lasts: a key may be revoked, a session ended, long after the request was let in.</summary>
internal sealed class Callers(KnownApiKeys keys, Sessions sessions, TimeProvider clock)
{
    /// <summary>Whether the caller would still be let in. What the database said is remembered for <see cref="AuthOptions.RevocationInterval"/>.</summary>
    public async ValueTask<bool> AreStillAllowedAsync(ClaimsPrincipal caller, CancellationToken cancellationToken) =>
        ApiKeys.IdOf(caller) is { } key
            ? await keys.FindAsync(key, cancellationToken) is { } known && (known.ExpiresAt == 0 || known.ExpiresAt > clock.GetUtcNow().ToUnixTimeMilliseconds())
            : await sessions.IsValidAsync(caller, cancellationToken);

    /// <summary>One name per key and per person, for counting what each has open.</summary>
    public static string NameOf(ClaimsPrincipal caller) =>
        ApiKeys.IdOf(caller) is { } key ? string.Create(CultureInfo.InvariantCulture, $"key {key}")
        : Sessions.UserId(caller) is { } user ? string.Create(CultureInfo.InvariantCulture, $"user {user}")
        : "nobody";
}
