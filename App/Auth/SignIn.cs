using System.Net;
using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Identity;
using ScoreTracking.Data;

namespace ScoreTracking.Auth;

public enum SignInOutcome
{
    SignedIn,

    /// <summary>Signed in with a password someone else set: only the page that changes it opens.</summary>
    MustChangePassword,
    WrongEmailOrPassword,

    /// <summary>Too many attempts, or too many passwords being checked at once.</summary>
    Throttled,
}

/// <summary><see cref="RetryAfter"/> is zero unless throttled.</summary>
public sealed record SignInAnswer(SignInOutcome Outcome, TimeSpan RetryAfter);

/// <summary>Checks an address and a password and starts a session.</summary>
internal sealed partial class SignIn(
    UserManager<User> users, Sessions sessions, SignInThrottle throttle, PasswordHashing hashing,
    SessionCookieManager cookies, IDataProtectionProvider protection, ILogger<SignIn> log)
{
    private const string KnownBrowserCookie = "st-known";
    private static readonly TimeSpan BusyRetry = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan KnownBrowserLifetime = TimeSpan.FromDays(180);

    private readonly IDataProtector _protector = protection.CreateProtector("Auth.KnownBrowser");

    public async Task<SignInAnswer> TryAsync(HttpContext context, string? email, string? password, CancellationToken cancellationToken)
    {
        // RFC 5321 limits an address to 254 characters.
        var account = users.NormalizeEmail(email?.Trim()) is { Length: > 0 and <= 254 } known ? known : "";
        var masked = Masked(account);
        var peer = context.Connection.RemoteIpAddress;
        var attempts = Attempts(context, account);
        if (throttle.Enter(peer, attempts) is { } wait)
        {
            Throttled(masked, peer);
            return new SignInAnswer(SignInOutcome.Throttled, wait);
        }

        using var turn = await hashing.EnterAsync(cancellationToken);
        if (!turn.IsAcquired)
        {
            return new SignInAnswer(SignInOutcome.Throttled, BusyRetry);
        }

        var user = await users.FindByEmailAsync(account);
        if (!await PasswordHashing.IsRightAsync(users, user, password ?? "") || user is null)
        {
            Refused(masked, peer);
            return new SignInAnswer(SignInOutcome.WrongEmailOrPassword, TimeSpan.Zero);
        }

        throttle.Succeeded(attempts);
        RememberBrowser(context, account);
        var principal = await sessions.StartAsync(context, user, sessionId: null, cancellationToken);
        SignedIn(user.Id, peer);
        return new SignInAnswer(
            principal.HasClaim(claim => claim.Type == AuthClaims.TemporaryPassword) ? SignInOutcome.MustChangePassword : SignInOutcome.SignedIn, TimeSpan.Zero);
    }

    /// <summary>An address as logs may show it.</summary>
    internal static string Masked(string? email) =>
        email?.IndexOf('@') is > 0 and var at ? $"{email[0]}…{email[at..]}".ReplaceLineEndings(" ").ToLowerInvariant() : "…";

    // A browser this account signed in from before is throttled by itself: strangers who guess cannot keep the owner out.
    private string Attempts(HttpContext context, string account)
    {
        if (context.Request.Cookies[KnownBrowserCookie] is { Length: > 0 and < 2_000 } cookie)
        {
            try
            {
                var known = _protector.Unprotect(cookie);
                return known.StartsWith(account + "\n", StringComparison.Ordinal) ? known : account;
            }
            catch (CryptographicException)
            {
                // Forged, or from before the keys were lost: a browser like any other.
            }
        }

        return account;
    }

    private void RememberBrowser(HttpContext context, string account)
    {
        var known = Attempts(context, account) is var attempts && attempts != account ? attempts : $"{account}\n{RandomNumberGenerator.GetHexString(16)}";
        context.Response.Cookies.Append(KnownBrowserCookie, _protector.Protect(known), new CookieOptions
        {
            HttpOnly = true,
            IsEssential = true,
            MaxAge = KnownBrowserLifetime,
            Path = "/login",
            SameSite = SameSiteMode.Lax,
            Secure = cookies.IsSecure(context),
        });
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "User {UserId} signed in from {Peer}")]
    private partial void SignedIn(long userId, IPAddress? peer);

    [LoggerMessage(Level = LogLevel.Information, Message = "Sign-in refused for {Account} from {Peer}: wrong address or password")]
    private partial void Refused(string account, IPAddress? peer);

    [LoggerMessage(Level = LogLevel.Information, Message = "Sign-in slowed for {Account} from {Peer}: too many attempts")]
    private partial void Throttled(string account, IPAddress? peer);
}
