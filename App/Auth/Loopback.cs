using System.Net;

namespace ScoreTracking.Auth;

/// <summary>Whether a request comes from a program on this machine and from nobody behind it.</summary>
public static class Loopback
{
    // Any of these says that the peer is a proxy, and the person somewhere else.
    private static readonly string[] s_proxyHeaders = ["X-Forwarded-For", "X-Original-For", "X-Real-IP", "Forwarded", "Via"];

    // The host name too: a stranger's page may have its own name resolve to this machine.
    public static bool IsHere(HttpContext context) =>
        context.Connection.RemoteIpAddress is { } peer
        && IPAddress.IsLoopback(peer)
        && (context.Request.Host.Host is "localhost" || (IPAddress.TryParse(context.Request.Host.Host.Trim('[', ']'), out var host) && IPAddress.IsLoopback(host)))
        && !s_proxyHeaders.Any(context.Request.Headers.ContainsKey);
}
