using System.Buffers;
using System.Text;
using System.Text.RegularExpressions;

namespace ScoreTracking.Tracking;

/// <summary>
/// Recognises what another mail tool will still fill in after us. Such a URL is left alone: we would store the token,
/// not the address the recipient should reach. When in doubt it is a token, since an untracked link works and a broken one does not.
/// </summary>
internal static partial class ForeignTokens
{
    /// <summary>Whether a URL, its entities decoded, carries a token that is not one of our own tags.</summary>
    /// <param name="fieldsOnly">Conditions are not ours either.</param>
    public static bool In(string url, bool fieldsOnly)
    {
        if (HasBraceBesideOurTags(url, fieldsOnly))
        {
            return true;
        }

        // A default says what it likes: "50%%" is no token.
        var rest = url.Contains("default", StringComparison.Ordinal) ? WithoutDefaults(url) : url;
        return rest.AsSpan().ContainsAny(Openings) || HasPercentToken(rest);
    }

    // Mailchimp *|X|*, Salesforce %%x%%, Jinja {% %}, Mailjet [[x]], ERB and SendGrid <% %>, ${x}. The opening is enough:
    // quotes inside a token end the attribute, and the rest of it stands where we do not see it.
    private static readonly SearchValues<string> Openings = SearchValues.Create(["*|", "%%", "{%", "[[", "<%", "${"], StringComparison.Ordinal);

    [GeneratedRegex(@"(?=%([A-Za-z_][A-Za-z0-9_.:-]{0,99})%)", RegexOptions.CultureInvariant)]
    private static partial Regex PercentToken();

    // %recipient.name% beside %C3%A9: a name is a token unless both of its percent signs begin a proper escape.
    private static bool HasPercentToken(string url)
    {
        foreach (Match match in PercentToken().Matches(url))
        {
            var closing = match.Index + match.Groups[1].Length + 1;
            if (!IsEscape(url, match.Index) || !IsEscape(url, closing))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsEscape(string url, int at) =>
        at + 2 < url.Length && char.IsAsciiHexDigit(url[at + 1]) && char.IsAsciiHexDigit(url[at + 2]);

    // RFC 3986 has no braces in URLs, so whatever brace is left beside our tags is somebody's template.
    private static bool HasBraceBesideOurTags(string url, bool fieldsOnly)
    {
        var from = 0;
        while (MergeTag.TryFind(url, from, url.Length, html: false, out var tag))
        {
            if (url.AsSpan(from, tag.Start - from).ContainsAny('{', '}') || !tag.IsOurs || (fieldsOnly && tag.Kind != MergeTagKind.Field))
            {
                return true;
            }

            from = tag.End;
        }

        return url.AsSpan(from).ContainsAny('{', '}');
    }

    private static string WithoutDefaults(string url)
    {
        var rest = new StringBuilder(url.Length);
        var from = 0;
        while (MergeTag.TryFind(url, from, url.Length, html: false, out var tag))
        {
            rest.Append(url, from, tag.Start - from).Append((tag with { Default = null }).Canonical);
            from = tag.End;
        }

        return rest.Append(url, from, url.Length - from).ToString();
    }
}
