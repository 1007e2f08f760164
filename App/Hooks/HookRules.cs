using System.Net;

namespace ScoreTracking.Hooks;

/// <summary>What a webhook must be made of.</summary>
internal static class HookRules
{
    public const int MaxName = 100;
    public const int MaxUrl = 2_000;

    /// <summary>Each is asked at every event of the log.</summary>
    public const int MaxHooks = 20;

    /// <summary>Reads a URL as it is stored: absolute, http or https, ASCII, without user or fragment.</summary>
    /// <param name="error">What is wrong with it; null where nothing is.</param>
    public static string? ReadUrl(string? text, PublicAddresses addresses, out string? error)
    {
        error = text?.Trim() is not { Length: > 0 and <= MaxUrl } trimmed ? $"must have 1 to {MaxUrl} characters"
            : !Uri.TryCreate(trimmed, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https") || trimmed.Any(char.IsControl) ? "must be an absolute http or https URL"
            : uri.UserInfo.Length > 0 ? "must not hold a user name or password: requests are signed instead"
            : uri.Fragment.Length > 0 ? "must not have a fragment"
            : IsInner(uri, addresses) ? "must lie on the public internet, or in a network Hooks:AllowedNetworks names"
            : null;
        return error is null ? Ascii(new Uri(text!.Trim())) : null;
    }

    /// <returns>The types in the order they are offered, each once; null where one is unknown or there is none.</returns>
    public static IReadOnlyList<string>? ReadTypes(IReadOnlyList<string?>? types) =>
        types is { Count: > 0 } && types.All(type => type is not null && HookTypes.All.Contains(type)) ? [.. HookTypes.All.Where(types.Contains)] : null;

    public static string? NameError(string name) =>
        name.Length is 0 or > MaxName ? $"must have 1 to {MaxName} characters" : name.Any(char.IsControl) ? "must be one line" : null;

    // Names are looked up when a connection is made; an address, or a name that never leaves the machine, can be told at once.
    private static bool IsInner(Uri uri, PublicAddresses addresses) =>
        IPAddress.TryParse(uri.DnsSafeHost, out var address) ? !addresses.Allow(address)
        : (uri.DnsSafeHost.Equals("localhost", StringComparison.OrdinalIgnoreCase) || uri.DnsSafeHost.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase))
            && !addresses.Allow(IPAddress.Loopback) && !addresses.Allow(IPAddress.IPv6Loopback);

    private static string Ascii(Uri uri) => new UriBuilder(uri) { Host = uri.IdnHost }.Uri.AbsoluteUri;
}
