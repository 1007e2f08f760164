using System.Buffers;

namespace ScoreTracking.Mail;

/// <summary>Base64 and quoted-printable as they arrive: what does not belong is skipped or kept as it stands, never refused.</summary>
internal static class TransferDecoding
{
    private static readonly sbyte[] s_base64 = Base64Values();

    /// <param name="encoding">Content-Transfer-Encoding; anything but these two means the bytes are the content.</param>
    public static ReadOnlyMemory<byte> Decode(ReadOnlyMemory<byte> raw, string? encoding) => encoding?.Trim().ToLowerInvariant() switch
    {
        "base64" => Base64(raw.Span),
        "quoted-printable" => QuotedPrintable(raw.Span, isHeader: false),
        _ => raw,
    };

    /// <summary>Characters outside the alphabet are skipped; padding ends a group, and another may follow.</summary>
    public static byte[] Base64(ReadOnlySpan<byte> source)
    {
        var bytes = new ArrayBufferWriter<byte>((source.Length / 4 * 3) + 3);
        int bits = 0, held = 0;
        foreach (var character in source)
        {
            if (character == '=')
            {
                (bits, held) = (0, 0);
                continue;
            }

            var value = s_base64[character];
            if (value < 0)
            {
                continue;
            }

            held = ((held << 6) | (byte)value) & 0xFFFF;
            bits += 6;
            if (bits >= 8)
            {
                bits -= 8;
                Append(bytes, (byte)(held >> bits));
            }
        }

        return bytes.WrittenSpan.ToArray();
    }

    /// <param name="isHeader">The Q encoding of RFC 2047, where an underscore is a space.</param>
    public static byte[] QuotedPrintable(ReadOnlySpan<byte> source, bool isHeader)
    {
        var bytes = new ArrayBufferWriter<byte>(source.Length + 1);
        for (var at = 0; at < source.Length;)
        {
            var character = source[at];
            if (character != '=')
            {
                Append(bytes, isHeader && character == '_' ? (byte)' ' : character);
                at++;
                continue;
            }

            if (at + 2 < source.Length && Hex(source[at + 1]) is >= 0 and var high && Hex(source[at + 2]) is >= 0 and var low)
            {
                Append(bytes, (byte)((high << 4) | low));
                at += 3;
                continue;
            }

            // A soft line break, also with blanks some relay added behind it.
            var end = at + 1;
            while (end < source.Length && source[end] is (byte)' ' or (byte)'\t' && end - at < 80)
            {
                end++;
            }

            if (end == source.Length || source[end] == '\n')
            {
                at = Math.Min(end + 1, source.Length);
            }
            else
            {
                Append(bytes, character);
                at++;
            }
        }

        return bytes.WrittenSpan.ToArray();
    }

    public static int Hex(int character) => character switch
    {
        >= '0' and <= '9' => character - '0',
        >= 'A' and <= 'F' => character - 'A' + 10,
        >= 'a' and <= 'f' => character - 'a' + 10,
        _ => -1,
    };

    private static void Append(ArrayBufferWriter<byte> bytes, byte value)
    {
        bytes.GetSpan(1)[0] = value;
        bytes.Advance(1);
    }

    private static sbyte[] Base64Values()
    {
        var values = new sbyte[256];
        Array.Fill(values, (sbyte)-1);
        var alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"u8;
        for (var index = 0; index < alphabet.Length; index++)
        {
            values[alphabet[index]] = (sbyte)index;
        }

        return values;
    }
}
