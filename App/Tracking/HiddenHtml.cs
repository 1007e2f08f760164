namespace ScoreTracking.Tracking;

/// <summary>Follows a document and knows what of it no reader sees: its head, and elements that are hidden, such as the words only for the line beside the subject.</summary>
internal sealed class HiddenHtml(string html)
{
    private static readonly HashSet<string> s_void = new(StringComparer.OrdinalIgnoreCase)
    {
        "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr",
    };

    // What may stand in a head; anything else ends it.
    private static readonly HashSet<string> s_head = new(StringComparer.OrdinalIgnoreCase) { "head", "title", "style", "script", "meta", "link", "base", "noscript", "template", "xml" };

    // Begins where a paragraph is left open, and ends it.
    private static readonly HashSet<string> s_blocks = new(StringComparer.OrdinalIgnoreCase)
    {
        "address", "article", "aside", "blockquote", "div", "dl", "fieldset", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "main", "nav", "ol", "p", "pre", "section", "table", "ul",
    };

    private string _element = "";
    private int _depth;

    public bool Hides => _depth > 0;

    public void Start(HtmlScanner tag)
    {
        if (_depth > 0 && (_element == "head" ? !s_head.Contains(tag.Name) : _element == "p" && s_blocks.Contains(tag.Name)))
        {
            _depth = 0;
        }

        if (_depth > 0)
        {
            _depth += tag.Is(_element) ? 1 : 0;
        }
        else if (!s_void.Contains(tag.Name) && IsHidden(tag))
        {
            (_element, _depth) = (tag.Name.ToLowerInvariant(), 1);
        }
    }

    public void End(HtmlScanner tag)
    {
        if (_depth > 0 && tag.Is(_element))
        {
            _depth--;
        }
    }

    private bool IsHidden(HtmlScanner tag)
    {
        if (tag.Is("head") || tag.Is("template") || tag.Is("datalist") || tag.Attribute("hidden") is not null)
        {
            return true;
        }

        if (tag.Attribute("style") is not { } style)
        {
            return false;
        }

        var (flat, cut) = (false, false);
        foreach (var declaration in HtmlText.Decode(html.AsSpan(style.ValueStart, style.ValueEnd - style.ValueStart), inAttribute: true).ToLowerInvariant().Split(';'))
        {
            if (declaration.Split(':') is [var name, var value])
            {
                value = value.Replace("!important", "", StringComparison.Ordinal).Trim();
                switch (name.Trim())
                {
                    case "display" when value == "none":
                    case "visibility" when value == "hidden":
                    case "opacity" when value == "0":
                        return true;
                    case "max-height" or "height":
                        flat |= value is "0" or "0px";
                        break;
                    case "overflow":
                        cut |= value == "hidden";
                        break;
                    default:
                        break;
                }
            }
        }

        return flat && cut;
    }
}
