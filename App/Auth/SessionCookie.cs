using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;

namespace ScoreTracking.Auth;

/// <summary>What happens around the session cookie: ended sessions are refused, strangers are sent to the sign-in page.</summary>
internal sealed class SessionCookie(Sessions sessions, FirstRun firstRun) : CookieAuthenticationEvents
{
    public override async Task ValidatePrincipal(CookieValidatePrincipalContext context)
    {
        if (context.Principal is null || !await sessions.IsValidAsync(context.Principal, context.HttpContext.RequestAborted))
        {
            context.RejectPrincipal();
            await context.HttpContext.SignOutAsync(AuthSchemes.Session);
        }
    }

    public override Task RedirectToLogin(RedirectContext<CookieAuthenticationOptions> context)
    {
        // A script or a live connection cannot fill in a form.
        if (!(HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method)) || context.Request.Path.StartsWithSegments("/_blazor") || context.Request.Path.StartsWithSegments(ApiKeyHandler.Hubs))
        {
            return PlainAnswer.WriteAsync(context.HttpContext, StatusCodes.Status401Unauthorized);
        }

        var wanted = LocalUrl.Of(context.Request.Path + context.Request.QueryString);
        context.Response.StatusCode = StatusCodes.Status302Found;
        // A path, never an address built from the Host header.
        context.Response.Headers.Location = firstRun.IsOpen ? "/setup" : wanted == "/" ? "/login" : "/login?returnUrl=" + Uri.EscapeDataString(wanted);
        return Task.CompletedTask;
    }

    public override Task RedirectToAccessDenied(RedirectContext<CookieAuthenticationOptions> context)
    {
        context.Response.StatusCode = StatusCodes.Status403Forbidden;
        return Task.CompletedTask;
    }
}

/// <summary>
/// Names the cookie by how it travels: <c>__Host-st</c> with Secure over https, plain <c>st</c> over http, where a browser would
/// drop the other. Many start on http://192.168.… in their own network.
/// </summary>
internal sealed class SessionCookieManager(string? publicUrl) : ICookieManager
{
    private readonly ChunkingCookieManager _cookies = new();
    private readonly string? _secureHost = Uri.TryCreate(publicUrl, UriKind.Absolute, out var url) && url.Scheme == Uri.UriSchemeHttps ? url.Host : null;

    public string? GetRequestCookie(HttpContext context, string key) => _cookies.GetRequestCookie(context, Name(context, key));

    public void AppendResponseCookie(HttpContext context, string key, string? value, CookieOptions options)
    {
        options.Secure = IsSecure(context);
        _cookies.AppendResponseCookie(context, Name(context, key), value, options);
    }

    public void DeleteCookie(HttpContext context, string key, CookieOptions options)
    {
        options.Secure = IsSecure(context);
        _cookies.DeleteCookie(context, Name(context, key), options);
    }

    /// <summary>Whether the browser came by https, also where a proxy ended it and did not say so.</summary>
    public bool IsSecure(HttpContext context) =>
        context.Request.IsHttps || (_secureHost is not null && string.Equals(context.Request.Host.Host, _secureHost, StringComparison.OrdinalIgnoreCase));

    private string Name(HttpContext context, string key) => IsSecure(context) ? "__Host-" + key : key;
}
