using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ScoreTracking.Tracking;

/// <summary>Where a tracked link leads: absolute http(s), stored as ASCII that any Location header can carry, otherwise byte for byte as written.</summary>
public static class Destination
{
    /// <summary>Longest stored URL, in ASCII characters.</summary>
    public const int MaxLength = 8192;

    // What RFC 3986 lets stand outside the host; everything else is percent-encoded. A stray % stays, as browsers send it.
    private const string Kept = "-._~:/?#[]@!$&'()*+,;=%";

    private static readonly IdnMapping Idn = new() { AllowUnassigned = true };

    /// <summary>
    /// The one stored spelling of a URL: ends trimmed, scheme and host in lower case, an international host in punycode, other
    /// non-ASCII as percent-encoded UTF-8. Existing escapes, query order and fragment stay. Applying it twice changes nothing.
    /// </summary>
    /// <param name="url">A URL as text, entities decoded.</param>
    /// <param name="ascii">The canonical URL, or "" when refused.</param>
    /// <param name="error">Why it is refused, ready for an API answer, or "".</param>
    public static bool TryCanonicalise(string url, out string ascii, out string error) => TryWrite(url, withFields: false, out ascii, out error);

    /// <summary>The same for a URL that may carry our merge fields and conditions behind the host; they keep one spelling in the result, in which only a default may hold more than ASCII.</summary>
    public static bool TryCanonicaliseTemplate(string url, out string ascii, out string error) => TryWrite(url, withFields: true, out ascii, out error);

    /// <summary>
    /// Fills the merge fields of a stored URL at the time of the click, and decides its conditions; an unknown field becomes empty.
    /// Values are percent-encoded and only written behind the host, so no value can change where the link leads.
    /// </summary>
    public static string Fill(string urlTemplate, IReadOnlyDictionary<string, string> fields)
    {
        var from = HostEnd(urlTemplate);
        if (!MergeTag.TryFind(urlTemplate, from, urlTemplate.Length, html: false, out _))
        {
            return urlTemplate;
        }

        using var filled = new CharBuffer(urlTemplate.Length + 64);
        filled.Append(urlTemplate.AsSpan(0, from));
        MailPart.WriteAll(Parts(urlTemplate, from), filled, new MailValues(null, null, null, fields) { FillsAll = true });
        return filled.ToString();
    }

    /// <summary>Whether an http(s) address ends before its path begins.</summary>
    internal static bool EndsInHost(string url) => HostEnd(url) == url.Length;

    private static List<MailPart> Parts(string url, int from)
    {
        try
        {
            return Read(fieldsOnly: false);
        }
        catch (MergeFaultException)
        {
            // Stored before we knew of conditions. A click always leads somewhere.
            return Read(fieldsOnly: true);
        }

        List<MailPart> Read(bool fieldsOnly) => MergeParts.Read(
            url, from, url.Length, html: false, fieldsOnly,
            (start, end) => new LiteralPart(url, start, end),
            field => new FieldPart(field, "", FieldSpelling.UrlPart, place: null));
    }

    /// <summary>Where path, query or fragment begin; the length of the text where none does or it is not absolute.</summary>
    private static int HostEnd(string url)
    {
        var authority = url.IndexOf("://", StringComparison.Ordinal);
        var end = authority < 0 ? -1 : url.AsSpan(authority + 3).IndexOfAny("/?#\\");
        return end < 0 ? url.Length : authority + 3 + end;
    }

    private static bool TryWrite(string url, bool withFields, out string ascii, out string error)
    {
        ascii = "";
        error = Write(url.AsSpan().Trim(), withFields, out var written);
        if (error.Length == 0 && written.Length > MaxLength)
        {
            error = TooLong;
        }

        if (error.Length > 0)
        {
            return false;
        }

        ascii = written.ToString();
        return true;
    }

    private const string TooLong = "is longer than 8 KB";

