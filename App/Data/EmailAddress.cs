using System.Globalization;
using System.Text;

namespace ScoreTracking.Data;

/// <summary>
/// An address mail can be sent to, in the one spelling it is stored and compared in: the local part as given, the domain in
/// lower-case ASCII (punycode). Compare without case: no mailbox provider tells "Ana" from "ana".
/// </summary>
public readonly record struct EmailAddress
{
    /// <summary>RFC 5321 limits, in octets of UTF-8.</summary>
    public const int MaxLength = 254;
    private const int MaxLocalLength = 64;
    private const int MaxDomainLength = 253;
    private const int MaxLabelLength = 63;

    private static readonly IdnMapping s_idn = new() { UseStd3AsciiRules = true };

    private EmailAddress(string value) => Value = value;

    public string Value { get; }

    public override string ToString() => Value;

    /// <summary>
    /// Takes what RFC 5321 and 6531 allow: quoted and international local parts, international domains. Refuses display
    /// names, comments, address literals, domains of one label, and any control character.
    /// </summary>
    public static bool TryParse(string? text, out EmailAddress address)
    {
        address = default;
        var at = text?.LastIndexOf('@') ?? -1;
        if (text is null || at < 1 || text.Length > MaxLength || !IsLocalPart(text.AsSpan(0, at)) || !TryDomain(text[(at + 1)..], out var domain))
        {
            return false;
        }

        var value = text.AsSpan(at + 1).SequenceEqual(domain) ? text : string.Concat(text.AsSpan(0, at + 1), domain);
        if (Encoding.UTF8.GetByteCount(value) > MaxLength)
        {
            return false;
        }

        address = new EmailAddress(value);
        return true;
    }

    private static bool IsLocalPart(ReadOnlySpan<char> local) =>
        Encoding.UTF8.GetByteCount(local) <= MaxLocalLength && (local[0] == '"' ? IsQuoted(local) : IsDotted(local));

    private static bool IsDotted(ReadOnlySpan<char> local)
    {
        if (local[0] == '.' || local[^1] == '.' || local.Contains("..", StringComparison.Ordinal))
        {
            return false;
        }

        foreach (var rune in local.EnumerateRunes())
        {
            if (rune.IsAscii ? !(rune.Value == '.' || IsAtomText((char)rune.Value)) : !IsInternational(rune))
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsAtomText(char character) => char.IsAsciiLetterOrDigit(character) || "!#$%&'*+-/=?^_`{|}~".Contains(character);

    private static bool IsQuoted(ReadOnlySpan<char> local)
    {
        if (local.Length < 3 || local[^1] != '"')
        {
            return false;
        }

        var inside = local[1..^1];
        for (var i = 0; i < inside.Length; i++)
        {
            if (inside[i] == '\\')
            {
                // A backslash quotes the printable character after it.
                if (++i == inside.Length || inside[i] is < ' ' or > '~')
                {
                    return false;
                }
            }
            else if (inside[i] is '"' or < ' ' or '\u007f')
            {
                return false;
            }
        }

        foreach (var rune in inside.EnumerateRunes())
        {
            if (!rune.IsAscii && !IsInternational(rune))
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

    private static bool TryDomain(string text, out string domain)
    {
        domain = text;
        if (!Ascii.IsValid(text))
        {
            try
            {
                domain = s_idn.GetAscii(text);
            }
            catch (ArgumentException)
            {
                return false;
            }
        }

        if (domain.Length > MaxDomainLength || !IsHostName(domain))
        {
            return false;
        }

        domain = domain.ToLowerInvariant();
        return true;
    }

    private static bool IsHostName(ReadOnlySpan<char> domain)
    {
        var labels = 0;
        var last = default(ReadOnlySpan<char>);
        foreach (var range in domain.Split('.'))
        {
            var label = domain[range];
            if (label.Length is 0 or > MaxLabelLength || label[0] == '-' || label[^1] == '-')
            {
                return false;
            }

            foreach (var character in label)
            {
                if (!char.IsAsciiLetterOrDigit(character) && character != '-')
                {
                    return false;
                }
            }

            labels++;
            last = label;
        }

        // No top-level domain is a number: this is an address without its brackets.
        return labels > 1 && last.ContainsAnyExceptInRange('0', '9');
    }
}
