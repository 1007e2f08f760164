using System.Text;

namespace ScoreTracking.Mail;

/// <summary>Our own message as a report gives it back: attached, as headers only, or quoted in its text.</summary>
public sealed record ReturnedMessage
{
    /// <summary>The header our own message id travels in.</summary>
    public const string IdHeader = "X-ST-Message-ID";

    private static readonly string[] s_types =
        ["message/rfc822", "text/rfc822-headers", "message/rfc822-headers", "message/global", "message/global-headers", "message/partial"];

    // Fields no report has of its own: where one stands in a text, the returned header is.
    private static readonly string[] s_telling = ["Return-Path", "Received", "Message-ID", IdHeader, "DKIM-Signature", "MIME-Version", "List-Unsubscribe"];

    /// <summary>Its Message-ID, without brackets.</summary>
    public string? MessageId { get; init; }

    /// <summary>Its X-ST-Message-ID: "msg_…".</summary>
    public string? OurMessageId { get; init; }
    public string? From { get; init; }
    public IReadOnlyList<string> To { get; init; } = [];
    public string? Subject { get; init; }

    /// <summary>The addresses of ours it carried: envelope sender, reply address, mailto unsubscribe.</summary>
    internal IReadOnlyList<VerpAddress> Tokens { get; init; } = [];

    /// <summary>The recipient Microsoft's complaint programme notes in it.</summary>
    internal string? JunkMailRecipient { get; init; }

    /// <summary>The returned part of a mail, or null.</summary>
    internal static ReturnedMessage? Of(MimePart mail)
    {
        var part = mail.Leaves.FirstOrDefault(leaf => s_types.Contains(leaf.Type.Name));
        if (part is null || ReferenceEquals(part, mail))
        {
            return null;
        }

        var content = part.Content(MailLimits.HeaderBytes).Span.TrimStart("\n \t"u8);
        if (content.StartsWith("From "u8) || content.StartsWith(">From "u8))
        {
            MailLines.At(content, 0, out var next);
            content = content[next..];
        }

        return Read(MimeHeaders.Read(content, out _));
    }

    /// <summary>The header quoted in a text, indented or behind "&gt;" too; null when there is none.</summary>
    internal static ReturnedMessage? InText(string text)
    {
        var lines = text.Split('\n');
        var found = Array.FindIndex(lines, IsTelling);
        if (found < 0)
        {
            return null;
        }

        // The header may begin with ordinary fields: back to the first of the run.
        var first = found;
        var mark = Mark(lines[found]);
        while (first > 0 && Unmarked(lines[first - 1], mark) is { Length: > 0 } before && (before[0] is ' ' or '\t' || MimeHeaders.NameLength(Encoding.UTF8.GetBytes(before)) > 0))
        {
            first--;
        }

        var header = string.Join('\n', lines.Skip(first).TakeWhile(line => Unmarked(line, mark).Trim().Length > 0).Select(line => Unmarked(line, mark)));
        return Read(MimeHeaders.Read(Encoding.UTF8.GetBytes(header.TrimStart()), out _));
    }

    /// <summary>Whether a line of a text is where a returned message begins or already is.</summary>
    internal static bool IsTelling(string line)
    {
        var start = Mark(line);
        var colon = line.IndexOf(':', start);
        return colon > 0 && s_telling.Any(name => colon - start == name.Length && string.Compare(line, start, name, 0, name.Length, StringComparison.OrdinalIgnoreCase) == 0);
    }

    private static int Mark(string line)
    {
        var mark = 0;
        while (mark < line.Length && line[mark] is ' ' or '\t' or '>' or '|')
        {
            mark++;
        }

        return mark;
    }

    // As much of the first line's indentation as this line has: what is left in front marks a folded field.
    private static string Unmarked(string line, int mark) => line[Math.Min(mark, Mark(line))..];

    private static ReturnedMessage? Read(MimeHeaders headers)
    {
        if (headers.Fields.Count == 0)
        {
            return null;
        }

        return new ReturnedMessage
        {
            MessageId = HeaderText.MessageId(headers.Raw("Message-ID")),
            OurMessageId = MailLines.OneLine(headers.Raw(IdHeader), MailLimits.AddressText),
            From = Mailbox.First(headers.Raw("From"))?.Address,
            To = Mailbox.Parse(headers.Raw("To")).Select(mailbox => mailbox.Address).ToList(),
            Subject = MailLines.OneLine(headers["Subject"], MailLimits.Line),
            Tokens = OurAddresses.InReturned(headers),
            JunkMailRecipient = Mailbox.Clean(headers.Raw("X-HmXmrOriginalRecipient")),
        };
    }
}
