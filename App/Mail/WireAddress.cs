using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace ScoreTracking.Mail;

/// <summary>An address as it may stand in a header or an SMTP command: nothing in it can end either.</summary>
/// <param name="Local">As given, quotes included.</param>
/// <param name="Domain">Lower-case ASCII; international names as punycode, which every server understands.</param>
internal sealed record WireAddress(string Local, string Domain)
{
    private const int MaxOctets = 254;
    private const int MaxLocalOctets = 64;

    private static readonly IdnMapping s_idn = new() { UseStd3AsciiRules = true };

    /// <summary>Whether it passes only where SMTPUTF8 is offered.</summary>
    public bool NeedsUtf8 => !Ascii.IsValid(Local);

    public override string ToString() => $"{Local}@{Domain}";

    /// <summary>Takes dotted and quoted local parts, international ones too, and host names of any depth.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out WireAddress? address)
    {
        address = null;
        var at = text?.LastIndexOf('@') ?? -1;
        if (text is null || at < 1 || text.Length > MaxOctets || !IsLocal(text[..at]) || Host(text[(at + 1)..]) is not { } domain)
        {
            return false;
        }

        address = new WireAddress(text[..at], domain);
        return Encoding.UTF8.GetByteCount(address.ToString()) <= MaxOctets;
    }

    /// <summary>A host name in lower-case ASCII, or null when it is none.</summary>
    public static string? Host(string text)
    {
        try
        {
            text = Ascii.IsValid(text) ? text : s_idn.GetAscii(text);
        }
        catch (ArgumentException)
        {
            return null;
        }

        var isHost = text.Length is > 0 and <= 253
            && text.Split('.').All(label => label.Length is > 0 and <= 63 && label[0] != '-' && label[^1] != '-' && label.All(character => char.IsAsciiLetterOrDigit(character) || character is '-' or '_'));
        return isHost ? text.ToLowerInvariant() : null;
    }

    /// <summary>The characters of an atom, RFC 5322.</summary>
    public static bool IsAtomText(char character) => char.IsAsciiLetterOrDigit(character) || "!#$%&'*+-/=?^_`{|}~".Contains(character);

    private static bool IsLocal(string local)
    {
        if (Encoding.UTF8.GetByteCount(local) > MaxLocalOctets || local.EnumerateRunes().Any(rune => !rune.IsAscii && !IsInternational(rune)))
        {
            return false;
        }

        return local[0] == '"' ? IsQuoted(local) : local.Split('.').All(atom => atom.Length > 0 && atom.All(character => character > '\u007f' || IsAtomText(character)));
    }

    private static bool IsQuoted(string local)
    {
        if (local.Length < 3 || local[^1] != '"')
        {
            return false;
        }

        for (var at = 1; at < local.Length - 1; at++)
        {
            if (local[at] == '\\' && ++at == local.Length - 1)
            {
                return false; // the backslash quotes the closing quote
            }

            if (local[at] is < ' ' or '\u007f' || (local[at] == '"' && local[at - 1] != '\\'))
            {
                return false;
            }
        }

        return true;
    }

    // U+FFFD is what half a surrogate pair reads as.
    private static bool IsInternational(Rune rune) => rune != Rune.ReplacementChar && Rune.GetUnicodeCategory(rune) is not
        (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse
        or UnicodeCategory.OtherNotAssigned or UnicodeCategory.SpaceSeparator or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);
}
