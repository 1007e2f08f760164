using System.Text;

namespace ScoreTracking.Tracking;

/// <summary>The links of a plain text while it is made from HTML: what their words are, and whether their address need be told.</summary>
/// <param name="positions">Of tracked links, by where their address begins in the HTML.</param>
/// <param name="fieldsOnly">Conditions stay as written.</param>
internal sealed class PlainTextLinks(string html, IReadOnlyDictionary<int, int> positions, bool fieldsOnly)
{
    private readonly StringBuilder _words = new();
    private readonly HashSet<string> _told = new(StringComparer.Ordinal);
    private readonly List<(string Url, PlainLinkPart Part)> _bare = [];
    private PlainLinkPart? _open;
    private string _url = "";
    private bool _hasFields;

    /// <summary>A link begins, unless it leads nowhere a reader of text could go.</summary>
    public void Open(in HtmlAttribute href)
    {
        _words.Clear();
        _hasFields = false;
        _url = LinkAddress.Read(html.AsSpan(href.ValueStart, href.ValueEnd - href.ValueStart));
        _open = Address(_url) is { } address ? new PlainLinkPart(positions.GetValueOrDefault(href.ValueStart), address) : null;
    }

    public void Word(string text)
    {
        if (_open is not null)
        {
            _words.Append(text);
        }
    }

    public void Field() => _hasFields = true;

    /// <summary>The link ends.</summary>
    /// <returns>What is written behind its words, or null.</returns>
    public PlainLinkPart? Close()
    {
        if (_open is not { } link)
        {
            return null;
        }

        _open = null;
        var words = _words.ToString().Trim();
        link.SaysAddress = !_hasFields && words.Length > 0 && Bare(words) == Bare(_url);
        link.IsBare = !_hasFields && words.Length == 0;
        if (link.IsBare)
        {
            _bare.Add((_url, link));
        }
        else
        {
            _told.Add(_url);
        }

        return link;
    }

    /// <summary>Pictures that lead where words lead, too, need not be told of. To be called at the end.</summary>
    public void Finish()
    {
        foreach (var (url, part) in _bare)
        {
            part.IsSilent = !_told.Add(url);
        }
    }

    private static string Bare(string url)
    {
        var start = url.IndexOf("://", StringComparison.Ordinal);
        var bare = start >= 0 ? url[(start + 3)..] : url.StartsWith("mailto:", StringComparison.OrdinalIgnoreCase) ? url["mailto:".Length..] : url;
        return bare.TrimEnd('/').ToLowerInvariant();
    }

    // Null where it leads nowhere: an anchor, a relative address, a script.
    private List<MailPart>? Address(string url)
    {
        var scheme = url.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon ? url[..colon].ToLowerInvariant() : "";
        if (LinkAddress.IsUnsubscribe(url))
        {
            return Parts($"{{{{{MergeField.UnsubscribeUrl}}}}}");
        }

        return scheme switch
        {
            "http" or "https" or "ftp" => Parts(url),
            "mailto" => Parts(Uri.UnescapeDataString(url["mailto:".Length..].Split('?')[0])),
            "tel" or "sms" => Parts(url[(scheme.Length + 1)..]),
            _ => url.StartsWith("{{", StringComparison.Ordinal) || ForeignTokens.In(url, fieldsOnly) ? Parts(url) : null,
        };
    }

    private List<MailPart> Parts(string url)
    {
        try
        {
            return Parts(url, fieldsOnly);
        }
        catch (MergeFaultException)
        {
            return Parts(url, fieldsOnly: true);
        }
    }

    private static List<MailPart> Parts(string url, bool fieldsOnly)
    {
        var spelling = new AddressSpelling();
        return MergeParts.Read(
            url, 0, url.Length, html: false, fieldsOnly,
            (start, end) =>
            {
                spelling.Literal(url.AsSpan(start, end - start));

                // Where the address ends must be seen.
                return new LiteralPart(url[start..end].Replace(" ", "%20", StringComparison.Ordinal));
            },
            field => new FieldPart(field, url[field.Start..field.End], spelling.Field(field), place: null),
            tag => spelling.Block(tag.Kind));
    }
}
