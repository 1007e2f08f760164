using Microsoft.AspNetCore.Http.HttpResults;

namespace ScoreTracking.Tracking;

/// <summary>
/// The HTML of a mail as a document of its own, for a frame in our pages. It needs an address because a frame without one
/// would inherit our pages' content policy, which refuses the inline styles and far pictures every newsletter has.
/// </summary>
public static class MailFrame
{
    /// <summary>Sandbox of a mail to read: links open in a page of their own.</summary>
    public const string Reading = "allow-popups allow-popups-to-escape-sandbox";

    /// <summary>Sandbox of a mail our own script measures: nothing in it runs or leads anywhere.</summary>
    public const string Measuring = "allow-same-origin";

    // Pictures and styles as in a mailbox; no script, no form, no frame.
    private const string Content =
        "default-src 'none'; img-src http: https: data:; media-src http: https:; style-src 'unsafe-inline' http: https:; font-src http: https: data:; frame-ancestors 'self'";

    // Behind whatever the document says; browsers take a base element anywhere.
    private const string LinksElsewhere = "<base target=\"_blank\">";

    /// <param name="sandbox">One of the two above; the frame's own attribute must say the same.</param>
    public static ContentHttpResult Answer(HttpResponse response, string html, string sandbox)
    {
        response.Headers.ContentSecurityPolicy = $"sandbox {sandbox}; {Content}";

        // Where pictures come from need not learn which page of ours shows them.
        response.Headers["Referrer-Policy"] = "no-referrer";
        return TypedResults.Content(html + LinksElsewhere, "text/html; charset=utf-8");
    }
}
