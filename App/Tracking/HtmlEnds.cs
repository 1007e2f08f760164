namespace ScoreTracking.Tracking;

/// <summary>Finds where constructs of HTML end, before <paramref name="end"/>; -1 where they are never closed.</summary>
internal sealed class HtmlEnds(string html, int end)
{
    /// <summary>Whether this text stands there, in any letter case.</summary>
    public bool Has(int at, string text) => at + text.Length <= end && html.AsSpan(at, text.Length).Equals(text, StringComparison.OrdinalIgnoreCase);

    /// <summary>Behind the next occurrence.</summary>
    public int After(string text, int from)
    {
        var found = from > end ? -1 : html.IndexOf(text, from, end - from, StringComparison.Ordinal);
        return found < 0 ? -1 : found + text.Length;
    }

    /// <summary>Behind a comment whose "&lt;!--" ends at <paramref name="from"/>. "&lt;!--&gt;" and "&lt;!---&gt;" are whole comments, and "--!&gt;" ends one too.</summary>
    public int OfComment(int from)
    {
        if (Has(from, ">") || Has(from, "->"))
        {
            return from + (html[from] == '>' ? 1 : 2);
        }

        while (from < end)
        {
            var dashes = html.IndexOf("--", from, end - from, StringComparison.Ordinal);
            if (dashes < 0)
            {
                break;
            }

            if (Has(dashes + 2, ">") || Has(dashes + 2, "!>"))
            {
                return dashes + (html[dashes + 2] == '>' ? 3 : 4);
            }

            from = dashes + 1;
        }

        return -1;
    }

    /// <summary>Before the closing tag of an element that holds only text.</summary>
    public int OfElement(string name, int from)
    {
        while (from < end)
        {
            var found = html.IndexOf("</", from, end - from, StringComparison.Ordinal);
            if (found < 0 || IsTagNamed(found + 2, name))
            {
                return found;
            }

            from = found + 2;
        }

        return -1;
    }

    /// <summary>Before the closing tag of a script. Behind "&lt;!--" it may hold a second script whose closing tag is not its own: the standard's "escaped" states.</summary>
    public int OfScript(int from)
    {
        var escaped = false;
        var nested = false;
        for (var at = from; at < end; at++)
        {
            if (escaped && Has(at, "-->"))
            {
                escaped = nested = false;
            }
            else if (html[at] == '<' && Has(at, "<!--") && !escaped)
            {
                escaped = true;
                at++;
            }
            else if (html[at] == '<' && Has(at, "</") && IsTagNamed(at + 2, "script"))
            {
                if (!nested)
                {
                    return at;
                }

                nested = false;
            }
            else if (html[at] == '<' && escaped && IsTagNamed(at + 1, "script"))
            {
                nested = true;
            }
        }

        return -1;
    }

    private bool IsTagNamed(int at, string name) =>
        Has(at, name) && at + name.Length < end && (HtmlScanner.IsSpace(html[at + name.Length]) || html[at + name.Length] is '/' or '>');
}
