using System.ComponentModel.DataAnnotations;

namespace ScoreTracking.Auth;

/// <summary>Sign-in and API keys.</summary>
public sealed class AuthOptions
{
    /// <summary>How old a look at users, sessions and API keys may be. A live page looks once per interval, so what is taken away is gone after at most twice this: five seconds is the promise.</summary>
    [Range(typeof(TimeSpan), "00:00:00.05", "00:00:02.5")] public TimeSpan RevocationInterval { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Sign-in attempts of one address (IPv6: one /64) in any minute.</summary>
    [Range(1, 10_000)] public int SignInsPerMinute { get; set; } = 10;

    /// <summary>Live pages one person may have open at once, in all tabs and browsers.</summary>
    [Range(1, 10_000)] public int PagesPerUser { get; set; } = 20;

    /// <summary>Live pages of all people together. Each takes some hundred kilobytes.</summary>
    [Range(1, 100_000)] public int Pages { get; set; } = 200;

    /// <summary>How often the time an API key was last used is written.</summary>
    [Range(typeof(TimeSpan), "00:00:00.05", "01:00:00")] public TimeSpan LastUsedInterval { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Signs in whoever comes from this machine as the first administrator: for the demo only. Its setter is internal, so no configuration can set it.</summary>
    public bool AutoSignInOnLoopback { get; internal set; }
}

/// <summary>What an unattended start needs: the first administrator and the first API key.</summary>
public sealed class SetupOptions
{
    /// <summary>Configuration keys that may be given as a file: <c>Setup:ApiKeyFile</c> instead of <c>Setup:ApiKey</c>.</summary>
    internal static readonly IReadOnlyList<string> Secrets = ["Setup:AdminPassword", "Setup:ApiKey"];

    public string? AdminEmail { get; set; }
    public string? AdminPassword { get; set; }

    /// <summary>Any text of at least 16 characters; gets all scopes.</summary>
    public string? ApiKey { get; set; }
}
