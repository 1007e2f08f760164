using System.Buffers;
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
    private const string Letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    private static readonly SearchValues<char> s_atom = SearchValues.Create(Letters + "!#$%&'*+-/=?^_`{|}~");
    private static readonly SearchValues<char> s_label = SearchValues.Create(Letters + "-_");

    private static readonly IdnMapping s_idn = new() { UseStd3AsciiRules = true };

    /// <summary>Whether it passes only where SMTPUTF8 is offered.</summary>
    public bool NeedsUtf8 => !Ascii.IsValid(Local);

    public override string ToString() => $"{Local}@{Domain}";

    /// <summary>Takes dotted and quoted local parts, international ones too, and host names of any depth.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out WireAddress? address)
    {
        address = null;
        var at = text?.LastIndexOf('@') ?? -1;
        if (text is null || at < 1 || text.Length > MaxOctets)
        {
            return false;
        }

        var local = text[..at];
        if (!IsLocal(local) || Host(text[(at + 1)..]) is not { } domain)
        {
            return false;
        }

        address = new WireAddress(local, domain);
        return Encoding.UTF8.GetByteCount(local) + 1 + domain.Length <= MaxOctets;
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

        return text.Length is > 0 and <= 253 && IsHost(text) ? text.ToLowerInvariant() : null;
    }

    /// <summary>The characters of an atom, RFC 5322.</summary>
    public static bool IsAtomText(char character) => s_atom.Contains(character);

    private static bool IsHost(ReadOnlySpan<char> text)
    {
        foreach (var label in text.Split('.'))
        {
            if (text[label] is not { Length: > 0 and <= 63 } name || name[0] == '-' || name[^1] == '-' || name.ContainsAnyExcept(s_label))
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsLocal(string local)
    {
        // Nearly all are one atom.
        if (local.Length <= MaxLocalOctets && !local.AsSpan().ContainsAnyExcept(s_atom))
        {
            return true;
        }

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
