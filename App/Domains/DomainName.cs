using System.Globalization;

namespace ScoreTracking.Domains;

/// <summary>Names of domains as DNS has them.</summary>
public static class DomainName
{
    public const int MaxLength = 253;

    private static readonly IdnMapping s_idn = new() { UseStd3AsciiRules = true };

    /// <summary>Lower-case ASCII, international names as punycode; null where it is no domain of at least two labels.</summary>
    public static string? Read(string? text)
    {
        text = text?.Trim().TrimEnd('.');
        if (text is null or { Length: 0 or > MaxLength })
        {
            return null;
        }

        try
        {
            text = s_idn.GetAscii(text).ToLowerInvariant();
        }
        catch (ArgumentException)
        {
            return null;
        }

        var labels = text.Split('.');
        return text.Length <= MaxLength && labels.Length >= 2 && labels.All(IsLabel) && !labels[^1].All(char.IsAsciiDigit) ? text : null;
    }

    /// <summary>A DKIM selector: one label or several. Null where it is none.</summary>
    public static string? Selector(string? text)
    {
        text = text?.Trim().ToLowerInvariant();
        return text is { Length: > 0 and <= 63 } && text.Split('.').All(IsLabel) ? text : null;
    }

    /// <summary>The domain of an address; null where it has none.</summary>
    public static string? Of(string address) => Read(address[(address.LastIndexOf('@') + 1)..]);

    /// <summary>The domain and those above it, down to two labels: "mail.acme.example", "acme.example".</summary>
    public static IEnumerable<string> AndAbove(string domain)
    {
        for (; domain.Contains('.', StringComparison.Ordinal); domain = domain[(domain.IndexOf('.', StringComparison.Ordinal) + 1)..])
        {
            yield return domain;
        }
    }

    private static bool IsLabel(string label) =>
        label.Length is > 0 and <= 63 && label[0] != '-' && label[^1] != '-' && label.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_');
}
