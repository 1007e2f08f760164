using System.Buffers;

namespace ScoreTracking.Mail;

/// <summary>The relaxed forms of RFC 6376: what servers on the way may change without breaking a signature.</summary>
internal static class DkimCanonical
{
    /// <summary>A body without blanks at line ends and empty lines at its end, every run of blanks one space.</summary>
    /// <param name="body">With CRLF line ends.</param>
    public static ReadOnlySpan<byte> Body(ReadOnlySpan<byte> body)
    {
        var output = new ArrayBufferWriter<byte>(body.Length + 2);
        var emptyLines = 0;
        while (!body.IsEmpty)
        {
            var end = body.IndexOf("\r\n"u8);
            var line = (end < 0 ? body : body[..end]).TrimEnd(" \t"u8);
            body = end < 0 ? default : body[(end + 2)..];
            if (line.IsEmpty)
            {
                emptyLines++;
                continue;
            }

            for (; emptyLines > 0; emptyLines--)
            {
                output.Write("\r\n"u8);
            }

            WriteCollapsed(output, line);
            output.Write("\r\n"u8);
        }

        return output.WrittenSpan;
    }

    /// <summary>A field with its name in lower case, unfolded, every run of blanks one space; without a line end.</summary>
    /// <param name="field">"Name: value", folded or not.</param>
    public static void Field(ArrayBufferWriter<byte> output, ReadOnlySpan<byte> field)
    {
        var colon = field.IndexOf((byte)':');
        foreach (var character in field[..colon].TrimEnd(" \t"u8))
        {
            output.GetSpan(1)[0] = character is >= (byte)'A' and <= (byte)'Z' ? (byte)(character + 32) : character;
            output.Advance(1);
        }

        output.Write(":"u8);
        var value = field[(colon + 1)..];
        Span<byte> unfolded = new byte[value.Length];
        var length = 0;
        foreach (var character in value)
        {
            if (character is not ((byte)'\r' or (byte)'\n'))
            {
                unfolded[length++] = character;
            }
        }

        WriteCollapsed(output, unfolded[..length].Trim(" \t"u8));
    }

    private static void WriteCollapsed(ArrayBufferWriter<byte> output, ReadOnlySpan<byte> line)
    {
        if (!line.Contains((byte)'\t') && line.IndexOf("  "u8) < 0)
        {
            output.Write(line);
            return;
        }

        var target = output.GetSpan(line.Length);
        var length = 0;
        foreach (var character in line)
        {
            var isBlank = character is (byte)' ' or (byte)'\t';
            if (!isBlank || length == 0 || target[length - 1] != ' ')
            {
                target[length++] = isBlank ? (byte)' ' : character;
            }
        }

        output.Advance(length);
    }
}
