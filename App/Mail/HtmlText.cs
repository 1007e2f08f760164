using System.Net;
using System.Text;

namespace ScoreTracking.Mail;

/// <summary>The words of an HTML mail, to search and to show: no tags, styles or scripts; blocks begin a line.</summary>
internal static class HtmlText
{
    private static readonly string[] s_blocks = ["br", "p", "div", "tr", "li", "h1", "h2", "h3", "h4", "table", "ul", "ol", "hr", "blockquote", "pre"];

    public static string Of(string html)
    {
        var text = new StringBuilder(html.Length);
        for (var position = 0; position < html.Length;)
        {
            var open = html.IndexOf('<', position);
            var close = open < 0 ? -1 : html.IndexOf('>', open);
            if (close < 0)
            {
                text.Append(html, position, html.Length - position);
                break;
            }

            text.Append(html, position, open - position);
            var tag = Name(html.AsSpan(open + 1, close - open - 1));
            if (s_blocks.Contains(tag))
            {
                text.Append('\n');
            }

            position = tag is "style" or "script" && html[open + 1] != '/' ? EndOf(html, close, tag) : close + 1;
        }

        return Tidy(WebUtility.HtmlDecode(text.ToString()));
    }

    private static int EndOf(string html, int from, string tag)
    {
        var end = html.IndexOf("</" + tag, from, StringComparison.OrdinalIgnoreCase);
        return end < 0 ? html.Length : end;
    }

    private static string Name(ReadOnlySpan<char> tag)
    {
        tag = tag.TrimStart('/');
        var length = 0;
        while (length < tag.Length && length < 12 && char.IsAsciiLetterOrDigit(tag[length]))
        {
            length++;
        }

        return tag[..length].ToString().ToLowerInvariant();
    }

    // Lines trimmed, never more than one empty line in a row.
    private static string Tidy(string text)
    {
        var tidy = new StringBuilder(text.Length);
        var empty = true;
        foreach (var line in text.Split('\n'))
        {
            var words = string.Join(' ', line.Split([' ', '\t', '\r', '\u00A0'], StringSplitOptions.RemoveEmptyEntries));
            if (words.Length > 0 || !empty)
            {
                tidy.Append(words).Append('\n');
            }

            empty = words.Length == 0;
        }

        return tidy.ToString().Trim('\n');
    }
}
