namespace ScoreTracking.Tracking;

/// <summary>Reads a content once and notes what is written in place of what.</summary>
/// <param name="fieldsOnly">Conditions, and what is wrong with them, stay as written.</param>
internal sealed class MailCompiler(string html, RewriteOptions options, bool fieldsOnly)
{
    /// <summary>A link's position has 16 bits in its tracking id.</summary>
    private const int MaxLinks = ushort.MaxValue;

    // Attributes whose value is a URL, where a field's value must not bring slashes, queries or a scheme.
    private static readonly HashSet<string> UrlAttributes = new(StringComparer.OrdinalIgnoreCase)
    {
        "href", "src", "action", "formaction", "background", "cite", "data", "longdesc", "poster", "srcset", "xlink:href",
    };

    private readonly LinkAddress _addresses = new(options, fieldsOnly);
    private readonly List<Edit> _edits = [];
    private readonly List<TemplateLink> _links = [];
    private readonly Dictionary<int, int> _positions = [];
    private readonly List<UntrackedLink> _untracked = [];
    private readonly MailPlaces _places = new(html);
    private readonly MergeBlocks _blocks = new();

    public MailTemplate Compile(string preheader)
    {
        Read(0, html.Length, HtmlPlace.Ordinary);
        _blocks.Finish();

        // Insertions come first: the sort is stable, so they stay before a field at the same offset. Never into a condition: all recipients get them.
        var edits = new List<Edit>();
        var condition = _blocks.Whole.FirstOrDefault(whole => whole.Start < _places.Preheader && _places.Preheader < whole.End);
        var begin = Math.Max(condition.End, _places.Preheader);
        if (!string.IsNullOrWhiteSpace(preheader))
        {
            edits.Add(new Edit(begin, begin, Preheader.Parts(preheader)));
        }

        condition = _blocks.Whole.FirstOrDefault(whole => whole.Start < _places.Pixel && _places.Pixel < whole.End);
        var end = condition.End > 0 ? condition.Start : _places.Pixel;
        if (options.TrackOpens)
        {
            edits.Add(new Edit(end, end, [new PixelPart()]));
        }

        if (options.TrackClicks)
        {
            edits.Add(new Edit(end, end, [new HoneypotPart()]));
        }

        edits.AddRange(_edits);
        return new MailTemplate(Join(edits.OrderBy(edit => edit.Start)), _links, _untracked, html.Length, () => new PlainTextCompiler(html, _positions, fieldsOnly).Compile());
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
                    ReadText(scanner.Start, scanner.End, label, place);
                    break;
                case HtmlToken.StartTag:
                    ReadTag(scanner, label, place);
                    break;
                case HtmlToken.EndTag:
                    label.Tag(scanner);
                    break;
                case HtmlToken.Comment when place == HtmlPlace.Ordinary && !scanner.Unfinished && ConditionalContent(scanner) is { } content:
                    // HTML knows no comment in a comment, so this goes one level deep, whatever the input.
                    var outside = _blocks.Enter();
                    Read(content, scanner.End - "-->".Length, HtmlPlace.Comment);
                    _blocks.Leave(outside);
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

    private void ReadText(int start, int end, LinkLabel label, HtmlPlace place)
    {
        var from = start;
        for (var at = start; MergeTag.TryFind(html, at, end, html: true, out var tag); at = tag.End)
        {
            if (tag.Kind == MergeTagKind.Field)
            {
                _edits.Add(new Edit(tag.Start, tag.End, [Field(tag, FieldSpelling.Text, place)]));
            }
            else if (!fieldsOnly && _blocks.Read(tag) is { } part)
            {
                _edits.Add(new Edit(tag.Start, tag.End, [part]));
                label.Text(html.AsSpan(from, tag.Start - from));
                from = tag.End;
            }
        }

        label.Text(html.AsSpan(from, end - from));
    }

    private void ReadTag(HtmlScanner tag, LinkLabel label, HtmlPlace place)
    {
        var href = tag.Is("a") || tag.Is("area") || tag.Name.StartsWith("v:", StringComparison.OrdinalIgnoreCase) ? tag.Attribute("href") : null;
        var position = 0;
        foreach (var attribute in tag.Attributes)
        {
            RefuseConditionAmong(attribute);
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

    // <td {{#if wide}}width="600"{{/if}}>: attributes come and go only with their tag.
    private void RefuseConditionAmong(in HtmlAttribute attribute)
    {
        var name = html.AsSpan(attribute.NameStart, attribute.NameEnd - attribute.NameStart);
        var braces = fieldsOnly ? -1 : name.IndexOf("{{");
        if (braces >= 0 && name[braces..] is var tag && (tag.StartsWith("{{#if") || tag.StartsWith("{{else}}") || name.Contains("{{/if}}", StringComparison.Ordinal)))
        {
            throw new MergeFaultException(attribute.NameStart + braces, "a condition inside a tag works in the value of an attribute only: put it into the quotes, or around the whole tag");
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
            Add(href.ValueStart, href.ValueEnd, [new FieldPart(new MergeTag(MergeTagKind.Field, 0, 0, MergeField.UnsubscribeUrl), written, FieldSpelling.WholeUrl, at)], at);
            return 0;
        }

        var marked = tag.Attribute("data-st-notrack") is not null;
        if (!_addresses.TryTrack(url, out var canonical) || marked)
        {
            if (marked || canonical.Length == 0)
            {
                if (!marked && !fieldsOnly && LinkAddress.BeginsWithCondition(url))
                {
                    throw new MergeFaultException(href.ValueStart, "a condition decides where this link begins, so it could not be tracked: put {{#if}} around the whole link, or behind the host");
                }

                _untracked.Add(new UntrackedLink(url, marked ? LinkLeftAlone.Marked : _addresses.WhyNot(url)));
            }

            ReadAttribute(href, place);
            return 0;
        }

        if (_links.Count == MaxLinks)
        {
            throw new MailTemplateException("has more than 65,535 links");
        }

        var asWritten = AddressParts(href, at) ?? [];
        _links.Add(new TemplateLink(_links.Count + 1, canonical, ""));
        _positions[href.ValueStart] = _links.Count;
        Add(href.ValueStart, href.ValueEnd, [new LinkPart(_links.Count, at, asWritten)], at);
        return _links.Count;
    }

    private void ReadAttribute(HtmlAttribute attribute, HtmlPlace place)
    {
        // Scripts (onclick, javascript:) have no escaping that would hold a value; they stay as written.
        var name = html[attribute.NameStart..attribute.NameEnd];
        if (name.StartsWith("on", StringComparison.OrdinalIgnoreCase) || !MergeTag.TryFind(html, attribute.ValueStart, attribute.ValueEnd, html: true, out _))
        {
            return;
        }

        var at = PlaceOf(attribute, place);
        var parts = UrlAttributes.Contains(name)
            ? AddressParts(attribute, at)
            : MergeParts.Read(html, attribute.ValueStart, attribute.ValueEnd, html: true, fieldsOnly, Literal, field => Field(field, FieldSpelling.Text, at));
        if (parts is not null)
        {
            Add(attribute.ValueStart, attribute.ValueEnd, parts, at);
        }
    }

    /// <summary>The value of an attribute that is an address; null where it is a script.</summary>
    private List<MailPart>? AddressParts(HtmlAttribute attribute, HtmlPlace place)
    {
        var spelling = new AddressSpelling();
        var script = false;
        var parts = MergeParts.Read(
            html, attribute.ValueStart, attribute.ValueEnd, html: true, fieldsOnly,
            (start, end) =>
            {
                spelling.Literal(html.AsSpan(start, end - start));
                return Literal(start, end);
            },
            field =>
            {
                script |= spelling.IsScript;
                return Field(field, spelling.Field(field), place);
            },
            tag =>
            {
                script |= spelling.IsScript;
                spelling.Block(tag.Kind);
            });
        return script ? null : parts;
    }

    private static HtmlPlace PlaceOf(HtmlAttribute attribute, HtmlPlace place) => attribute.Quote == '\0' ? place | HtmlPlace.Unquoted : place;

    private void Add(int start, int end, IReadOnlyList<MailPart> parts, HtmlPlace place) =>
        _edits.Add(new Edit(start, end, [new ValuePart(parts, mayBeEmpty: !place.HasFlag(HtmlPlace.Unquoted))]));

    private LiteralPart Literal(int start, int end) => new(html, start, end);

    private FieldPart Field(MergeTag field, FieldSpelling spelling, HtmlPlace place) => new(field, html[field.Start..field.End], spelling, place);

    private readonly record struct Edit(int Start, int End, IReadOnlyList<MailPart> Parts);
}
