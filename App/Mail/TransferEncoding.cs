using System.Buffers;
using System.Buffers.Text;

namespace ScoreTracking.Mail;

/// <summary>Content as 7-bit lines of at most 76 characters, whatever it holds: readable where it can be, base64 where that is shorter.</summary>
internal static class TransferEncoding
{
    public const string SevenBit = "7bit";
    public const string QuotedPrintable = "quoted-printable";
    public const string InBase64 = "base64";

    private const int LineLength = 76;
    private const int BytesPerLine = LineLength / 4 * 3;

    // What quoted-printable leaves as it is, except blanks at the end of a line.
    private static readonly SearchValues<byte> s_literal = SearchValues.Create([(byte)'\t', .. Enumerable.Range(' ', '~' - ' ' + 1).Where(value => value != '=').Select(value => (byte)value)]);

    /// <summary>How a text is best sent. 7bit is for what no relay can damage: short plain lines.</summary>
    /// <param name="text">UTF-8, with any line ends.</param>
    public static string Of(ReadOnlySpan<byte> text)
    {
        if (!text.ContainsAnyExceptInRange((byte)' ', (byte)'~') && text.Length <= LineLength && !NeedsCare(text))
        {
            return SevenBit;
        }

        var isPlain = true;
        long quoted = 0;
        foreach (var line in new Lines(text))
        {
            isPlain = isPlain && line.Length <= LineLength && !line.ContainsAnyExceptInRange((byte)' ', (byte)'~') && !NeedsCare(line);
            quoted += line.Length + (2 * Escaped(line)) + 2 + (line.Length / LineLength * 3);
        }

        return isPlain ? SevenBit : quoted <= Base64Length(text.Length) ? QuotedPrintable : InBase64;
    }

    /// <summary>Writes a text; line ends become CRLF, and none is added at its end.</summary>
    public static void Write(ArrayBufferWriter<byte> output, ReadOnlySpan<byte> text, string encoding)
    {
        switch (encoding)
        {
            case SevenBit:
                WriteLines(output, text, static (output, line) => output.Write(line));
                break;
            case QuotedPrintable:
                WriteLines(output, text, WriteQuoted);
                break;
            default:
                var lines = new ArrayBufferWriter<byte>(text.Length + 64);
                WriteLines(lines, text, static (output, line) => output.Write(line));
                WriteBase64(output, lines.WrittenSpan);
                break;
        }
    }

    /// <summary>Bytes as base64, 76 characters a line; none at the end of the last one.</summary>
    public static void WriteBase64(ArrayBufferWriter<byte> output, ReadOnlySpan<byte> bytes)
    {
        for (var at = 0; at < bytes.Length; at += BytesPerLine)
        {
            if (at > 0)
            {
                output.Write("\r\n"u8);
            }

            var line = bytes.Slice(at, Math.Min(BytesPerLine, bytes.Length - at));
            Base64.EncodeToUtf8(line, output.GetSpan(LineLength), out _, out var written);
            output.Advance(written);
        }
    }

    private static long Base64Length(long bytes) => (bytes + 2) / 3 * 4 * (LineLength + 2) / LineLength;

    // Lines relays are known to change: blanks at the end go, "From " gets a bracket, a dot is doubled or lost. The dashes could be a boundary of ours.
    private static bool NeedsCare(ReadOnlySpan<byte> line) =>
        line.Length > 0 && (line[^1] == ' ' || line[0] == '.' || line.StartsWith("From "u8) || line.StartsWith("--="u8));

    // By runs, since both ends of one are searched for many bytes at a time.
    private static int Escaped(ReadOnlySpan<byte> line)
    {
        var escaped = 0;
        for (var start = line.IndexOfAnyExcept(s_literal); start >= 0; start = line.IndexOfAnyExcept(s_literal))
        {
            line = line[start..];
            var length = line.IndexOfAny(s_literal);
            length = length < 0 ? line.Length : length;
            escaped += length;
            line = line[length..];
        }

        return escaped;
    }

    private static void WriteLines(ArrayBufferWriter<byte> output, ReadOnlySpan<byte> text, Action<ArrayBufferWriter<byte>, ReadOnlySpan<byte>> write)
    {
        var isFirst = true;
        foreach (var line in new Lines(text))
        {
            if (!isFirst)
            {
                output.Write("\r\n"u8);
            }

            write(output, line);
            isFirst = false;
        }
    }

    private static void WriteQuoted(ArrayBufferWriter<byte> output, ReadOnlySpan<byte> line)
    {
        var target = output.GetSpan((line.Length * 3) + (line.Length / 20 * 3) + 8);
        int length = 0, column = 0;
        while (line.Length > 0)
        {
            var plain = column == 0 && (line[0] == '.' || line.StartsWith("From "u8)) ? 0 : Plain(line);

            // The last column is the soft line break's, unless the line ends here.
            var room = (line.Length == Math.Max(plain, 1) ? LineLength : LineLength - 1) - column;
            var size = plain <= room ? plain : LineLength - 1 - column;
            if (size > 0)
            {
                line[..size].CopyTo(target[length..]);
                length += size;
                column += size;
            }
            else if (plain == 0 && room >= 3)
            {
                size = 1;
                target[length++] = (byte)'=';
                target[length++] = "0123456789ABCDEF"u8[line[0] >> 4];
                target[length++] = "0123456789ABCDEF"u8[line[0] & 15];
                column += 3;
            }
            else
            {
                "=\r\n"u8.CopyTo(target[length..]);
                length += 3;
                column = 0;
            }

            line = line[size..];
        }

        output.Advance(length);
    }

    // How many bytes from here on stand as they are, as far as one line goes: a blank at the end does not.
    private static int Plain(ReadOnlySpan<byte> line)
    {
        var window = line[..Math.Min(line.Length, LineLength + 1)];
        var plain = window.IndexOfAnyExcept(s_literal);
        return plain >= 0 ? plain : window.Length == line.Length && line[^1] is (byte)' ' or (byte)'\t' ? line.Length - 1 : window.Length;
    }

    /// <summary>The lines of a text with CRLF, LF or CR between them; a line end at the end makes an empty last line.</summary>
    private ref struct Lines(ReadOnlySpan<byte> text)
    {
        private ReadOnlySpan<byte> _rest = text;
        private bool _done;

        public ReadOnlySpan<byte> Current { get; private set; }

        public readonly Lines GetEnumerator() => this;

        public bool MoveNext()
        {
            if (_done)
            {
                return false;
            }

            var end = _rest.IndexOfAny((byte)'\r', (byte)'\n');
            if (end < 0)
            {
                Current = _rest;
                _done = true;
                return true;
            }

            Current = _rest[..end];
            _rest = _rest[(end + (_rest[end] == '\r' && end + 1 < _rest.Length && _rest[end + 1] == '\n' ? 2 : 1))..];
            return true;
        }
    }
}
