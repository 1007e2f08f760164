using System.Collections.Concurrent;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http.HttpResults;
using ScoreTracking.Auth;

namespace ScoreTracking.Campaigns;

/// <summary>
/// HTML somebody is writing, shown in a frame. It has an address of its own because a frame without one would inherit our
/// pages' content policy, which refuses the inline styles and far pictures every newsletter has.
/// </summary>
internal sealed class ContentPreviews
{
    // Pictures and styles as in a mailbox; no script, no form, and links open elsewhere.
    private const string Policy =
        "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; img-src http: https: data:; media-src http: https:; " +
        "style-src 'unsafe-inline' http: https:; font-src http: https: data:; frame-ancestors 'self'";

    // Behind whatever the document says; browsers take a base element anywhere.
    private const string LinksElsewhere = "<base target=\"_blank\">";

    private readonly ConcurrentDictionary<string, Preview> _open = new(StringComparer.Ordinal);

    /// <summary>A preview that lasts as long as the page that shows it.</summary>
    public Preview Open()
    {
        var preview = new Preview(this);
        _open[preview.Name] = preview;
        return preview;
    }

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/previews/{name}", Show).RequireAuthorization(Policies.Marketer).ExcludeFromDescription();

    private static Results<ContentHttpResult, NotFound> Show(string name, ContentPreviews previews, HttpResponse response)
    {
        if (!previews._open.TryGetValue(name, out var preview))
        {
            return TypedResults.NotFound();
        }

        response.Headers.ContentSecurityPolicy = Policy;
        return TypedResults.Content(preview.Html + LinksElsewhere, "text/html; charset=utf-8");
    }

    /// <param name="previews">Where it is listed.</param>
    internal sealed class Preview(ContentPreviews previews) : IDisposable
    {
        public string Name { get; } = RandomNumberGenerator.GetHexString(32, lowercase: true);

        /// <summary>What the frame shows at its next load.</summary>
        public string Html { get; set; } = "";

        public void Dispose() => previews._open.TryRemove(Name, out _);
    }
}
