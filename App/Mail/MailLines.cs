using System.Text;

namespace ScoreTracking.Mail;

/// <summary>Lines of raw mail. Everything behind this file knows LF only, so CR, LF and CRLF read the same.</summary>
internal static class MailLines
{
    /// <summary>CRLF and bare CR become LF; so does CR CR LF, which some gateways write for one line end.</summary>
    public static ReadOnlyMemory<byte> WithLineFeeds(ReadOnlyMemory<byte> raw)
    {
        var source = raw.Span;
        var first = source.IndexOf((byte)'\r');
        if (first < 0)
        {
            return raw;
        }

        var target = new byte[source.Length];
        source[..first].CopyTo(target);
        var length = first;
        for (var at = first; at < source.Length;)
        {
            if (source[at] != '\r')
            {
                target[length++] = source[at++];
                continue;
            }

            var run = at;
            while (run < source.Length && source[run] == '\r')
            {
                run++;
            }

            var ends = run < source.Length && source[run] == '\n' ? 1 : run - at;
            target.AsSpan(length, ends).Fill((byte)'\n');
            length += ends;
            at = ends == 1 && run < source.Length && source[run] == '\n' ? run + 1 : run;
        }

        return target.AsMemory(0, length);
    }

    /// <summary>The line at a position, without its end; <paramref name="next"/> is where the following one begins.</summary>
    public static ReadOnlySpan<byte> At(ReadOnlySpan<byte> text, int position, out int next)
    {
        var rest = text[position..];
        var end = rest.IndexOf((byte)'\n');
        next = end < 0 ? text.Length : position + end + 1;
        return end < 0 ? rest : rest[..end];
    }

    public static bool StartsWith(ReadOnlySpan<byte> line, ReadOnlySpan<byte> asciiWord) =>
        line.Length >= asciiWord.Length && Ascii.EqualsIgnoreCase(line[..asciiWord.Length], asciiWord);

    /// <summary>One line for people: whitespace runs become one space, control characters go, and at most <paramref name="limit"/> characters stay.</summary>
    public static string? OneLine(string? text, int limit)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            return null;
        }

        var line = new StringBuilder(Math.Min(text.Length, limit));
        var space = false;
        foreach (var character in text)
        {
            if (char.IsWhiteSpace(character))
            {
                space = line.Length > 0;
                continue;
            }

            if (char.IsControl(character))
            {
                continue;
            }

            if (line.Length + 2 > limit)
            {
                break;
            }

            if (space)
            {
                line.Append(' ');
                space = false;
            }

            line.Append(character);
        }

        return line.Length == 0 ? null : Whole(line.ToString());
    }

    /// <summary>At most so many characters, never half of one.</summary>
    public static string Cut(string text, int limit) => text.Length <= limit ? text : Whole(text[..limit]);

    private static string Whole(string text) => char.IsHighSurrogate(text[^1]) ? text[..^1] : text;
}
