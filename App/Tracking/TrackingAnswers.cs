using System.Text;

namespace ScoreTracking.Tracking;

/// <summary>The bytes our public endpoints answer with, made once. Bad ids get the same bytes as good ones, so an answer tells nothing.</summary>
internal static class TrackingAnswers
{
    /// <summary>A transparent 1×1 GIF of 43 bytes.</summary>
    public static readonly byte[] Gif = Convert.FromBase64String("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAICRAEAOw==");

    /// <summary>Light and dark by the reader's own setting.</summary>
    public const string Style = """
        :root { color-scheme: light dark; }
        body { margin: 0; min-height: 100vh; display: grid; place-items: center; font: 17px/1.5 system-ui, sans-serif; background: Canvas; color: CanvasText; }
        main { max-width: 26rem; padding: 2rem 1.5rem; text-align: center; overflow-wrap: anywhere; }
        h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 .5rem; }
        h2, legend { font-size: 1rem; font-weight: 600; margin: 0 0 .5rem; padding: 0; }
        p { margin: 0 0 1rem; }
        button { font: inherit; font-weight: 600; padding: .75rem 1.5rem; border: 1px solid transparent; border-radius: .5rem; background: #1f5eff; color: #fff; cursor: pointer; }
        button.quiet { padding: .5rem 1rem; border-color: GrayText; background: none; color: CanvasText; }
        button:focus-visible, input:focus-visible { outline: 3px solid CanvasText; outline-offset: 2px; }
        .more { margin-top: 2rem; padding-top: 1.5rem; border-top: 1px solid color-mix(in srgb, CanvasText 20%, Canvas); font-size: .9375rem; text-align: left; }
        .more label { display: block; padding: .375rem 0; }
        .more input { width: 1.125rem; height: 1.125rem; margin: 0 .5rem 0 0; vertical-align: -.1875rem; }
        fieldset { margin: 0 0 1rem; padding: 0; border: 0; }
        .sender { margin-bottom: .25rem; font-weight: 600; }
        .saved { padding: .5rem 1rem; border-radius: .5rem; background: color-mix(in srgb, CanvasText 8%, Canvas); }

        """;

    public static readonly byte[] NotFound = Page("This link is not known", "<p>It may be incomplete. Please open it again from the mail it came in.</p>");

    public static readonly byte[] Disabled = Page("This link was switched off", "<p>Its sender has withdrawn it.</p>");

    public static readonly byte[] Honeypot = Page("Nothing to see here", "<p>This link is not meant for readers.</p>");

    /// <summary>Headers every public answer carries: nothing is cached, indexed or passed on.</summary>
    public static void SetHeaders(HttpResponse response)
    {
        var headers = response.Headers;
        headers.CacheControl = "no-store, max-age=0";
        headers["Referrer-Policy"] = "no-referrer";
        headers["X-Robots-Tag"] = "noindex";
    }

    public static Task WriteGifAsync(HttpContext context)
    {
        SetHeaders(context.Response);
        context.Response.ContentType = "image/gif";
        return WriteAsync(context, Gif);
    }

    public static Task WritePageAsync(HttpContext context, int status, byte[] page)
    {
        SetHeaders(context.Response);
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/html; charset=utf-8";
        context.Response.Headers.ContentSecurityPolicy = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
        context.Response.Headers.XContentTypeOptions = "nosniff";
        return WriteAsync(context, page);
    }

    private static Task WriteAsync(HttpContext context, byte[] body)
    {
        context.Response.ContentLength = body.Length;
        return HttpMethods.IsHead(context.Request.Method)
            ? Task.CompletedTask
            : context.Response.BodyWriter.WriteAsync(body, context.RequestAborted).AsTask();
    }

    // No script, no image, no font: it opens at once on any device.
    private static byte[] Page(string title, string body) => Encoding.UTF8.GetBytes($$"""
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="robots" content="noindex">
        <title>{{title}}</title>
        <style>
        {{Style}}</style>
        </head>
        <body><main><h1>{{title}}</h1>{{body}}</main></body>
        </html>
        """);
}
