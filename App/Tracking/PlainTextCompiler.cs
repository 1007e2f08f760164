using System.Text;

namespace ScoreTracking.Tracking;

/// <summary>Makes the plain text of an HTML content: its words, with lists, quotations and the addresses of links, and merge fields and conditions as they stand in it.</summary>
/// <param name="positions">Of tracked links, by where their address begins in the HTML.</param>
/// <param name="fieldsOnly">As the HTML was compiled: conditions stay as written.</param>
internal sealed class PlainTextCompiler(string html, IReadOnlyDictionary<int, int> positions, bool fieldsOnly)
{
    private const string Rule = "----------------------------------------";

    private readonly List<MailPart> _parts = [];
    private readonly StringBuilder _text = new();
    private readonly MergeBlocks _blocks = new();
    private readonly HiddenHtml _hidden = new(html);
    private readonly PlainTextLinks _links = new(html, positions, fieldsOnly);
    private readonly PlainTextAhead _ahead = new();
    private int _lists;
    private int _pre;

    /// <summary>The parts, with <see cref="PlainTextMark"/>s between their words.</summary>
    public MailPart[] Compile()
    {
        var scanner = new HtmlScanner(html, 0, html.Length);
        while (scanner.Read())
        {
            switch (scanner.Token)
            {
                case HtmlToken.Text:
                    ReadText(scanner.Start, scanner.End, isShown: !_hidden.Hides && !scanner.Is("title"));
                    break;
                case HtmlToken.StartTag:
                    _hidden.Start(scanner);
                    if (!_hidden.Hides)
                    {
                        Start(scanner);
                    }

                    break;
                case HtmlToken.EndTag:
                    if (!_hidden.Hides)
                    {
                        End(scanner.Name.ToLowerInvariant());
                    }

                    _hidden.End(scanner);
                    break;
                case HtmlToken.RawText or HtmlToken.Comment or HtmlToken.Declaration:
                    break;
            }
        }

        CloseLink();
        Flush();
        _links.Finish();
        MailPart.Number(_parts);
        return [.. _parts];
    }

    private void ReadText(int start, int end, bool isShown)
    {
        var from = start;
        for (var at = start; MergeTag.TryFind(html, at, end, html: true, out var tag); at = tag.End)
        {
            var part = tag.Kind == MergeTagKind.Field ? Field(tag) : fieldsOnly ? null : _blocks.Read(tag);
            if (part is null)
            {
                continue;
            }

            Words(from, tag.Start, isShown);
            from = tag.End;
            if (tag.Kind != MergeTagKind.Field)
            {
                // Told of even where nobody sees it: its end may stand elsewhere.
                Add(part);
            }
            else if (isShown)
            {
                _links.Field();
                Add(part);
            }
        }

        Words(from, end, isShown);
    }

    private FieldPart Field(in MergeTag tag) => new(tag, HtmlText.Decode(html.AsSpan(tag.Start, tag.End - tag.Start), inAttribute: false), FieldSpelling.Text, place: null);

    private void Words(int start, int end, bool isShown)
    {
        if (isShown && end > start)
        {
            Words(HtmlText.Decode(html.AsSpan(start, end - start), inAttribute: false));
        }
    }

    private void Words(string text)
    {
        _links.Word(text);
        foreach (var c in text)
        {
            // Characters without width are for browsers: where to break a word, how to fill a line.
            if (c is '\u00AD' or '\u034F' or '\u200B' or '\uFEFF')
            {
                continue;
            }

            _text.Append(
                c == '\n' && _pre > 0 ? '\n'
                : c == ' ' && _pre > 0 ? PlainTextMark.Fixed
                : char.IsControl(c) || c is '\u2028' or '\u2029' ? ' '
                : c);
        }
    }

    private void Start(HtmlScanner tag)
    {
        var name = tag.Name.ToLowerInvariant();
        switch (name)
        {
            case "a" or "area":
                CloseLink();
                if (tag.Attribute("href") is { } href)
                {
                    _links.Open(href);
                }

                if (name == "area")
                {
                    Alternative(tag);
                    CloseLink();
                }

                break;
            case "img":
                Alternative(tag);
                break;
            case "br":
                _text.Append('\n');
                break;
            case "hr":
                _text.Append(PlainTextMark.Paragraph).Append(Rule).Append(PlainTextMark.Paragraph);
                break;
            case "ul" or "ol":
                _text.Append(_lists++ == 0 ? PlainTextMark.Paragraph : PlainTextMark.Line).Append(name == "ul" ? PlainTextMark.Bullets : PlainTextMark.Numbers);
                break;
            case "li":
                _text.Append(_lists > 0 ? PlainTextMark.Item : PlainTextMark.Line);
                break;
            case "blockquote":
                _text.Append(PlainTextMark.Paragraph).Append(PlainTextMark.Quote);
                break;
            case "pre":
                _pre++;
                _text.Append(PlainTextMark.Paragraph);
                break;
            default:
                Block(name);
                break;
        }
    }

    private void End(string name)
    {
        switch (name)
        {
            case "a":
                CloseLink();
                break;
            case "ul" or "ol" when _lists > 0:
                _text.Append(PlainTextMark.End).Append(--_lists == 0 ? PlainTextMark.Paragraph : PlainTextMark.Line);
                break;
            case "blockquote":
                _text.Append(PlainTextMark.End).Append(PlainTextMark.Paragraph);
                break;
            case "pre":
                _pre = Math.Max(0, _pre - 1);
                _text.Append(PlainTextMark.Paragraph);
                break;
            case "td" or "th":
                _text.Append(' ');
                break;
            default:
                Block(name);
                break;
        }
    }

    private void Block(string name)
    {
        if (name is "p" or "h1" or "h2" or "h3" or "h4" or "h5" or "h6" or "table" or "dl" or "figure")
        {
            _text.Append(PlainTextMark.Paragraph);
        }
        else if (name is "div" or "tr" or "section" or "article" or "header" or "footer" or "main" or "nav" or "aside" or "form" or "fieldset" or "legend"
            or "address" or "center" or "dt" or "dd" or "figcaption" or "caption" or "details" or "summary" or "body" or "option")
        {
            _text.Append(PlainTextMark.Line);
        }
    }

    // What a picture says to those who do not see it.
    private void Alternative(HtmlScanner tag)
    {
        if (tag.Attribute("alt") is not { } alt)
        {
            return;
        }

        var text = HtmlText.Decode(html.AsSpan(alt.ValueStart, alt.ValueEnd - alt.ValueStart), inAttribute: true);
        if (!MergeTag.TryFind(text, 0, text.Length, html: false, out _))
        {
            Words(text);
            return;
        }

        _links.Field();
        Add(new ValuePart(Parts(text), mayBeEmpty: true));
    }

    private List<MailPart> Parts(string text)
    {
        try
        {
            return Parts(text, fieldsOnly);
        }
        catch (MergeFaultException)
        {
            return Parts(text, fieldsOnly: true);
        }
    }

    private static List<MailPart> Parts(string text, bool fieldsOnly) => MergeParts.Read(
        text, 0, text.Length, html: false, fieldsOnly,
        (start, end) => new LiteralPart(text, start, end),
        field => new FieldPart(field, text[field.Start..field.End], FieldSpelling.Text, place: null));

    private void CloseLink()
    {
        if (_links.Close() is { } part)
        {
            Add(part);
        }
    }

    private void Add(MailPart part)
    {
        Flush();
        _parts.Add(part);
    }

    private void Flush()
    {
        if (_text.Length > 0)
        {
            _parts.Add(new LiteralPart(_ahead.Read(_text.ToString())));
            _text.Clear();
        }
    }
}