    private static string Write(ReadOnlySpan<char> url, bool withFields, out StringBuilder written)
    {
        written = new StringBuilder();
        if (url.Length > MaxLength)
        {
            return TooLong;
        }

        var scheme = url.StartsWith("https://", StringComparison.OrdinalIgnoreCase) ? "https://"
            : url.StartsWith("http://", StringComparison.OrdinalIgnoreCase) ? "http://" : "";
        if (scheme.Length == 0)
        {
            return "is not an absolute http or https URL";
        }

        var rest = url[scheme.Length..];
        var pathAt = rest.IndexOfAny("/?#\\");
        var authority = pathAt < 0 ? rest : rest[..pathAt];
        if (!TryAuthority(authority, out var host, out var error))
        {
            return error;
        }

        written.Append(scheme).Append(host);
        return pathAt < 0 ? "" : WriteBehindHost(rest[pathAt..], withFields, written);
    }

    private static string WriteBehindHost(ReadOnlySpan<char> rest, bool withFields, StringBuilder written)
    {
        // Browsers read a backslash before the query as a slash, libraries do not: refuse what two readers take differently.
        var queryAt = rest.IndexOfAny('?', '#');
        if ((queryAt < 0 ? rest : rest[..queryAt]).Contains('\\'))
        {
            return "has a backslash in its path";
        }

        Span<byte> utf8 = stackalloc byte[4];
        for (var at = 0; at < rest.Length;)
        {
            if (withFields && rest[at] == '{' && MergeTag.TryReadAt(rest, at, rest.Length, html: false, out var tag))
            {
                written.Append(tag.Canonical);
                at = tag.End;
                continue;
            }

            if (Rune.DecodeFromUtf16(rest[at..], out var rune, out var length) != System.Buffers.OperationStatus.Done)
            {
                return "is not valid Unicode";
            }

            if (Rune.IsControl(rune) || Rune.IsWhiteSpace(rune))
            {
                return "has a space or control character inside";
            }

            at += length;
            if (rune.IsAscii && (char.IsAsciiLetterOrDigit((char)rune.Value) || Kept.Contains((char)rune.Value)))
            {
                written.Append((char)rune.Value);
                continue;
            }

            foreach (var value in utf8[..rune.EncodeToUtf8(utf8)])
            {
                written.Append('%').Append(value.ToString("X2", CultureInfo.InvariantCulture));
            }
        }

        return "";
    }

    private static bool TryAuthority(ReadOnlySpan<char> authority, out string host, out string error)
    {
        host = "";
        error = "";
        if (authority.Contains('@'))
        {
            error = "has a user name or password";
            return false;
        }

        // An IPv6 address has colons of its own, up to the bracket.
        var colon = authority.StartsWith('[') ? authority.IndexOf("]:") + 1 : authority.IndexOf(':');
        var name = colon > 0 ? authority[..colon] : authority;
        var port = colon > 0 ? authority[(colon + 1)..] : "0";
        if (port.ContainsAnyExceptInRange('0', '9') || !ushort.TryParse(port, CultureInfo.InvariantCulture, out _))
        {
            error = "has an invalid port";
            return false;
        }

        if (!TryHost(name, out var canonical))
        {
            error = "has no valid host";
            return false;
        }

        host = colon > 0 ? $"{canonical}:{port}" : canonical;
        return true;
    }

    private static bool TryHost(ReadOnlySpan<char> name, out string host)
    {
        host = "";
        if (name.Length > 2 && name[0] == '[' && name[^1] == ']')
        {
            // A zone index names an interface of the reader's machine.
            if (name.Contains('%') || !IPAddress.TryParse(name, out var address) || address.AddressFamily != AddressFamily.InterNetworkV6)
            {
                return false;
            }

            host = $"[{address}]";
            return true;
        }

        try
        {
            host = Ascii.IsValid(name) ? name.ToString().ToLowerInvariant() : Idn.GetAscii(name.ToString()).ToLowerInvariant();
        }
        catch (ArgumentException)
        {
            return false;
        }

        return IsHostName(host);
    }

    // RFC 1035: labels of 1 to 63, 253 together; the underscore is common in practice. A final dot is the root.
    private static bool IsHostName(string host)
    {
        var labels = host.EndsWith('.') ? host[..^1] : host;
        return labels.Length is > 0 and <= 253
            && labels.Split('.').All(label => label.Length is > 0 and <= 63 && label.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'));
    }
}
