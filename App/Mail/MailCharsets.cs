using System.Text;
using System.Text.Unicode;

namespace ScoreTracking.Mail;

/// <summary>Bytes of any charset as text. Never throws: what a charset cannot say becomes U+FFFD, what we do not know is read as Latin 1.</summary>
internal static class MailCharsets
{
    // As browsers do: mail labelled Latin 1 is Windows-1252 in practice, and nobody means the control characters in its place.
    private static readonly Encoding s_latin1 = CodePagesEncodingProvider.Instance.GetEncoding(1252)!;

    /// <param name="charset">As named in the mail; null, ASCII and unknown-8bit are guessed: UTF-8 where valid, else Latin 1.</param>
    public static string Decode(ReadOnlySpan<byte> bytes, string? charset)
    {
        var encoding = Find(charset);
        encoding ??= Utf8.IsValid(bytes) ? Encoding.UTF8 : s_latin1;
        var text = encoding.GetString(bytes);
        return text.Length > 0 && text[0] == '\uFEFF' ? text[1..] : text;
    }

    // Encoding.GetEncoding throws for names it does not know, and hostile mail can name thousands.
    private static Encoding? Find(string? charset)
    {
        var name = charset?.Trim().Trim('"', '\'').ToLowerInvariant() ?? "";
        return name switch
        {
            "" or "us-ascii" or "ascii" or "ansi_x3.4-1968" or "unknown-8bit" or "8bit" or "default" => null,
            "utf-8" or "utf8" or "utf_8" or "unicode-1-1-utf-8" => Encoding.UTF8,
            "iso-8859-1" or "latin1" or "iso8859-1" or "iso_8859-1" => s_latin1,
            "utf-16" or "utf-16le" => Encoding.Unicode,
            "utf-16be" => Encoding.BigEndianUnicode,
            "utf-32" => Encoding.UTF32,
            "cp1250" or "cp1251" or "cp1252" or "cp1253" or "cp1254" or "cp1255" or "cp1256" or "cp1257" or "cp1258" => Provided("windows-" + name[2..]),
            { Length: > 40 } => s_latin1,
            _ => Provided(name),
        };
    }

    private static Encoding Provided(string name)
    {
        try
        {
            return CodePagesEncodingProvider.Instance.GetEncoding(name) ?? s_latin1;
        }
        catch (Exception exception) when (exception is ArgumentException or NotSupportedException)
        {
            return s_latin1; // listed, but its data is not there
        }
    }
}
