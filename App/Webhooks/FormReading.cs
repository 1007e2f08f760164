using System.Net;
using System.Text;

namespace ScoreTracking.Webhooks;

/// <summary>Reads a form post, told apart by its first bytes rather than by its content type. Nothing here throws.</summary>
internal static class FormReading
{
    private const int MaxFields = 1_000;

    /// <summary>Fields in order, repeated names kept; urlencoded or multipart. Files come as text, like any other field.</summary>
    public static List<(string Name, string Value)> Fields(ReadOnlyMemory<byte> body) =>
        body.Span.StartsWith("--"u8) ? Multipart(body.Span) : UrlEncoded(body.Span);

    /// <summary>The first value of a field.</summary>
    public static string? First(this List<(string Name, string Value)> fields, string name) =>
        fields.Find(field => string.Equals(field.Name, name, StringComparison.Ordinal)) is { Name: not null } found && found.Value.Length > 0 ? found.Value : null;

    /// <summary>The last value of a field.</summary>
    public static string? Last(this List<(string Name, string Value)> fields, string name) =>
        fields.FindLast(field => string.Equals(field.Name, name, StringComparison.Ordinal)) is { Name: not null } found && found.Value.Length > 0 ? found.Value : null;

    private static List<(string, string)> UrlEncoded(ReadOnlySpan<byte> body)
    {
        var fields = new List<(string, string)>();
        foreach (var pair in Encoding.UTF8.GetString(body).Split('&', MaxFields + 1).Take(MaxFields))
        {
            var equals = pair.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0)
            {
                fields.Add((WebUtility.UrlDecode(pair[..equals]), WebUtility.UrlDecode(pair[(equals + 1)..])));
            }
        }

        return fields;
    }

    private static List<(string, string)> Multipart(ReadOnlySpan<byte> body)
    {
        var fields = new List<(string, string)>();
        var lineEnd = body.IndexOf((byte)'\n');
        if (lineEnd < 3)
        {
            return fields;
        }

        var boundary = body[..lineEnd].TrimEnd("\r "u8);
        body = body[(lineEnd + 1)..];
        while (fields.Count < MaxFields)
        {
            var end = End(body, boundary);
            if (end < 0)
            {
                return fields;
            }

            if (Part(body[..end]) is { } field)
            {
                fields.Add(field);
            }

            body = body[(end + boundary.Length)..];
            lineEnd = body.IndexOf((byte)'\n');
            if (body.StartsWith("--"u8) || lineEnd < 0)
            {
                return fields;
            }

            body = body[(lineEnd + 1)..];
        }

        return fields;
    }

    // Where the next boundary starts that stands at the beginning of a line.
    private static int End(ReadOnlySpan<byte> body, ReadOnlySpan<byte> boundary)
    {
        for (var from = 0; ;)
        {
            var found = body[from..].IndexOf(boundary);
            if (found < 0 || from + found == 0 || body[from + found - 1] == '\n')
            {
                return found < 0 ? -1 : from + found;
            }

            from += found + 1;
        }
    }

    private static (string Name, string Value)? Part(ReadOnlySpan<byte> part)
    {
        var gap = part.IndexOf("\r\n\r\n"u8) is var crlf and >= 0 ? (At: crlf, Length: 4) : (At: part.IndexOf("\n\n"u8), Length: 2);
        if (gap.At < 0)
        {
            return null;
        }

        var head = Encoding.UTF8.GetString(part[..gap.At]);
        var start = head.IndexOf("; name=", StringComparison.OrdinalIgnoreCase);
        if (start < 0)
        {
            return null;
        }

        var rest = head[(start + "; name=".Length)..];
        var name = rest.StartsWith('"') ? rest[1..].Split('"', 2)[0] : rest.Split(';', '\r', '\n')[0].Trim();
        var value = part[(gap.At + gap.Length)..];
        value = value.EndsWith("\r\n"u8) ? value[..^2] : value.EndsWith("\n"u8) ? value[..^1] : value;
        return name.Length == 0 ? null : (name, Encoding.UTF8.GetString(value));
    }
}
