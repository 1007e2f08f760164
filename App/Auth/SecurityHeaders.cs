using Microsoft.Extensions.Primitives;

namespace ScoreTracking.Auth;

/// <summary>What browsers must not do with our pages. An endpoint that sets a header itself keeps its own.</summary>
internal static class SecurityHeaders
{
    // Styles may be inline because the preview of a mail, which has them everywhere, inherits this policy; scripts never.
    public const string Policy =
        "default-src 'self'; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'; img-src 'self' data:; connect-src 'self'; style-src 'self' 'unsafe-inline'";

    public static void UseSecurityHeaders(this IApplicationBuilder app) => app.Use((context, next) =>
    {
        context.Response.OnStarting(() =>
        {
            var headers = context.Response.Headers;
            headers.TryAdd("X-Content-Type-Options", "nosniff");
            if (context.Response.ContentType?.StartsWith("text/html", StringComparison.OrdinalIgnoreCase) == true)
            {
                SetPolicy(headers);
                headers.TryAdd("Referrer-Policy", "same-origin");
                // Pages show people's addresses: no shared cache and no disk keeps them.
                headers.TryAdd("Cache-Control", "no-store");
            }

            return Task.CompletedTask;
        });
        return next(context);
    });

    // Live pages come with "frame-ancestors 'self'" from the framework, which says less than ours.
    private static void SetPolicy(IHeaderDictionary headers)
    {
        if (StringValues.IsNullOrEmpty(headers.ContentSecurityPolicy) || headers.ContentSecurityPolicy.ToString().StartsWith("frame-ancestors", StringComparison.Ordinal))
        {
            headers.ContentSecurityPolicy = Policy;
        }
    }
}
