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

    private static int Escaped(ReadOnlySpan<byte> line)
    {
        var escaped = 0;
        foreach (var value in line)
        {
            escaped += IsLiteral(value) ? 0 : 1;
        }

        return escaped;
    }

    private static bool IsLiteral(byte value) => value is >= (byte)' ' and <= (byte)'~' and not (byte)'=' or (byte)'\t';

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
        for (var at = 0; at < line.Length; at++)
        {
            var value = line[at];
            var isLast = at == line.Length - 1;
            var size = IsLiteral(value) && !(isLast && value is (byte)' ' or (byte)'\t') ? 1 : 3;

            // The last column is the soft line break's, unless the line ends here.
            if (column + size > (isLast ? LineLength : LineLength - 1))
            {
                "=\r\n"u8.CopyTo(target[length..]);
                length += 3;
                column = 0;
            }

            if (column == 0 && (value == '.' || (value == 'F' && line[at..].StartsWith("From "u8))))
            {
                size = 3;
            }

            if (size == 1)
            {
                target[length++] = value;
            }
            else
            {
                target[length++] = (byte)'=';
                target[length++] = "0123456789ABCDEF"u8[value >> 4];
                target[length++] = "0123456789ABCDEF"u8[value & 15];
            }

            column += size;
        }

        output.Advance(length);
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
