using System.Net;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using ScoreTracking.Data;

namespace ScoreTracking.Auth;

/// <summary>In the demo, signs in whoever sits at this machine as the first administrator.</summary>
internal sealed class DemoSignIn(RequestDelegate next)
{
    // One session for all of it: a script that keeps no cookies must not leave a row per request.
    private const string SessionId = "demo";

    // Any of these says that the peer is a proxy, and the person somewhere else.
    private static readonly string[] ProxyHeaders = ["X-Forwarded-For", "X-Original-For", "X-Real-IP", "Forwarded", "Via"];

    public async Task InvokeAsync(HttpContext context, IOptions<AuthOptions> options, Sessions sessions, ScoreDb db)
    {
        if (options.Value.AutoSignInOnLoopback
            && context.User.Identity?.IsAuthenticated != true
            && !context.Request.Path.StartsWithSegments("/api")
            && context.GetEndpoint()?.Metadata.GetMetadata<Microsoft.AspNetCore.Authorization.IAllowAnonymous>() is null
            && IsHere(context)
            && await db.Users.Where(user => user.Role == Roles.Admin).OrderBy(user => user.Id).FirstOrDefaultAsync(context.RequestAborted) is { } administrator)
        {
            context.User = await sessions.StartAsync(context, administrator, SessionId, context.RequestAborted);
        }

        await next(context);
    }

    // The host name too: a stranger's page may have its own name resolve to this machine.
    private static bool IsHere(HttpContext context) =>
        context.Connection.RemoteIpAddress is { } peer
        && IPAddress.IsLoopback(peer)
        && (context.Request.Host.Host is "localhost" || (IPAddress.TryParse(context.Request.Host.Host.Trim('[', ']'), out var host) && IPAddress.IsLoopback(host)))
        && !ProxyHeaders.Any(context.Request.Headers.ContainsKey);
}
