using System.Buffers;
using System.Globalization;
using System.Text;

namespace ScoreTracking.Mail;

/// <summary>A complaint: an abuse report (ARF, RFC 5965) or one of Microsoft's junk mail programme, which is only a forwarded message.</summary>
internal sealed record FeedbackReport(IReadOnlyList<InboundResult> Results, string? EnvelopeId, string? ReportingMta, VerpAddress? ReturnPath)
{
    private const int MaxIncidents = 1_000_000;

    private static readonly SearchValues<char> s_hex = SearchValues.Create("0123456789abcdefABCDEF");
    private static readonly string[] s_recipientFields = ["Original-Rcpt-To", "Removal-Recipient"];

    /// <summary>Null when the mail is no abuse report.</summary>
    public static FeedbackReport? Read(MimePart mail, string text, ReturnedMessage? returned)
    {
        var part = mail.Leaves.FirstOrDefault(leaf => leaf.Type.Name == "message/feedback-report");
        if (part is null && !"feedback-report".Equals(mail.Type["report-type"], StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        var fields = part is null ? InText(text) : Group(part);
        var kind = KindOf(ReportFields.Word(fields.Raw("Feedback-Type")));
        var result = new InboundResult(kind)
        {
            FeedbackType = ReportFields.Word(fields.Raw("Feedback-Type")) is { Length: > 0 } type ? MailLines.Cut(type, MailLimits.AddressText) : null,
            OccurredAt = MailDate.Parse(fields.Raw("Arrival-Date") ?? fields.Raw("Received-Date")) ?? MailDate.Parse(mail.Headers.Raw("Date")),
            Incidents = int.TryParse(fields.Raw("Incidents"), NumberStyles.None, CultureInfo.InvariantCulture, out var incidents) ? Math.Clamp(incidents, 1, MaxIncidents) : 1,
        };
        return new FeedbackReport(
            Recipients(fields, returned).Select(recipient => result with { Recipient = recipient }).ToList(),
            MailLines.OneLine(fields.Raw("Original-Envelope-Id"), MailLimits.Line),
            ReportFields.Host(fields.Raw("Reporting-MTA")),
            VerpAddress.TryParse(fields.Raw("Original-Mail-From"), out var returnPath) ? returnPath : null);
    }

    /// <summary>Microsoft's junk mail reporting programme (JMRP): a returned message with their mark in it and no report around it.</summary>
    public static FeedbackReport? ReadJunkMailReport(MimePart mail, ReturnedMessage? returned)
    {
        var isTheirs = mail.Headers.Raw("From")?.Contains("staff@hotmail.com", StringComparison.OrdinalIgnoreCase) == true
            || mail.Headers["Subject"]?.StartsWith("complaint about message from", StringComparison.OrdinalIgnoreCase) == true;
        return isTheirs && mail.Type.IsMultipart && returned?.JunkMailRecipient is { } recipient
            ? new FeedbackReport([new InboundResult(InboundKind.Complained) { Recipient = recipient, FeedbackType = "abuse", OccurredAt = MailDate.Parse(mail.Headers.Raw("Date")) }], null, null, null)
            : null;
    }

    // Forensic reports are about the sender's own set-up; whatever else is new or unnamed is somebody complaining.
    private static InboundKind KindOf(string type) => type switch
    {
        "opt-out" or "opt-out-list" or "unsubscribe" => InboundKind.Unsubscribed,
        "not-spam" => InboundKind.NotSpam,
        "auth-failure" or "dmarc" or "dkim" or "spf" => InboundKind.AuthenticationFailure,
        _ => InboundKind.Complained,
    };

    private static MimeHeaders Group(MimePart part)
    {
        var content = part.Content(MailLimits.ReportBytes).Span.TrimStart("\n"u8);
        var fields = MimeHeaders.Read(content, out _);
        return fields.Fields.Count > 0 ? fields : part.Headers; // the empty line before the fields was forgotten
    }

    private static MimeHeaders InText(string text)
    {
        var start = text.IndexOf("Feedback-Type:", StringComparison.OrdinalIgnoreCase);
        return start < 0 ? MimeHeaders.None : MimeHeaders.Read(Encoding.UTF8.GetBytes(text[start..]), out _);
    }

    private static List<string?> Recipients(MimeHeaders fields, ReturnedMessage? returned)
    {
        var named = s_recipientFields.SelectMany(fields.All).SelectMany(Mailbox.Parse).Select(mailbox => mailbox.Address)
            .Where(IsOpen).Distinct(StringComparer.OrdinalIgnoreCase).Take(MailLimits.Recipients).ToList<string?>();
        return named.Count > 0 ? named
            : returned?.JunkMailRecipient is { } junk && IsOpen(junk) ? [junk]
            : returned?.To is [var only] && IsOpen(only) ? [only]
            : [null];
    }

    // "redacted@…", "***@…", or the hash of an address in place of its local part.
    private static bool IsOpen(string address)
    {
        var local = address.AsSpan(0, address.LastIndexOf('@'));
        return !local.Contains("redact", StringComparison.OrdinalIgnoreCase) && !local.Contains('*')
            && !(local.Length is 32 or 40 or 64 && !local.ContainsAnyExcept(s_hex));
    }
}
