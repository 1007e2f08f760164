namespace ScoreTracking.Tracking;

/// <summary>What a piece of HTML is to a mail client.</summary>
internal enum HtmlToken
{
    /// <summary>Text a reader sees; also the content of title and textarea.</summary>
    Text,

    /// <summary>Content of script, style and the like: no markup, no entities.</summary>
    RawText,
    StartTag,
    EndTag,

    /// <summary><c>&lt;!-- … --&gt;</c>.</summary>
    Comment,

    /// <summary>Doctype, processing instruction, CDATA and <c>&lt;![if …]&gt;</c>: skipped by every HTML parser.</summary>
    Declaration,
}

/// <summary>An attribute by its place in the source. Quote is '"', '\'', or '\0' for an unquoted or missing value.</summary>
internal readonly record struct HtmlAttribute(int NameStart, int NameEnd, int ValueStart, int ValueEnd, char Quote);

/// <summary>
/// Splits HTML into tokens with their exact offsets, by the tokenizing rules of the HTML standard, in one pass and linear time,
/// whatever the input. It builds no tree: mail is edited in place, so only positions matter.
/// </summary>
internal sealed class HtmlScanner(string html, int start, int end)
{
    private readonly HtmlEnds _ends = new(html, end);
    private int _next = start;
    private int _foreignDepth;

    public HtmlToken Token { get; private set; }
    public int Start { get; private set; }
    public int End { get; private set; }

    /// <summary>The tag's name as written; of text and raw text, the element it stands in, "" outside of special ones.</summary>
    public string Name { get; private set; } = "";
    public List<HtmlAttribute> Attributes { get; } = [];

    /// <summary>Whether the token runs to the end without being closed: what is appended behind it would be swallowed.</summary>
    public bool Unfinished { get; private set; }

    public bool SelfClosing { get; private set; }

    /// <summary>Steps to the next token; false at the end.</summary>
    public bool Read()
    {
        Start = _next;
        Unfinished = false;
        if (Token == HtmlToken.StartTag && ReadContentOfSpecialElement())
        {
            return true;
        }

        Name = "";
        if (Start >= end)
        {
            return false;
        }

        if (!ReadMarkup())
        {
            Token = HtmlToken.Text;
            End = EndOfText(Start + 1);
        }

        _next = End;
        return true;
    }

    /// <summary>The first attribute of that name: HTML ignores repetitions.</summary>
    public HtmlAttribute? Attribute(string name)
    {
        foreach (var attribute in Attributes)
        {
            if (html.AsSpan(attribute.NameStart, attribute.NameEnd - attribute.NameStart).Equals(name, StringComparison.OrdinalIgnoreCase))
            {
                return attribute;
            }
        }

        return null;
    }

    public bool Is(string name) => Name.Equals(name, StringComparison.OrdinalIgnoreCase);

    internal static bool IsSpace(char c) => c is ' ' or '\t' or '\n' or '\r' or '\f';

    private bool IsMarkupAt(int at) => at + 1 < end && html[at] == '<'
        && (char.IsAsciiLetter(html[at + 1]) || html[at + 1] is '!' or '?' || (html[at + 1] == '/' && at + 2 < end));

    private int EndOfText(int from)
    {
        while (from < end)
        {
            var found = html.IndexOf('<', from, end - from);
            if (found < 0 || IsMarkupAt(found))
            {
                return found < 0 ? end : found;
            }

            from = found + 1;
        }

        return end;
    }

    private bool ReadMarkup()
    {
        if (!IsMarkupAt(Start))
        {
            return false;
        }

        var second = html[Start + 1];
        if (char.IsAsciiLetter(second) || (second == '/' && char.IsAsciiLetter(html[Start + 2])))
        {
            ReadTag(second == '/');
        }
        else if (_ends.Has(Start, "<!--"))
        {
            Token = HtmlToken.Comment;
            End = Found(_ends.OfComment(Start + 4));
        }
        else if (_foreignDepth > 0 && _ends.Has(Start, "<![CDATA["))
        {
            Token = HtmlToken.Declaration;
            End = Found(_ends.After("]]>", Start + 9));
        }
        else
        {
            Token = HtmlToken.Declaration;
            End = Found(_ends.After(">", Start + 2));
        }

        return true;
    }

