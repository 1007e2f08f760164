using System.Text;

namespace ScoreTracking.Mail;

/// <summary>
/// Takes raw mail apart. Reads what is there rather than what should be: any line ends, an mbox line in front, boundaries that are
/// indented, unfinished, undeclared or missing. Never throws; the time is linear in the size, each level of nesting being read once.
/// </summary>
public static class MimeReader
{
    private static readonly MediaType s_plain = MediaType.Parse("text/plain");

    /// <param name="raw">The mail as it came; no more than <see cref="MailLimits.MailBytes"/> of it are read.</param>
    public static MimePart Read(ReadOnlyMemory<byte> raw)
    {
        var text = MailLines.WithLineFeeds(raw[..Math.Min(raw.Length, MailLimits.MailBytes)]);
        if (text.Span.StartsWith("\uFEFF"u8))
        {
            text = text[3..];
        }

        while (text.Length > 0 && IsInFront(MailLines.At(text.Span, 0, out var next)))
        {
            text = text[next..];
        }

        var room = MailLimits.Parts;
        return Part(text, depth: 0, s_plain, ref room);
    }

    // Empty lines, and the "From " line of an mbox file, which some relays quote.
    private static bool IsInFront(ReadOnlySpan<byte> line) =>
        line.Trim(" \t"u8).IsEmpty || line.StartsWith("From "u8) || line.StartsWith(">From "u8);

    private static MimePart Part(ReadOnlyMemory<byte> text, int depth, MediaType fallback, ref int room)
    {
        var headers = MimeHeaders.Read(text.Span, out var bodyStart);
        var declared = headers.Raw("Content-Type");
        var type = declared is null ? fallback : MediaType.Parse(declared);
        var body = text[bodyStart..];
        if (!type.IsMultipart || depth == MailLimits.Depth || room == 0)
        {
            return new MimePart(headers, type, body, []);
        }

        // RFC 2046: without a type of its own, a part of a digest is a message.
        var partFallback = type.Name == "multipart/digest" ? MediaType.Parse("message/rfc822") : s_plain;
        var parts = new List<MimePart>();
        var ranges = Ranges(body.Span, type["boundary"], room);
        room -= ranges.Count;
        foreach (var range in ranges)
        {
            parts.Add(Part(body[range], depth + 1, partFallback, ref room));
        }

        return new MimePart(headers, type, body, parts.Count > 0 ? parts : [new MimePart(MimeHeaders.None, s_plain, body, [])]);
    }

    private static List<Range> Ranges(ReadOnlySpan<byte> body, string? boundary, int most)
    {
        var ranges = Split(body, Encoding.UTF8.GetBytes(boundary ?? "").AsSpan().TrimEnd((byte)' '), most);
        return ranges.Count > 0 ? ranges : Split(body, Guess(body), most);
    }

    private static List<Range> Split(ReadOnlySpan<byte> body, ReadOnlySpan<byte> boundary, int most)
    {
        var ranges = new List<Range>();
        if (boundary.IsEmpty)
        {
            return ranges;
        }

        var start = -1;
        for (var position = 0; position < body.Length && ranges.Count < most;)
        {
            var line = MailLines.At(body, position, out var next);
            if (Delimits(line, boundary) is { } isLast)
            {
                if (start >= 0)
                {
                    ranges.Add(start..Math.Max(start, position - 1));
                }

                start = isLast ? -1 : next;
            }

            position = next;
        }

        if (start >= 0 && ranges.Count < most)
        {
            ranges.Add(start..body.Length); // cut off before its end, or never finished
        }

        return ranges;
    }

    // Null: an ordinary line. True: the last delimiter. Blanks in front are damage seen in real reports.
    private static bool? Delimits(ReadOnlySpan<byte> line, ReadOnlySpan<byte> boundary)
    {
        if (line.IsEmpty || line[0] is not ((byte)'-' or (byte)' ' or (byte)'\t'))
        {
            return null;
        }

        line = line.Trim(" \t"u8);
        if (!line.StartsWith("--"u8) || !line[2..].StartsWith(boundary))
        {
            return null;
        }

        var rest = line[(2 + boundary.Length)..];
        return rest.IsEmpty ? false : rest.SequenceEqual("--"u8) ? true : null;
    }

    // The declared boundary is missing or never used: a line of dashes right above a Content- field will be it.
    private static ReadOnlySpan<byte> Guess(ReadOnlySpan<byte> body)
    {
        for (var position = 0; position < body.Length;)
        {
            var line = MailLines.At(body, position, out var next).Trim(" \t"u8);
            if (line.Length is > 2 and < 200 && line.StartsWith("--"u8) && !line.Contains((byte)' ')
                && next < body.Length && MailLines.StartsWith(MailLines.At(body, next, out _), "Content-"u8))
            {
                return line[2..];
            }

            position = next;
        }

        return default;
    }
}
