using System.Text;

namespace ScoreTracking.Mail;

/// <summary>Text as ASCII: the encoded words of RFC 2047, the percent signs of RFC 2231. Characters are never split between two of them.</summary>
internal static class EncodedWord
{
    /// <summary>RFC 2047's limit.</summary>
    public const int MaxLength = 75;

    /// <summary>Room enough for any one character in either encoding, with a few more.</summary>
    public const int MinLength = 30;

    private const string Hex = "0123456789ABCDEF";
    private const int Around = 12; // "=?utf-8?Q?" and "?="

    /// <summary>UTF-8 as Q or B, whichever is shorter.</summary>
    /// <param name="firstLength">Characters there are for the first word; those after it have 75.</param>
    public static IEnumerable<string> Of(string text, int firstLength)
    {
        var bytes = Encoding.UTF8.GetByteCount(text);
        var isQ = text.EnumerateRunes().Sum(QLength) <= (bytes + 2) / 3 * 4;
        var word = new StringBuilder();
        var content = 0; // characters in Q, bytes in B
        var room = firstLength - Around;
        foreach (var rune in text.EnumerateRunes())
        {
            var size = isQ ? QLength(rune) : rune.Utf8SequenceLength;
            if (word.Length > 0 && (isQ ? content + size > room : (content + size + 2) / 3 * 4 > room))
            {
                yield return Finish();
                room = MaxLength - Around;
            }

            word.Append(rune.ToString());
            content += size;
        }

        yield return Finish();

        string Finish()
        {
            var piece = word.ToString();
            word.Clear();
            content = 0;
            return isQ ? $"=?utf-8?Q?{Q(piece)}?=" : $"=?utf-8?B?{Convert.ToBase64String(Encoding.UTF8.GetBytes(piece))}?=";
        }
    }

    /// <summary>Percent-encoded UTF-8 in pieces of at most so many characters.</summary>
    public static IReadOnlyList<string> Pieces(string text, int length)
    {
        var pieces = new List<string>();
        var piece = new StringBuilder();
        Span<byte> bytes = stackalloc byte[4];
        foreach (var rune in text.EnumerateRunes())
        {
            var isPlain = rune.IsAscii && (char.IsAsciiLetterOrDigit((char)rune.Value) || "!#$&+-.^_`|~".Contains((char)rune.Value));
            if (piece.Length + (isPlain ? 1 : 3 * rune.Utf8SequenceLength) > length)
            {
                pieces.Add(piece.ToString());
                piece.Clear();
            }

            if (isPlain)
            {
                piece.Append((char)rune.Value);
            }
            else
            {
                Escape(piece, bytes[..rune.EncodeToUtf8(bytes)], '%');
            }
        }

        pieces.Add(piece.ToString());
        return pieces;
    }

    // The letters RFC 2047 allows even in a name before an address.
    private static bool IsSafe(Rune rune) => rune.IsAscii && (char.IsAsciiLetterOrDigit((char)rune.Value) || rune.Value is '!' or '*' or '+' or '-' or '/' or ' ');

    private static int QLength(Rune rune) => IsSafe(rune) ? 1 : 3 * rune.Utf8SequenceLength;

    private static string Q(string text)
    {
        var word = new StringBuilder(MaxLength);
        Span<byte> bytes = stackalloc byte[4];
        foreach (var rune in text.EnumerateRunes())
        {
            if (IsSafe(rune))
            {
                word.Append(rune.Value == ' ' ? '_' : (char)rune.Value);
            }
            else
            {
                Escape(word, bytes[..rune.EncodeToUtf8(bytes)], '=');
            }
        }

        return word.ToString();
    }

    private static void Escape(StringBuilder text, ReadOnlySpan<byte> bytes, char mark)
    {
        foreach (var value in bytes)
        {
            text.Append(mark).Append(Hex[value >> 4]).Append(Hex[value & 15]);
        }
    }
}
