using System.Buffers;
using System.Text;

namespace ScoreTracking.Mail;

/// <summary>What stands in header fields: encoded words (RFC 2047), comments, message ids.</summary>
internal static class HeaderText
{
    /// <summary>Longest charset name looked for in an encoded word.</summary>
    private const int MaxCharset = 60;
    private const int MaxIds = 100;

    /// <summary>Encoded words as text. Bytes of neighbours in one charset are joined first: mailers split words in the middle of a character.</summary>
    public static string Decode(string value)
    {
        if (!value.Contains("=?", StringComparison.Ordinal))
        {
            return value;
        }

        var text = new StringBuilder(value.Length);
        var pending = new ArrayBufferWriter<byte>();
        string? charset = null;
        var position = 0;
        for (var start = value.IndexOf("=?", StringComparison.Ordinal); start >= 0; start = value.IndexOf("=?", position, StringComparison.Ordinal))
        {
            var between = value.AsSpan(position, start - position);
            if (Word(value, start) is not { } word)
            {
                Flush();
                text.Append(between).Append("=?");
                position = start + 2;
                continue;
            }

            if (charset is null || !between.IsWhiteSpace())
            {
                Flush();
                text.Append(between);
            }
            else if (!charset.Equals(word.Charset, StringComparison.OrdinalIgnoreCase))
            {
                Flush();
            }

            charset = word.Charset;
            var encoded = Encoding.Latin1.GetBytes(value[word.TextStart..word.TextEnd]);
            pending.Write(word.IsBase64 ? TransferDecoding.Base64(encoded) : TransferDecoding.QuotedPrintable(encoded, isHeader: true));
            position = word.TextEnd + 2;
        }

        Flush();
        return text.Append(value.AsSpan(position)).ToString();

        void Flush()
        {
            if (charset is not null)
            {
                text.Append(MailCharsets.Decode(pending.WrittenSpan, charset));
                pending.ResetWrittenCount();
                charset = null;
            }
        }
    }

    /// <summary>Text without (comments), nested ones too.</summary>
    public static string WithoutComments(string value)
    {
        if (!value.Contains('('))
        {
            return value;
        }

        var text = new StringBuilder(value.Length);
        var depth = 0;
        var quoted = false;
        foreach (var character in value)
        {
            quoted ^= character == '"' && depth == 0;
            depth += character == '(' && !quoted ? 1 : 0;
            if (depth == 0)
            {
                text.Append(character);
            }

            depth -= character == ')' && !quoted && depth > 0 ? 1 : 0;
        }

        return text.ToString();
    }

    /// <summary>The ids of a Message-ID, In-Reply-To or References field, without their brackets; at most a hundred, the last ones.</summary>
    public static IReadOnlyList<string> MessageIds(string? value)
    {
        if (string.IsNullOrWhiteSpace(value))
        {
            return [];
        }

        var ids = new List<string>();
        var withoutDomain = !value.Contains('@') && value.Contains('<');
        foreach (var word in value.Split([' ', '\t', ',', '<', '>', '"'], StringSplitOptions.RemoveEmptyEntries))
        {
            // In-Reply-To was once prose: "Your message of Monday <id>".
            if (withoutDomain || word.Contains('@'))
            {
                ids.Add(MailLines.Cut(word, MailLimits.AddressText));
            }
        }

        return ids.Count > MaxIds ? ids[^MaxIds..] : ids;
    }

    /// <summary>The id of a Message-ID field, or null.</summary>
    public static string? MessageId(string? value) => MessageIds(value) is [var first, ..] ? first : null;

    // "=?charset?B?text?=". The text holds no question mark, so each search ends at the next one and the whole stays linear.
    private static (string Charset, bool IsBase64, int TextStart, int TextEnd)? Word(string value, int start)
    {
        var charsetEnd = value.AsSpan(start + 2, Math.Min(MaxCharset, value.Length - start - 2)).IndexOf('?') + start + 2;
        if (charsetEnd <= start + 2 || charsetEnd + 3 >= value.Length || value[charsetEnd + 2] != '?' || value[charsetEnd + 1] is not ('b' or 'B' or 'q' or 'Q'))
        {
            return null;
        }

        var textStart = charsetEnd + 3;
        var textEnd = value.IndexOf('?', textStart);
        if (textEnd < 0 || textEnd + 1 >= value.Length || value[textEnd + 1] != '=')
        {
            return null;
        }

        var charset = value[(start + 2)..charsetEnd];
        var language = charset.IndexOf('*', StringComparison.Ordinal); // RFC 2231: "utf-8*en"
        return (language < 0 ? charset : charset[..language], char.ToLowerInvariant(value[charsetEnd + 1]) == 'b', textStart, textEnd);
    }
}
