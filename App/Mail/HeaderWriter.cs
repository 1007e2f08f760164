using System.Buffers;
using System.Text;

namespace ScoreTracking.Mail;

/// <summary>
/// Writes header fields as words with one space between them, folded at those spaces to lines of 78 characters. A value cannot end
/// its line: what is text is cleaned of control characters, everything else is checked before it comes here.
/// </summary>
internal sealed class HeaderWriter(ArrayBufferWriter<byte> output)
{
    /// <summary>RFC 5322's length of a line, without its end.</summary>
    public const int LineLength = 78;

    /// <summary>RFC 5322's limit, less what may stand around a word.</summary>
    public const int MaxWord = 900;

    // RFC 2047: a line with an encoded word has at most 76 characters.
    private const int EncodedLineLength = 76;

    // Longer plain words of a subject are encoded instead: those can be folded.
    private const int MaxPlainWord = 60;

    private int _column;

    public HeaderWriter Begin(string name)
    {
        Append(name);
        Append(":");
        _column = name.Length + 1;
        return this;
    }

    /// <summary>One word as it stands; on the next line where it does not fit on this one.</summary>
    public HeaderWriter Word(string word)
    {
        Space(word.Length, LineLength);
        Append(word);
        _column += word.Length;
        return this;
    }

    public void End() => output.Write("\r\n"u8);

    /// <summary>Text for people: what is not plain ASCII becomes encoded words.</summary>
    public HeaderWriter Text(string text) => Words(Clean(text), MaxPlainWord);

    /// <summary>The value of a field we know nothing about: words stay whole as long as a line can hold them, for it may be structured.</summary>
    public HeaderWriter Value(string text) => Words(Clean(text), MaxWord);

    /// <summary>Mailboxes with commas between them.</summary>
    /// <param name="mailboxes">With addresses that were checked.</param>
    public HeaderWriter Mailboxes(IReadOnlyList<(WireAddress Address, string? Name)> mailboxes)
    {
        for (var index = 0; index < mailboxes.Count; index++)
        {
            var (address, name) = mailboxes[index];
            var hasName = Phrase(Clean(name ?? ""));
            var end = index < mailboxes.Count - 1 ? "," : "";
            Word(hasName ? $"<{address}>{end}" : $"{address}{end}");
        }

        return this;
    }

    /// <summary>A parameter as RFC 2231 has it: in quotes where it is plain and short, else encoded, in pieces where it is long.</summary>
    /// <param name="value">Without control characters.</param>
    public HeaderWriter Parameter(string name, string value)
    {
        if (value.Length <= MaxPlainWord && IsPrintable(value) && !value.AsSpan().ContainsAny('"', '\\') && !value.Contains("=?", StringComparison.Ordinal))
        {
            return Word($"{name}=\"{value}\"");
        }

        var pieces = EncodedWord.Pieces(value, LineLength - name.Length - "*00*=UTF-8'';".Length - 1);
        if (pieces.Count == 1)
        {
            return Word($"{name}*=UTF-8''{pieces[0]}");
        }

        for (var index = 0; index < pieces.Count; index++)
        {
            Word($"{name}*{index}*={(index == 0 ? "UTF-8''" : "")}{pieces[index]}{(index < pieces.Count - 1 ? ";" : "")}");
        }

        return this;
    }

    /// <summary>Text on one line: control characters and line separators become spaces, halves of characters U+FFFD.</summary>
    public static string Clean(string text)
    {
        text = text.Trim();
        if (IsPrintable(text))
        {
            return text;
        }

        var clean = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            if (Rune.IsControl(rune) || rune.Value is 0x2028 or 0x2029)
            {
                clean.Append(' ');
            }
            else
            {
                clean.Append(rune.ToString());
            }
        }

        return clean.ToString().Trim();
    }

    // From the first word that cannot stand as it is to the last, the spaces between them included: decoders drop those between encoded words.
    private HeaderWriter Words(string text, int maxPlain)
    {
        var words = text.Split(' ');
        var first = Array.FindIndex(words, word => !IsPlain(word, maxPlain));
        if (text.Length == 0 || first < 0)
        {
            return text.Length == 0 ? this : Plain(words);
        }

        var last = Array.FindLastIndex(words, word => !IsPlain(word, maxPlain));
        return Plain(words.AsSpan(0, first)).Encoded(string.Join(' ', words, first, last - first + 1)).Plain(words.AsSpan(last + 1));
    }

    private HeaderWriter Plain(ReadOnlySpan<string> words)
    {
        foreach (var word in words)
        {
            Word(word);
        }

        return this;
    }

    private HeaderWriter Encoded(string text)
    {
        var room = EncodedLineLength - _column - 1;
        foreach (var word in EncodedWord.Of(text, room < EncodedWord.MinLength ? EncodedWord.MaxLength : Math.Min(room, EncodedWord.MaxLength)))
        {
            Space(word.Length, EncodedLineLength);
            Append(word);
            _column += word.Length;
        }

        return this;
    }

    // A name in front of an address: atoms, a quoted string, or encoded words where quotes would need backslashes.
    private bool Phrase(string name)
    {
        if (name.Length == 0)
        {
            return false;
        }

        var words = name.Split(' ');
        if (words.All(word => word.Length is > 0 and <= MaxPlainWord && word.All(WireAddress.IsAtomText) && !word.Contains("=?", StringComparison.Ordinal)))
        {
            Plain(words);
        }
        else if (name.Length <= MaxPlainWord && IsPrintable(name) && !name.AsSpan().ContainsAny('"', '\\') && !name.Contains("=?", StringComparison.Ordinal) && !name.Contains("  ", StringComparison.Ordinal))
        {
            Word($"\"{name}\"");
        }
        else
        {
            Encoded(name);
        }

        return true;
    }

    private void Space(int length, int lineLength)
    {
        if (_column + 1 + length > lineLength && _column > 1)
        {
            output.Write("\r\n "u8);
            _column = 1;
        }
        else if (_column != 1)
        {
            output.Write(" "u8);
            _column++;
        }
    }

    private void Append(string text) => Encoding.UTF8.GetBytes(text, output);

    private static bool IsPlain(string word, int most) => word.Length > 0 && word.Length <= most && IsPrintable(word) && !word.Contains("=?", StringComparison.Ordinal);

    private static bool IsPrintable(ReadOnlySpan<char> text) => !text.ContainsAnyExceptInRange(' ', '~');
}
