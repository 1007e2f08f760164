using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Claims;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Authentication;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using ScoreTracking.Data;

namespace ScoreTracking.Auth;

/// <summary>
/// Who is signed in. A session is a row among the user's tokens; a cookie only names it, so that ending it ends it everywhere.
/// What the database says is remembered for <see cref="AuthOptions.RevocationInterval"/> per user.
/// </summary>
internal sealed class Sessions(IDbContextFactory<ScoreDb> factory, IOptions<AuthOptions> options, TimeProvider clock)
{
    /// <summary>However busy, everyone signs in again after a week.</summary>
    public static readonly TimeSpan LongestSession = TimeSpan.FromDays(7);

    private const string Provider = "session";

    private readonly ConcurrentDictionary<long, Seen> _seen = new();

    /// <summary>Starts a session and sends its cookie.</summary>
    public async Task<ClaimsPrincipal> StartAsync(HttpContext context, User user, string? sessionId, CancellationToken cancellationToken)
    {
        var session = sessionId ?? RandomNumberGenerator.GetHexString(32, lowercase: true);
        var now = clock.GetUtcNow().ToUnixTimeMilliseconds();
        var over = now - (long)LongestSession.TotalMilliseconds;
        await using var db = await factory.CreateDbContextAsync(cancellationToken);
        // SQL, because several tabs may start the demo's one session at the same moment.
        await db.Database.ExecuteSqlAsync($"DELETE FROM user_tokens WHERE user_id = {user.Id} AND login_provider = {Provider} AND CAST(value AS INTEGER) <= {over}", cancellationToken);
        await db.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO user_tokens (user_id, login_provider, name, value) VALUES ({user.Id}, {Provider}, {session}, {now.ToString(CultureInfo.InvariantCulture)})
            ON CONFLICT (user_id, login_provider, name) DO UPDATE SET value = excluded.value
            """, cancellationToken);
        Forget(user.Id);

        var temporary = await db.UserClaims.AnyAsync(claim => claim.UserId == user.Id && claim.ClaimType == AuthClaims.TemporaryPassword, cancellationToken);
        var principal = Principal(user, session, temporary);
        await context.SignInAsync(AuthSchemes.Session, principal);
        return principal;
    }

    /// <summary>Ends the session of a cookie.</summary>
    public async Task EndAsync(ClaimsPrincipal principal, CancellationToken cancellationToken)
    {
        if (UserId(principal) is { } userId && principal.FindFirstValue(AuthClaims.Session) is { } session)
        {
            await using var db = await factory.CreateDbContextAsync(cancellationToken);
            await db.UserTokens.Where(token => token.UserId == userId && token.LoginProvider == Provider && token.Name == session).ExecuteDeleteAsync(cancellationToken);
            Forget(userId);
        }
    }

    /// <summary>Whether a session still holds: its user exists with the same role and security stamp, and nobody ended it.</summary>
    public async Task<bool> IsValidAsync(ClaimsPrincipal principal, CancellationToken cancellationToken)
    {
        if (UserId(principal) is not { } userId)
        {
            return false;
        }

        // Only a yes is remembered: a session started a moment ago may be missing from an earlier look.
        if (_seen.TryGetValue(userId, out var seen) && clock.GetElapsedTime(seen.At) <= options.Value.RevocationInterval && Holds(seen, principal))
        {
            return true;
        }

        var at = clock.GetTimestamp();
        seen = await ReadAsync(userId, at, cancellationToken);
        _seen[userId] = seen;
        return Holds(seen, principal);
    }

    /// <summary>The next look at this user reads the database.</summary>
    public void Forget(long userId) => _seen.TryRemove(userId, out _);

    public static long? UserId(ClaimsPrincipal principal) =>
        principal.HasClaim(claim => claim.Type == AuthClaims.Session)
        && long.TryParse(principal.FindFirstValue(ClaimTypes.NameIdentifier), CultureInfo.InvariantCulture, out var id) ? id : null;

    private bool Holds(Seen seen, ClaimsPrincipal principal) =>
        seen.Stamp is not null
        && seen.Stamp == principal.FindFirstValue(AuthClaims.SecurityStamp)
        && principal.IsInRole(seen.Role)
        && principal.FindFirstValue(AuthClaims.Session) is { } session
        && seen.Sessions.TryGetValue(session, out var startedAt)
        && clock.GetUtcNow() - startedAt < LongestSession;

    private static ClaimsPrincipal Principal(User user, string session, bool temporaryPassword)
    {
        var identity = new ClaimsIdentity(AuthSchemes.Session);
        identity.AddClaim(new Claim(ClaimTypes.NameIdentifier, user.Id.ToString(CultureInfo.InvariantCulture)));
        identity.AddClaim(new Claim(ClaimTypes.Name, user.Email ?? ""));
        identity.AddClaim(new Claim(ClaimTypes.Role, user.Role));
        identity.AddClaim(new Claim(AuthClaims.Session, session));
        identity.AddClaim(new Claim(AuthClaims.SecurityStamp, user.SecurityStamp ?? ""));
        if (temporaryPassword)
        {
            identity.AddClaim(new Claim(AuthClaims.TemporaryPassword, "1"));
        }

        return new ClaimsPrincipal(identity);
    }

    private async Task<Seen> ReadAsync(long userId, long at, CancellationToken cancellationToken)
    {
        await using var db = await factory.CreateDbContextAsync(cancellationToken);
        var user = await db.Users.Where(u => u.Id == userId).Select(u => new { u.SecurityStamp, u.Role }).FirstOrDefaultAsync(cancellationToken);
        var sessions = await db.UserTokens.Where(token => token.UserId == userId && token.LoginProvider == Provider)
            .ToDictionaryAsync(token => token.Name, token => StartedAt(token.Value), cancellationToken);
        return new Seen(at, user?.SecurityStamp, user?.Role ?? "", sessions);
    }

    private static DateTimeOffset StartedAt(string? value) =>
        DateTimeOffset.FromUnixTimeMilliseconds(long.Parse(value ?? "0", CultureInfo.InvariantCulture));

    private sealed record Seen(long At, string? Stamp, string Role, Dictionary<string, DateTimeOffset> Sessions);
}
