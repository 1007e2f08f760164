namespace ScoreTracking.Tracking;

/// <summary>Which addresses in a content are tracked, which are the recipient's unsubscribe link, and which must not be there.</summary>
/// <param name="fieldsOnly">Conditions are another tool's tokens.</param>
internal sealed class LinkAddress(RewriteOptions options, bool fieldsOnly)
{
    private static readonly string[] OwnPaths = ["/api/track/", "/o/", "/c/", "/u/"];

    private readonly HashSet<string> _ownHosts = options.OwnHosts
        .Select(host => Destination.TryCanonicalise("http://" + host, out var url, out _) ? Authority(url) : host)
        .ToHashSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>An attribute's value as browsers read a URL: entities decoded, tabs and line breaks dropped, ends trimmed.</summary>
    public static string Read(ReadOnlySpan<char> source)
    {
        var url = HtmlText.Decode(source, inAttribute: true);
        if (url.AsSpan().ContainsAny('\t', '\r', '\n'))
        {
            url = url.Replace("\t", "", StringComparison.Ordinal).Replace("\r", "", StringComparison.Ordinal).Replace("\n", "", StringComparison.Ordinal);
        }

        var start = 0;
        var end = url.Length;
        while (start < end && url[start] <= ' ')
        {
            start++;
        }

        while (end > start && url[end - 1] <= ' ')
        {
            end--;
        }

        return url[start..end];
    }

    /// <summary>Whether the whole address is our unsubscribe field. Editors that insist on a scheme turn it into http://{{unsubscribe_url}}.</summary>
    public static bool IsUnsubscribe(string url)
    {
        var start = url.StartsWith("https://", StringComparison.OrdinalIgnoreCase) ? 8
            : url.StartsWith("http://", StringComparison.OrdinalIgnoreCase) ? 7 : 0;
        return MergeTag.TryReadAt(url, start, url.Length, html: false, out var field)
            && field is { Kind: MergeTagKind.Field, Name: MergeField.UnsubscribeUrl }
            && url.AsSpan(field.End) is "" or "/";
    }

    /// <summary>Whether a condition decides which host an address leads to, or whether it leads to one.</summary>
    public static bool BeginsWithCondition(string url)
    {
        var at = 0;
        MergeTag tag;
        while (MergeTag.TryFind(url, at, url.Length, html: false, out tag) && tag.Kind != MergeTagKind.If)
        {
            at = tag.End;
        }

        var before = tag.Kind == MergeTagKind.If ? url[..tag.Start] : "#";
        return before.Length == 0 || (before.StartsWith("http", StringComparison.OrdinalIgnoreCase) && Destination.EndsInHost(before));
    }

    /// <summary>The canonical URL where the address is one we track.</summary>
    /// <exception cref="MailTemplateException">It leads to our own tracking paths.</exception>
    public bool TryTrack(string url, out string canonical)
    {
        canonical = "";
        if (url.Length > Destination.MaxLength || ForeignTokens.In(url, fieldsOnly) || CarriesUnsubscribe(url) || !Destination.TryCanonicaliseTemplate(url, out canonical, out _))
        {
            return false;
        }

        if (IsOwnPath(canonical))
        {
            var shown = canonical.Length > 100 ? canonical[..100] + "…" : canonical;
            throw new MailTemplateException($"has a link to this server's own tracking address, {shown}: use the page it leads to");
        }

        return options.TrackClicks;
    }

    /// <summary>Why <see cref="TryTrack"/> left an address alone.</summary>
    public LinkLeftAlone WhyNot(string url) =>
        CarriesUnsubscribe(url) ? LinkLeftAlone.Unsubscribe
        : ForeignTokens.In(url, fieldsOnly) ? LinkLeftAlone.OtherTool
        : LinkLeftAlone.NotWeb;

    private static bool CarriesUnsubscribe(string url)
    {
        for (var from = 0; MergeTag.TryFind(url, from, url.Length, html: false, out var field); from = field.End)
        {
            if (field is { Kind: MergeTagKind.Field or MergeTagKind.If, Name: MergeField.UnsubscribeUrl })
            {
                return true;
            }
        }

        return false;
    }

    private static string Authority(string canonical)
    {
        var start = canonical.IndexOf("://", StringComparison.Ordinal) + 3;
        var end = canonical.AsSpan(start).IndexOfAny("/?#");
        return end < 0 ? canonical[start..] : canonical.Substring(start, end);
    }

    // Compared as a server would read it: dots resolved, escapes decoded, letter case ignored.
    private bool IsOwnPath(string canonical)
    {
        var authority = Authority(canonical);
        var port = authority.LastIndexOf(':');
        var host = port > authority.LastIndexOf(']') ? authority[..port] : authority;
        if (!_ownHosts.Contains(authority) && !_ownHosts.Contains(host))
        {
            return false;
        }

        var path = Uri.TryCreate(canonical, UriKind.Absolute, out var uri) ? Uri.UnescapeDataString(uri.AbsolutePath) : canonical;
        return OwnPaths.Any(own => path.StartsWith(own, StringComparison.OrdinalIgnoreCase));
    }
}
