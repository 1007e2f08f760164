using System.Text;

namespace ScoreTracking.Tracking;

/// <summary>The bytes our public endpoints answer with, made once. Bad ids get the same bytes as good ones, so an answer tells nothing.</summary>
internal static class TrackingAnswers
{
    /// <summary>A transparent 1×1 GIF of 43 bytes.</summary>
    public static readonly byte[] Gif = Convert.FromBase64String("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAICRAEAOw==");

    public static readonly byte[] NotFound = Page("This link is not known", "<p>It may be incomplete. Please open it again from the mail it came in.</p>");

    public static readonly byte[] Disabled = Page("This link was switched off", "<p>Its sender has withdrawn it.</p>");

    public static readonly byte[] Honeypot = Page("Nothing to see here", "<p>This link is not meant for readers.</p>");

    public static readonly byte[] AskUnsubscribe = Page("Unsubscribe?", """
        <p>You will get no more mail from this sender at this address.</p>
        <form method="post"><button type="submit">Unsubscribe</button></form>
        """);

    public static readonly byte[] Unsubscribed = Page("You are unsubscribed", "<p>You will get no more mail from this sender at this address.</p>");

    public static readonly byte[] Retry = Page("Please try again", """
        <p>Your request could not be saved just now. Nothing was lost: press the button again in a minute.</p>
        <form method="post"><button type="submit">Unsubscribe</button></form>
        """);

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
        :root { color-scheme: light dark; }
        body { margin: 0; min-height: 100vh; display: grid; place-items: center; font: 17px/1.5 system-ui, sans-serif; background: Canvas; color: CanvasText; }
        main { max-width: 26rem; padding: 2rem 1.5rem; text-align: center; }
        h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 .5rem; }
        button { font: inherit; font-weight: 600; padding: .75rem 1.5rem; margin-top: .5rem; border: 0; border-radius: .5rem; background: #1f5eff; color: #fff; cursor: pointer; }
        button:focus-visible { outline: 3px solid CanvasText; outline-offset: 2px; }
        </style>
        </head>
        <body><main><h1>{{title}}</h1>{{body}}</main></body>
        </html>
        """);
}
