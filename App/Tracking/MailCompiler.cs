namespace ScoreTracking.Tracking;

/// <summary>Reads a content once and notes what is written in place of what.</summary>
internal sealed class MailCompiler(string html, RewriteOptions options)
{
    /// <summary>A link's position has 16 bits in its tracking id.</summary>
    private const int MaxLinks = ushort.MaxValue;

    // Attributes whose value is a URL, where a field's value must not bring slashes, queries or a scheme.
    private static readonly HashSet<string> UrlAttributes = new(StringComparer.OrdinalIgnoreCase)
    {
        "href", "src", "action", "formaction", "background", "cite", "data", "longdesc", "poster", "srcset", "xlink:href",
    };

    private readonly LinkAddress _addresses = new(options);
    private readonly List<Edit> _edits = [];
    private readonly List<TemplateLink> _links = [];
    private readonly List<UntrackedLink> _untracked = [];
    private readonly MailPlaces _places = new(html);

    public MailTemplate Compile(string preheader)
    {
        Read(0, html.Length, HtmlPlace.Ordinary);

        // Insertions come first: the sort is stable, so they stay before a field at the same offset.
        var edits = new List<Edit>();
        if (!string.IsNullOrWhiteSpace(preheader))
        {
            edits.Add(new Edit(_places.Preheader, _places.Preheader, Preheader.Parts(preheader)));
        }

        if (options.TrackOpens)
        {
            edits.Add(new Edit(_places.Pixel, _places.Pixel, [new PixelPart()]));
        }

        if (options.TrackClicks)
        {
            edits.Add(new Edit(_places.Pixel, _places.Pixel, [new HoneypotPart()]));
        }

        edits.AddRange(_edits);
        return new MailTemplate(Join(edits.OrderBy(edit => edit.Start)), _links, _untracked, html.Length);
    }

    private MailPart[] Join(IEnumerable<Edit> edits)
    {
        var parts = new List<MailPart>();
        var from = 0;
        foreach (var edit in edits)
        {
            parts.Add(new LiteralPart(html, from, edit.Start));
            parts.AddRange(edit.Parts);
            from = edit.End;
        }

        parts.Add(new LiteralPart(html, from, html.Length));
        return [.. parts];
    }

    private void Read(int start, int end, HtmlPlace place)
    {
        var scanner = new HtmlScanner(html, start, end);
        var label = new LinkLabel(html);
        while (scanner.Read())
        {
            if (place == HtmlPlace.Ordinary)
            {
                _places.Note(scanner);
            }

            switch (scanner.Token)
            {
                case HtmlToken.Text:
                    label.Text(html.AsSpan(scanner.Start, scanner.End - scanner.Start));
                    AddIfFilled(scanner.Start, scanner.End, FieldSpelling.Text, place);
                    break;
                case HtmlToken.StartTag:
                    ReadTag(scanner, label, place);
                    break;
                case HtmlToken.EndTag:
                    label.Tag(scanner);
                    break;
                case HtmlToken.Comment when place == HtmlPlace.Ordinary && !scanner.Unfinished && ConditionalContent(scanner) is { } content:
                    // HTML knows no comment in a comment, so this goes one level deep, whatever the input.
                    Read(content, scanner.End - "-->".Length, HtmlPlace.Comment);
                    break;
                case HtmlToken.RawText or HtmlToken.Comment or HtmlToken.Declaration:
                    break;
            }
        }

        label.Close();
        foreach (var (position, text) in label.Labels)
        {
            _links[position - 1] = _links[position - 1] with { Label = text };
        }
    }

    // "<!--[if mso]>" with no space before the bracket is what Outlook reads; what follows the first "]>" is its content.
    private int? ConditionalContent(HtmlScanner comment)
    {
        var source = html.AsSpan(comment.Start, comment.End - comment.Start);
        var bracket = source.StartsWith("<!--[if", StringComparison.OrdinalIgnoreCase) ? source.IndexOf("]>") : -1;
        return bracket < 0 || bracket + 2 > source.Length - 3 ? null : comment.Start + bracket + 2;
    }

    private void ReadTag(HtmlScanner tag, LinkLabel label, HtmlPlace place)
    {
        var href = tag.Is("a") || tag.Is("area") || tag.Name.StartsWith("v:", StringComparison.OrdinalIgnoreCase) ? tag.Attribute("href") : null;
        var position = 0;
        foreach (var attribute in tag.Attributes)
        {
            if (attribute == href)
            {
                position = ReadHref(tag, attribute, place);
            }
            else
            {
                ReadAttribute(attribute, place);
            }
        }

        if (href is not null || tag.Is("a"))
        {
            label.Open(position, tag);
        }
        else
        {
            label.Tag(tag);
        }
    }