    private int Found(int found)
    {
        Unfinished = found < 0;
        return Unfinished ? end : found;
    }

    private void ReadTag(bool closing)
    {
        Token = closing ? HtmlToken.EndTag : HtmlToken.StartTag;
        Attributes.Clear();
        var nameStart = Start + (closing ? 2 : 1);
        var at = nameStart;
        while (at < end && !IsSpace(html[at]) && html[at] is not ('/' or '>'))
        {
            at++;
        }

        Name = html[nameStart..at];
        ReadAttributes(at);
        if (Unfinished)
        {
            // A tag cut off by the end of the document is no tag.
            Token = HtmlToken.Declaration;
        }
        else if (Is("svg") || Is("math"))
        {
            _foreignDepth = closing ? Math.Max(0, _foreignDepth - 1) : _foreignDepth + (SelfClosing ? 0 : 1);
        }
    }

    private void ReadAttributes(int at)
    {
        SelfClosing = false;
        while (at < end)
        {
            if (html[at] == '>')
            {
                End = at + 1;
                return;
            }

            SelfClosing = html[at] == '/';
            at = SelfClosing || IsSpace(html[at]) ? at + 1 : ReadAttribute(at);
        }

        Unfinished = true;
        End = end;
    }

    private int ReadAttribute(int nameStart)
    {
        // A leading "=" belongs to the name.
        var at = nameStart + 1;
        while (at < end && !IsSpace(html[at]) && html[at] is not ('/' or '>' or '='))
        {
            at++;
        }

        var nameEnd = at;
        var equals = SkipSpaces(at);
        if (equals >= end || html[equals] != '=')
        {
            Attributes.Add(new HtmlAttribute(nameStart, nameEnd, nameEnd, nameEnd, '\0'));
            return equals;
        }

        var valueStart = SkipSpaces(equals + 1);
        if (valueStart < end && html[valueStart] is '"' or '\'')
        {
            var quote = html[valueStart++];
            var close = CloseOf(quote, valueStart);
            if (close < 0)
            {
                return end;
            }

            Attributes.Add(new HtmlAttribute(nameStart, nameEnd, valueStart, close, quote));
            return close + 1;
        }

        var valueEnd = valueStart;
        while (valueEnd < end && !IsSpace(html[valueEnd]) && html[valueEnd] != '>')
        {
            // href={{ url }}: the spaces are the field's, since it is filled before any mail client reads it.
            valueEnd = MergeTag.TryReadAt(html, valueEnd, end, html: true, out var field) ? field.End : valueEnd + 1;
        }

        Attributes.Add(new HtmlAttribute(nameStart, nameEnd, valueStart, valueEnd, '\0'));
        return valueEnd;
    }

    // title="{{name|default:"there"}}": the inner quotes are the field's, for the same reason.
    private int CloseOf(char quote, int from)
    {
        while (true)
        {
            var close = html.IndexOf(quote, from, end - from);
            var open = close < 0 ? -1 : html.AsSpan(from, close - from).LastIndexOf("{{");
            if (open < 0 || !MergeTag.TryReadAt(html, from + open, end, html: true, out var field) || field.End <= close)
            {
                return close;
            }

            from = field.End;
        }
    }

    private int SkipSpaces(int at)
    {
        while (at < end && IsSpace(html[at]))
        {
            at++;
        }

        return at;
    }

    private bool ReadContentOfSpecialElement()
    {
        if (_foreignDepth > 0 && SelfClosing)
        {
            return false;
        }

        HtmlToken? content = Name.ToLowerInvariant() switch
        {
            "script" or "style" or "xmp" or "iframe" or "noembed" or "noframes" or "plaintext" => HtmlToken.RawText,
            "title" or "textarea" when _foreignDepth == 0 => HtmlToken.Text,
            _ => null,
        };
        if (content is not { } token)
        {
            return false;
        }

        Token = token;
        End = Found(Is("script") ? _ends.OfScript(Start) : Is("plaintext") ? -1 : _ends.OfElement(Name, Start));
        _next = End;
        return End > Start || Unfinished;
    }
}
