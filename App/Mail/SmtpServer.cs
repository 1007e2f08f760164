using System.Net;
using System.Security.Cryptography.X509Certificates;

namespace ScoreTracking.Mail;

public enum SmtpSecurity
{
    /// <summary>No encryption; for a relay on the same machine or network.</summary>
    None,

    /// <summary>The connection begins in the clear and is then encrypted, or ends: never a message in the clear.</summary>
    StartTls,

    /// <summary>Encrypted from the first byte, usually port 465.</summary>
    Tls,
}

/// <summary>A server that takes mail from us, and how we talk to it.</summary>
public sealed record SmtpServer
{
    /// <summary>A name or an IP address; the certificate must be for it.</summary>
    public required string Host { get; init; }
    public int Port { get; init; } = 587;
    public SmtpSecurity Security { get; init; } = SmtpSecurity.StartTls;

    /// <summary>Null: the server takes mail without.</summary>
    public SmtpCredentials? Credentials { get; init; }

    /// <summary>Signs in without encryption too. Password and mail are then readable on the way.</summary>
    public bool AllowSignInWithoutTls { get; init; }

    /// <summary>The name we greet with; null greets with our IP address, which is always true but not always liked.</summary>
    public string? HelloName { get; init; }

    /// <summary>Certificate authorities trusted for this server instead of the system's; null for those of the system.</summary>
    public X509Certificate2Collection? TrustedRoots { get; init; }

    /// <summary>Asked for every address the name stands for, before it is connected to; null allows all.</summary>
    public Func<IPAddress, bool>? MayConnectTo { get; init; }

    /// <summary>A connection that rested longer is made anew: servers close idle ones, most after five minutes, some after less than one.</summary>
    public TimeSpan IdleLimit { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Messages over one connection; then it is made anew.</summary>
    public int MaxMessages { get; init; } = 1_000;

    public SmtpTimeouts Timeouts { get; init; } = new();
}

/// <summary>How long a step may take; RFC 5321, 4.5.3.2 says at least this long for everything a server answers.</summary>
public sealed record SmtpTimeouts
{
    /// <summary>Name and connection, all addresses together.</summary>
    public TimeSpan Connect { get; init; } = TimeSpan.FromSeconds(30);
    public TimeSpan Tls { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The greeting: servers let spammers wait for it.</summary>
    public TimeSpan Greeting { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>EHLO, STARTTLS, signing in, MAIL, RCPT, RSET.</summary>
    public TimeSpan Command { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>The answer to DATA.</summary>
    public TimeSpan Data { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Each 64 KB of the mail.</summary>
    public TimeSpan Block { get; init; } = TimeSpan.FromMinutes(3);

    /// <summary>The answer to the whole mail. Who waits less gets uncertain messages from servers that scan before they answer.</summary>
    public TimeSpan Accept { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>What is left of that once cancelled.</summary>
    public TimeSpan AcceptWhenCancelled { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The answer to QUIT.</summary>
    public TimeSpan Quit { get; init; } = TimeSpan.FromSeconds(1);
}

/// <summary>Who we are to a server. Its text never shows the secret.</summary>
public sealed class SmtpCredentials
{
    private readonly Func<CancellationToken, ValueTask<string>> _secret;

    private SmtpCredentials(string user, bool isToken, Func<CancellationToken, ValueTask<string>> secret)
    {
        User = user;
        IsToken = isToken;
        _secret = secret;
    }

    public string User { get; }

    /// <summary>An OAuth access token rather than a password.</summary>
    public bool IsToken { get; }

    /// <summary>Signs in by PLAIN or LOGIN.</summary>
    public static SmtpCredentials Password(string user, string password) => new(user, isToken: false, _ => ValueTask.FromResult(password));

    /// <summary>Signs in by XOAUTH2.</summary>
    /// <param name="token">Asked at every sign-in, since access tokens last about an hour.</param>
    public static SmtpCredentials AccessToken(string user, Func<CancellationToken, ValueTask<string>> token) => new(user, isToken: true, token);

    public override string ToString() => IsToken ? "access token" : "password";

    internal ValueTask<string> SecretAsync(CancellationToken cancellationToken) => _secret(cancellationToken);
}