    /// <summary>Returns the link's position, 0 when it is not tracked.</summary>
    private int ReadHref(HtmlScanner tag, HtmlAttribute href, HtmlPlace place)
    {
        var written = html[href.ValueStart..href.ValueEnd];
        var url = LinkAddress.Read(written);
        var at = PlaceOf(href, place);
        if (LinkAddress.IsUnsubscribe(url))
        {
            _untracked.Add(new UntrackedLink(url, LinkLeftAlone.Unsubscribe));
            Add(href.ValueStart, href.ValueEnd, [new FieldPart(MergeField.UnsubscribeUrl, written, FieldSpelling.WholeUrl, at)], at);
            return 0;
        }

        var marked = tag.Attribute("data-st-notrack") is not null;
        if (!_addresses.TryTrack(url, out var canonical) || marked)
        {
            if (marked || canonical.Length == 0)
            {
                _untracked.Add(new UntrackedLink(url, marked ? LinkLeftAlone.Marked : LinkAddress.WhyNot(url)));
            }

            ReadAttribute(href, place);
            return 0;
        }

        if (_links.Count == MaxLinks)
        {
            throw new MailTemplateException("has more than 65,535 links");
        }

        _links.Add(new TemplateLink(_links.Count + 1, canonical, ""));
        Add(href.ValueStart, href.ValueEnd, [new LinkPart(_links.Count, at, Parts(href.ValueStart, href.ValueEnd, FieldSpelling.UrlPart, at))], at);
        return _links.Count;
    }

    private void ReadAttribute(HtmlAttribute attribute, HtmlPlace place)
    {
        if (!MergeField.TryFind(html, attribute.ValueStart, attribute.ValueEnd, out var first))
        {
            return;
        }

        var name = html[attribute.NameStart..attribute.NameEnd];
        var spelling = UrlAttributes.Contains(name) ? SpellingBehind(LinkAddress.Read(html.AsSpan(attribute.ValueStart, first.Start - attribute.ValueStart))) : FieldSpelling.Text;

        // Scripts (onclick, javascript:) have no escaping that would hold a value; they stay as written.
        if (spelling is { } known && !name.StartsWith("on", StringComparison.OrdinalIgnoreCase))
        {
            AddIfFilled(attribute.ValueStart, attribute.ValueEnd, known, PlaceOf(attribute, place));
        }
    }

    private static FieldSpelling? SpellingBehind(string beginning)
    {
        var end = beginning.AsSpan().IndexOfAny(":/?#");
        var scheme = end >= 0 && beginning[end] == ':' ? beginning[..end].ToLowerInvariant() : null;
        return scheme switch
        {
            null => beginning.Length == 0 ? FieldSpelling.WholeUrl : FieldSpelling.UrlPart,
            "http" or "https" => FieldSpelling.UrlPart,
            "javascript" or "vbscript" or "data" => null,
            _ => FieldSpelling.AddressPart,
        };
    }

    private static HtmlPlace PlaceOf(HtmlAttribute attribute, HtmlPlace place) => attribute.Quote == '\0' ? place | HtmlPlace.Unquoted : place;

    private void AddIfFilled(int start, int end, FieldSpelling spelling, HtmlPlace place)
    {
        if (MergeField.TryFind(html, start, end, out _))
        {
            Add(start, end, Parts(start, end, spelling, place), place);
        }
    }

    private void Add(int start, int end, IReadOnlyList<MailPart> parts, HtmlPlace place) =>
        _edits.Add(new Edit(start, end, place.HasFlag(HtmlPlace.Unquoted) ? [new UnquotedPart(parts)] : parts));

    private List<MailPart> Parts(int start, int end, FieldSpelling spelling, HtmlPlace place)
    {
        var parts = new List<MailPart>();
        while (MergeField.TryFind(html, start, end, out var field))
        {
            parts.Add(new LiteralPart(html, start, field.Start));
            parts.Add(new FieldPart(field.Name, html[field.Start..field.End], spelling, place));
            spelling = spelling == FieldSpelling.WholeUrl ? FieldSpelling.UrlPart : spelling;
            start = field.End;
        }

        parts.Add(new LiteralPart(html, start, end));
        return parts;
    }

    private readonly record struct Edit(int Start, int End, IReadOnlyList<MailPart> Parts);
}
