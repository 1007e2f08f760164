using System.Text;

namespace ScoreTracking.Tracking;

/// <summary>Lays out what reads the same for every recipient once, when the HTML is compiled: whole paragraphs without lists or quotations around.</summary>
internal sealed class PlainTextAhead
{
    private int _depth;

    /// <summary>A literal with its paragraphs laid out. To be called in the order of the text.</summary>
    public string Read(string literal)
    {
        var from = literal.IndexOf(PlainTextMark.Paragraph);
        if (from < 0)
        {
            Follow(literal);
            return literal;
        }

        var result = new StringBuilder(literal.Length);
        result.Append(literal, 0, from);
        Follow(literal.AsSpan(0, from));
        for (var next = from; (next = literal.IndexOf(PlainTextMark.Paragraph, from + 1)) >= 0; from = next)
        {
            var words = literal.AsSpan(from + 1, next - from - 1);
            var outside = _depth == 0;
            result.Append(PlainTextMark.Paragraph);
            if (outside & !Follow(words) && Lines(words) is { Length: > 0 } lines)
            {
                result.Append(PlainTextMark.LaidOut).Append(lines).Append(PlainTextMark.LaidOutEnd);
            }
            else
            {
                result.Append(words);
            }
        }

        Follow(literal.AsSpan(from));
        return result.Append(literal, from, literal.Length - from).ToString();
    }

    private static string Lines(ReadOnlySpan<char> words)
    {
        using var lines = new CharBuffer(words.Length);
        new PlainTextLayout(lines).Write(words);
        return lines.ToString();
    }

    // Whether a list or quotation begins or ends in it.
    private bool Follow(ReadOnlySpan<char> words)
    {
        var found = false;
        foreach (var mark in words)
        {
            if (mark is PlainTextMark.Bullets or PlainTextMark.Numbers or PlainTextMark.Quote or PlainTextMark.End)
            {
                found = true;
                _depth = Math.Max(0, _depth + (mark == PlainTextMark.End ? -1 : 1));
            }
        }

        return found;
    }
}
