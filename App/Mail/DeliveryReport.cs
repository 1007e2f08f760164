using System.Text;
using ScoreTracking.Events;

namespace ScoreTracking.Mail;

/// <summary>A delivery status notification (RFC 3464): one result for each recipient it names, at most <see cref="MailLimits.Recipients"/>.</summary>
internal sealed record DeliveryReport(IReadOnlyList<InboundResult> Results, string? EnvelopeId, string? ReportingMta)
{
    private static readonly string[] s_fields = ["Reporting-MTA:", "Final-Recipient:", "Original-Recipient:"];

    /// <summary>Null when the mail has no status part, or one that names no recipient.</summary>
    public static DeliveryReport? InPart(MimePart mail, string text, ReturnedMessage? returned)
    {
        var part = mail.Leaves.FirstOrDefault(leaf => leaf.Type.Name is "message/delivery-status" or "message/global-delivery-status");
        if (part is null)
        {
            return null;
        }

        // The empty line before the fields is sometimes forgotten, and they end up in the part's header.
        var groups = ReportFields.Groups(part.Content(MailLimits.ReportBytes).Span);
        return Read([part.Headers, .. groups], mail, text, returned);
    }

    /// <summary>The fields in a text: the boundaries around them were lost. Null when there are none.</summary>
    public static DeliveryReport? InText(MimePart mail, string text, ReturnedMessage? returned)
    {
        var start = FieldsIn(text);
        return start < 0 ? null : Read(ReportFields.Groups(Encoding.UTF8.GetBytes(text[start..])), mail, text[..start], returned);
    }

    /// <summary>Where the status fields begin in a text, or -1.</summary>
    public static int FieldsIn(string text)
    {
        for (var position = 0; position < text.Length;)
        {
            var start = position;
            if (s_fields.Any(name => text.AsSpan(start).StartsWith(name, StringComparison.OrdinalIgnoreCase)))
            {
                return start;
            }

            var end = text.IndexOf('\n', start);
            position = end < 0 ? text.Length : end + 1;
        }

        return -1;
    }

    private static DeliveryReport? Read(List<MimeHeaders> groups, MimePart mail, string text, ReturnedMessage? returned)
    {
        var recipients = groups.Where(IsRecipient).Take(MailLimits.Recipients).ToList();
        if (recipients.Count == 0)
        {
            return null;
        }

        // The only recipient of the returned message is who an unnamed one must be.
        var sentTo = recipients.Count == 1 && returned?.To is [var only] ? only : null;
        var sentAt = MailDate.Parse(mail.Headers.Raw("Date"));
        var prose = BounceText.Lines(text);
        return new DeliveryReport(
            recipients.Select(group => Result(group, prose, sentTo, sentAt)).ToList(),
            First(groups, "Original-Envelope-Id"),
            ReportFields.Host(First(groups, "Reporting-MTA")));
    }

    private static string? First(List<MimeHeaders> groups, string name) =>
        MailLines.OneLine(groups.Select(group => group.Raw(name)).FirstOrDefault(value => value is not null), MailLimits.Line);

    private static bool IsRecipient(MimeHeaders group) =>
        !group.Has("Disposition")
        && (group.Has("Final-Recipient") || group.Has("Original-Recipient") || (group.Has("Action") && (group.Has("Status") || group.Has("Diagnostic-Code"))));

    private static InboundResult Result(MimeHeaders group, string[] prose, string? sentTo, DateTimeOffset? sentAt)
    {
        // Original is what we sent to; Final may be where it was forwarded.
        var final = ReportFields.Address(group.Raw("Final-Recipient"));
        var recipient = ReportFields.Address(group.Raw("Original-Recipient")) ?? final ?? sentTo;

        var given = BounceClass.StatusOf(group.Raw("Status"), null);
        var answer = MailLines.OneLine(ReportFields.Value(group["Diagnostic-Code"]), MailLimits.Line);
        var status = BounceClass.StatusOf(given, answer);
        var words = answer;
        if (answer is null || status is null)
        {
            // What the fields do not say, the part for people may.
            var about = BounceText.About(prose, final ?? recipient) ?? (final is null ? null : BounceText.About(prose, recipient));
            status ??= BounceClass.StatusOf(null, about);
            words ??= about;
        }

        var kind = KindOf(ReportFields.Word(group.Raw("Action")), status);
        return new InboundResult(kind)
        {
            Recipient = recipient,
            FinalRecipient = string.Equals(final, recipient, StringComparison.OrdinalIgnoreCase) ? null : final,
            Status = status,
            Diagnostic = words,
            Bounce = kind == InboundKind.Bounced ? Kind(status, words) : BounceKind.None,
            RemoteMta = ReportFields.Host(group.Raw("Remote-MTA")),
            OccurredAt = MailDate.Parse(group.Raw("Last-Attempt-Date")) ?? sentAt,
        };
    }

    // "expired" and "deliverable" are not in the RFC, but real servers write them. A class 4 status that "failed" is a retry given up.
    private static InboundKind KindOf(string action, string? status) => action switch
    {
        "failed" or "failure" or "expired" => InboundKind.Bounced,
        "delayed" => InboundKind.Deferred,
        "delivered" or "relayed" or "expanded" or "deliverable" => InboundKind.Delivered,
        _ => status?[0] switch
        {
            '2' => InboundKind.Delivered,
            '4' => InboundKind.Deferred,
            _ => InboundKind.Bounced,
        },
    };

    private static BounceKind Kind(string? status, string? words) =>
        BounceClass.Classify(status, null, words) is var kind && kind == BounceKind.None ? BounceKind.Soft : kind;
}
