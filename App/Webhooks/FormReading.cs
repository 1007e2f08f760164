using System.Net;
using System.Text;

namespace ScoreTracking.Webhooks;

/// <summary>One field of a form post.</summary>
/// <param name="Raw">Decoded bytes: a raw message in a form need not be UTF-8.</param>
internal sealed record FormField(string Name, ReadOnlyMemory<byte> Raw)
{
    public string Value => Encoding.UTF8.GetString(Raw.Span);
}

/// <summary>Reads a form post, told apart by its first bytes rather than by its content type. Nothing here throws.</summary>
internal static class FormReading
{
    private const int MaxFields = 1_000;

    /// <summary>Fields in order, repeated names kept; urlencoded or multipart. A file is a field like any other.</summary>
    public static List<FormField> Fields(ReadOnlyMemory<byte> body) =>
        body.Span.StartsWith("--"u8) ? Multipart(body) : UrlEncoded(body.Span);

    /// <summary>The first value of a field; null where it is absent or empty.</summary>
    public static string? First(this List<FormField> fields, string name) => Text(fields.Find(field => field.Name == name));

    /// <summary>The last value of a field; null where it is absent or empty.</summary>
    public static string? Last(this List<FormField> fields, string name) => Text(fields.FindLast(field => field.Name == name));

    private static string? Text(FormField? field) => field is { Raw.Length: > 0 } ? field.Value : null;

    private static List<FormField> UrlEncoded(ReadOnlySpan<byte> body)
    {
        var fields = new List<FormField>();
        foreach (var range in body.Split((byte)'&'))
        {
            var pair = body[range];
            var equals = pair.IndexOf((byte)'=');
            if (equals > 0 && fields.Count < MaxFields)
            {
                fields.Add(new FormField(Encoding.UTF8.GetString(Decode(pair[..equals])), Decode(pair[(equals + 1)..])));
            }
        }

        return fields;
    }

    private static byte[] Decode(ReadOnlySpan<byte> encoded) => WebUtility.UrlDecodeToBytes(encoded.ToArray(), 0, encoded.Length) ?? [];

    private static List<FormField> Multipart(ReadOnlyMemory<byte> body)
    {
        var fields = new List<FormField>();
        var lineEnd = body.Span.IndexOf((byte)'\n');
        if (lineEnd < 3)
        {
            return fields;
        }

        var boundary = body.Span[..lineEnd].TrimEnd("\r "u8);
        body = body[(lineEnd + 1)..];
        while (fields.Count < MaxFields)
        {
            var end = End(body.Span, boundary);
            if (end < 0)
            {
                return fields;
            }

            if (Part(body[..end]) is { } field)
            {
                fields.Add(field);
            }

            body = body[(end + boundary.Length)..];
            lineEnd = body.Span.IndexOf((byte)'\n');
            if (body.Span.StartsWith("--"u8) || lineEnd < 0)
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

    private static FormField? Part(ReadOnlyMemory<byte> part)
    {
        var bytes = part.Span;
        var gap = bytes.IndexOf("\r\n\r\n"u8) is var crlf and >= 0 ? (At: crlf, Length: 4) : (At: bytes.IndexOf("\n\n"u8), Length: 2);
        if (gap.At < 0)
        {
            return null;
        }

        var head = Encoding.UTF8.GetString(bytes[..gap.At]);
        var start = head.IndexOf("; name=", StringComparison.OrdinalIgnoreCase);
        if (start < 0)
        {
            return null;
        }

        var rest = head[(start + "; name=".Length)..];
        var name = rest.StartsWith('"') ? rest[1..].Split('"', 2)[0] : rest.Split(';', '\r', '\n')[0].Trim();
        var value = part[(gap.At + gap.Length)..];
        var lineEnd = value.Span.EndsWith("\r\n"u8) ? 2 : value.Span.EndsWith("\n"u8) ? 1 : 0;
        return name.Length == 0 ? null : new FormField(name, value[..^lineEnd]);
    }
}
