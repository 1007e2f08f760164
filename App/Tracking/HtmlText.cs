using System.Buffers;
using System.Globalization;
using System.Text;
using AngleSharp.Html;

namespace ScoreTracking.Tracking;

/// <summary>Where a value is written in HTML, beyond text and quoted attributes, where the usual five characters are enough.</summary>
[Flags]
internal enum HtmlPlace
{
    Ordinary = 0,

    /// <summary>An attribute without quotes: spaces, = and ` would end it.</summary>
    Unquoted = 1,

    /// <summary>A conditional comment: a value with dashes could close it.</summary>
    Comment = 2,
}

/// <summary>Text to HTML and back, by the rules of the HTML standard.</summary>
internal static class HtmlText
{
    private const string Everywhere = "&<>\"'{\0";
    private static readonly string EndsUnquoted = "=`" + string.Concat(Enumerable.Range(1, ' ').Select(code => (char)code));

    // By HtmlPlace, whose two flags give four places.
    private static readonly SearchValues<char>[] Special =
    [
        SearchValues.Create(Everywhere), SearchValues.Create(Everywhere + EndsUnquoted),
        SearchValues.Create(Everywhere + "-"), SearchValues.Create(Everywhere + EndsUnquoted + "-"),
    ];

    /// <summary>Decodes character references. In attributes <c>&amp;copy=1</c> stays as written, as the standard asks.</summary>
    public static string Decode(ReadOnlySpan<char> source, bool inAttribute)
    {
        var ampersand = source.IndexOf('&');
        if (ampersand < 0)
        {
            return source.ToString();
        }

        var decoded = new StringBuilder(source.Length);
        while (ampersand >= 0)
        {
            decoded.Append(source[..ampersand]);
            source = source[ampersand..];
            var (length, text) = Reference(source, inAttribute);
            decoded.Append(length == 0 ? "&" : text);
            source = source[Math.Max(1, length)..];
            ampersand = source.IndexOf('&');
        }

        return decoded.Append(source).ToString();
    }

    /// <summary>Writes a value so that it is read back as that text and nothing else; "{" is encoded too, so that no tool after us takes it for a token.</summary>
    public static void Escape(CharBuffer output, ReadOnlySpan<char> value, HtmlPlace place)
    {
        var special = Special[(int)place];
        for (var at = value.IndexOfAny(special); at >= 0; at = value.IndexOfAny(special))
        {
            output.Append(value[..at]);
            EscapeOne(output, value[at]);
            value = value[(at + 1)..];
        }

        output.Append(value);
    }

    private static void EscapeOne(CharBuffer output, char c)
    {
        switch (c)
        {
            case '&':
                output.Append("&amp;");
                break;
            case '<':
                output.Append("&lt;");
                break;
            case '>':
                output.Append("&gt;");
                break;
            case '"':
                output.Append("&quot;");
                break;
            case '\0':
                // No HTML can hold it.
                output.Append("\uFFFD");
                break;
            default:
                output.Append("&#");
                output.Append(((int)c).ToString(CultureInfo.InvariantCulture));
                output.Append(";");
                break;
        }
    }

    private static (int Length, string Text) Reference(ReadOnlySpan<char> source, bool inAttribute) =>
        source.Length > 2 && source[1] == '#' ? Numeric(source) : Named(source, inAttribute);

    private static (int Length, string Text) Numeric(ReadOnlySpan<char> source)
    {
        var hex = source[2] is 'x' or 'X';
        var at = hex ? 3 : 2;
        var digits = at;
        var value = 0;
        while (at < source.Length && (hex ? char.IsAsciiHexDigit(source[at]) : char.IsAsciiDigit(source[at])))
        {
            value = Math.Min(0x110000, (value * (hex ? 16 : 10)) + Convert.ToInt32(source[at].ToString(), 16));
            at++;
        }

        if (at == digits)
        {
            return (0, "");
        }

        at += at < source.Length && source[at] == ';' ? 1 : 0;
        // AngleSharp knows the standard's table for 0x80 to 0x9F, which old tools write as Windows-1252.
        var text = HtmlEntityProvider.GetSymbolFromTable(value) is { } mapped ? mapped
            : value is 0 or > 0x10FFFF or (>= 0xD800 and <= 0xDFFF) ? "\uFFFD"
            : char.ConvertFromUtf32(value);
        return (at, text);
    }

    private static (int Length, string Text) Named(ReadOnlySpan<char> source, bool inAttribute)
    {
        // The longest name of the standard has 31 letters and digits.
        var length = 1;
        while (length < source.Length && length <= 32 && char.IsAsciiLetterOrDigit(source[length]))
        {
            length++;
        }

        if (length < source.Length && source[length] == ';' && Symbol(source[1..(length + 1)]) is { } closed)
        {
            return (length + 1, closed);
        }

        // Names allowed without a semicolon have at most six letters.
        for (length = Math.Min(length, 7); length > 2; length--)
        {
            if (Symbol(source[1..length]) is { } open)
            {
                var continues = length < source.Length && (source[length] == '=' || char.IsAsciiLetterOrDigit(source[length]));
                return inAttribute && continues ? (0, "") : (length, open);
            }
        }

        return (0, "");
    }

    private static string? Symbol(ReadOnlySpan<char> name) => HtmlEntityProvider.Resolver.GetSymbol(name.ToString());
}
