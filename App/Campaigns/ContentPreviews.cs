using System.Collections.Concurrent;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http.HttpResults;
using ScoreTracking.Auth;
using ScoreTracking.Tracking;

namespace ScoreTracking.Campaigns;

/// <summary>HTML somebody is writing, shown in a frame.</summary>
internal sealed class ContentPreviews
{
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

    private static Results<ContentHttpResult, NotFound> Show(string name, ContentPreviews previews, HttpResponse response) =>
        previews._open.TryGetValue(name, out var preview) ? MailFrame.Answer(response, preview.Html, MailFrame.Reading) : TypedResults.NotFound();

    /// <param name="previews">Where it is listed.</param>
    internal sealed class Preview(ContentPreviews previews) : IDisposable
    {
        public string Name { get; } = RandomNumberGenerator.GetHexString(32, lowercase: true);

        /// <summary>What the frame shows at its next load.</summary>
        public string Html { get; set; } = "";

        public void Dispose() => previews._open.TryRemove(Name, out _);
    }
}
