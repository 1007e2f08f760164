using ScoreTracking.Components;

namespace ScoreTracking.Reports;

/// <summary>How links read on screen.</summary>
internal static class LinkTexts
{
    public static string Label(string label) => label.Length > 0 ? label : "Without words";

    /// <summary>An address without its scheme.</summary>
    public static string Short(string url)
    {
        var start = url.IndexOf("://", StringComparison.Ordinal);
        return (start < 0 ? url : url[(start + 3)..]).TrimEnd('/');
    }

    /// <summary>Where a click on the address leads, or null: stored ones are http or https, and one with merge fields differs for everyone.</summary>
    public static string? Safe(string url) =>
        (url.StartsWith("https://", StringComparison.Ordinal) || url.StartsWith("http://", StringComparison.Ordinal)) && !url.Contains("{{", StringComparison.Ordinal) ? url : null;

    /// <summary>An address as the public sees it: what stands behind a "?" or a "#" may be somebody's own.</summary>
    public static string ForPublic(string url) => url.IndexOfAny(['?', '#']) is > 0 and var end ? url[..end] : url;

    /// <inheritdoc cref="ForPublic(string)"/>
    public static LinksReport ForPublic(LinksReport report) => report with
    {
        Data = [.. report.Data.Select(link => link with { Url = ForPublic(link.Url) })],
        ByUrl = [.. report.ByUrl.GroupBy(url => ForPublic(url.Url))
            .Select(same => new UrlRow(same.Key, same.Sum(url => url.Links), same.Sum(url => url.TotalClicks)))
            .OrderByDescending(url => url.TotalClicks)],
    };

    /// <summary>Where a link stands in the mail.</summary>
    /// <param name="named">Whether the contents are told apart.</param>
    public static string Place(LinkRow link, bool named) =>
        named ? $"{(link.Content == "own" ? "own HTML" : link.Content)} · {Numerals.Count(link.Position)}" : Numerals.Count(link.Position);
}
