using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.WebUtilities;

namespace ScoreTracking.Auth;

/// <summary>Addresses that depend on how far one has come: /setup exists only before the first user, and a temporary password opens only the page that changes it.</summary>
internal sealed class SessionGates(RequestDelegate next)
{
    public const string PasswordPage = "/account/password";

    public Task InvokeAsync(HttpContext context, FirstRun firstRun)
    {
        var path = context.Request.Path;
        if (path.StartsWithSegments("/setup") && !firstRun.IsOpen)
        {
            return PlainAnswer.WriteAsync(context, StatusCodes.Status404NotFound);
        }

        if (firstRun.IsOpen && path.StartsWithSegments("/login"))
        {
            context.Response.Redirect("/setup");
            return Task.CompletedTask;
        }

        if (context.User.HasClaim(claim => claim.Type == AuthClaims.TemporaryPassword)
            && !path.StartsWithSegments("/account")
            && context.GetEndpoint()?.Metadata.GetMetadata<Microsoft.AspNetCore.Authorization.IAllowAnonymous>() is null)
        {
            if (HttpMethods.IsGet(context.Request.Method))
            {
                context.Response.Redirect(PasswordPage);
            }
            else
            {
                return PlainAnswer.WriteAsync(context, StatusCodes.Status403Forbidden);
            }

            return Task.CompletedTask;
        }

        return next(context);
    }
}

/// <summary>Refuses live connections that another site's page opens with the viewer's cookie.</summary>
internal sealed class SameOriginConnections(RequestDelegate next, IConfiguration configuration)
{
    private readonly string? _publicHost = Uri.TryCreate(configuration["PublicUrl"], UriKind.Absolute, out var url) ? url.Authority : null;

    public Task InvokeAsync(HttpContext context)
    {
        // A key in the request is no viewer's: a program's page may well lie elsewhere.
        var isLive = context.Request.Path.StartsWithSegments("/_blazor")
            || (context.Request.Path.StartsWithSegments(ApiKeyHandler.Hubs) && !ApiKeyHandler.IsForHub(context.Request));
        if (isLive && context.Request.Headers.Origin.ToString() is { Length: > 0 } origin && !IsOurs(origin, context.Request.Host))
        {
            return PlainAnswer.WriteAsync(context, StatusCodes.Status403Forbidden);
        }

        return next(context);
    }

    private bool IsOurs(string origin, HostString host) =>
        Uri.TryCreate(origin, UriKind.Absolute, out var from)
        && (string.Equals(from.Authority, host.Value, StringComparison.OrdinalIgnoreCase) || string.Equals(from.Authority, _publicHost, StringComparison.OrdinalIgnoreCase));
}

/// <summary>A status in plain words, for those who may not see our pages: the page about unknown addresses is for people signed in.</summary>
internal static class PlainAnswer
{
    public static Task WriteAsync(HttpContext context, int status)
    {
        if (context.Features.Get<IStatusCodePagesFeature>() is { } pages)
        {
            pages.Enabled = false;
        }

        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain";
        return context.Response.WriteAsync(ReasonPhrases.GetReasonPhrase(status), context.RequestAborted);
    }
}
