namespace ScoreTracking.Auth;

/// <summary>Where to go after signing in: a path of this server and nothing else, so that our sign-in page never sends anyone to a stranger's.</summary>
public static class LocalUrl
{
    /// <summary>The same path, or "/" if it could lead elsewhere.</summary>
    public static string Of(string? url) => IsLocal(url) ? url! : "/";

    private static bool IsLocal(string? url) =>
        url is ['/', ..]
        && url.Length <= 2_000
        // Browsers read "//host", "/\host" and "/<tab>/host" as another host; a redirect header cannot carry other than ASCII.
        && url is not ['/', '/' or '\\', ..]
        && url.All(character => character is > ' ' and < '\u007f' and not '\\');
}
