namespace ScoreTracking.Mail;

/// <summary>Reads a mail somebody sent to one of our addresses: report, complaint, unsubscribe, auto-reply or reply. Pure, never throws, linear in the size.</summary>
public static class InboundMail
{
    // SNS messages are at most 256 KB.
    private const int MaxNotification = 512 * 1024;
    private const int MaxAttachments = 50;

    /// <param name="raw">The message with its header, any line ends; no more than <see cref="MailLimits.MailBytes"/> of it are read.</param>
    public static InboundReading Read(ReadOnlyMemory<byte> raw)
    {
        var mail = MimeReader.Read(raw);
        var headers = mail.Headers;
        var tokens = OurAddresses.InDelivered(headers);
        var leaves = mail.Leaves.ToList();
        var reading = new InboundReading
        {
            Results = [],
            Tokens = tokens,
            From = Mailbox.First(headers.Raw("From")),
            To = Mailbox.Parse(headers.Raw("To")),
            Subject = MailLines.OneLine(headers["Subject"], MailLimits.Line),
            Date = MailDate.Parse(headers.Raw("Date")),
            MessageId = HeaderText.MessageId(headers.Raw("Message-ID")),
            InReplyTo = HeaderText.MessageIds(headers.Raw("In-Reply-To")),
            References = HeaderText.MessageIds(headers.Raw("References")),
            Text = MailLines.Cut(TextPart(leaves)?.Text() ?? "", MailLimits.Text).Trim('\n'),
            Attachments = leaves.Where(leaf => leaf.IsAttachment).Take(MaxAttachments)
                .Select(leaf => new InboundAttachment(leaf.FileName, leaf.Type.Name, leaf.Size)).ToList(),
        };

        // In this order: most bounces call themselves automatic too, and Apple's unsubscribes do.
        return Report(mail, reading)
            ?? Unsubscribe(mail, reading)
            ?? Notification(leaves, reading)
            ?? ProseBounce(mail, reading)
            ?? FromSender(reading, MailMarks.IsAutomatic(headers, reading.Subject) ? InboundKind.AutoReply : reading.From is null ? InboundKind.Unreadable : InboundKind.Replied);
    }

    private static InboundReading? Report(MimePart mail, InboundReading reading)
    {
        var attached = ReturnedMessage.Of(mail);
        if (FeedbackReport.Read(mail, reading.Text, attached) is { } feedback)
        {
            return With(reading, feedback, attached ?? ReturnedMessage.InText(reading.Text));
        }

        var returned = attached ?? (MailMarks.MayBeReport(mail) ? ReturnedMessage.InText(reading.Text) : null);
        if (DeliveryReport.InPart(mail, reading.Text, returned) is { } report)
        {
            return With(reading, report, returned);
        }

        if (IsReadReceipt(mail))
        {
            return With(FromSender(reading, InboundKind.ReadReceipt), returned, null);
        }

        if (FeedbackReport.ReadJunkMailReport(mail, attached) is { } complaint)
        {
            return With(reading, complaint, attached);
        }

        // A reply may quote such a report, so its fields count only where a server may have written the mail.
        return MailMarks.MayBeReport(mail) && DeliveryReport.InText(mail, reading.Text, returned) is { } written ? With(reading, written, returned) : null;
    }

    private static bool IsReadReceipt(MimePart mail) =>
        "disposition-notification".Equals(mail.Type["report-type"], StringComparison.OrdinalIgnoreCase)
        || mail.Leaves.Any(leaf => leaf.Type.Name is "message/disposition-notification" or "message/global-disposition-notification");

    // Apple marks its unsubscribes; others are known by the address only List-Unsubscribe gives, or by the one word they say.
    private static InboundReading? Unsubscribe(MimePart mail, InboundReading reading) =>
        "true".Equals(mail.Headers.Raw("X-Apple-Unsubscribe")?.Trim(), StringComparison.OrdinalIgnoreCase)
        || reading.Tokens.Any(token => token.Kind == VerpKind.Unsubscribe)
        || "unsubscribe".Equals(reading.Subject, StringComparison.OrdinalIgnoreCase)
            ? FromSender(reading, InboundKind.Unsubscribed)
            : null;

    private static InboundReading? Notification(List<MimePart> leaves, InboundReading reading)
    {
        if (reading.From?.Address.EndsWith("@sns.amazonaws.com", StringComparison.OrdinalIgnoreCase) != true || !reading.Text.TrimStart().StartsWith('{'))
        {
            return null;
        }

        var text = TextPart(leaves)!.Text(MaxNotification);
        return reading with { Results = [new InboundResult(InboundKind.SesNotification) { OccurredAt = reading.Date }], Text = JsonIn(text) };
    }

    private static InboundReading? ProseBounce(MimePart mail, InboundReading reading)
    {
        var isServer = MailMarks.IsFromServer(mail.Headers) || mail.Type.Name == "multipart/report";
        if (!isServer && !(MailMarks.MayBeReport(mail) && MailMarks.SpeaksOfFailure(reading.Subject)))
        {
            return null;
        }

        var returned = ReturnedMessage.Of(mail) ?? ReturnedMessage.InText(reading.Text);
        return BounceText.Read(mail, reading.Text, reading.Subject, returned) is { } results ? With(reading with { Results = results }, returned, null) : null;
    }

    private static InboundReading With(InboundReading reading, DeliveryReport report, ReturnedMessage? returned) =>
        With(reading with { Results = report.Results, EnvelopeId = report.EnvelopeId, ReportingMta = report.ReportingMta }, returned, null);

    private static InboundReading With(InboundReading reading, FeedbackReport report, ReturnedMessage? returned) =>
        With(reading with { Results = report.Results, EnvelopeId = report.EnvelopeId, ReportingMta = report.ReportingMta }, returned, report.ReturnPath);

    private static InboundReading With(InboundReading reading, ReturnedMessage? returned, VerpAddress? returnPath) => reading with
    {
        Returned = returned,
        Tokens = reading.Tokens.Concat(returnPath is null ? [] : [returnPath]).Concat(returned?.Tokens ?? []).Distinct().ToList(),
    };

    private static InboundReading FromSender(InboundReading reading, InboundKind kind) =>
        reading with { Results = [new InboundResult(kind) { Recipient = reading.From?.Address, OccurredAt = reading.Date }] };

    private static MimePart? TextPart(List<MimePart> leaves) =>
        leaves.FirstOrDefault(leaf => leaf.Type.Name is "text/plain" or "" && !leaf.IsAttachment) ?? leaves.FirstOrDefault(leaf => leaf.Type.Name == "text/html" && !leaf.IsAttachment);

    // SNS appends how to stop its mails: the object ends where its braces do.
    private static string JsonIn(string text)
    {
        var start = text.IndexOf('{', StringComparison.Ordinal);
        var depth = 0;
        var quoted = false;
        for (var at = start; at < text.Length; at++)
        {
            switch (text[at])
            {
                case '\\' when quoted:
                    at++;
                    break;
                case '"':
                    quoted = !quoted;
                    break;
                case '{' when !quoted:
                    depth++;
                    break;
                case '}' when !quoted:
                    depth--;
                    break;
            }

            if (depth == 0)
            {
                return text[start..(at + 1)];
            }
        }

        return text[start..];
    }
}
