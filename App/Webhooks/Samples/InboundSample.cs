using System.Globalization;
using ScoreTracking.Connections;

namespace ScoreTracking.Webhooks;

/// <summary>A returned mail: a delivery status notification as a mail server writes it.</summary>
internal sealed class InboundSample : IEspSample
{
    public string Provider => "inbound";

    public IReadOnlyList<SampleKind> Kinds { get; } = [SampleKind.HardBounce];

    public WebhookRequest Make(SampleKind kind, SampleMark mark, EspConnection connection)
    {
        var date = mark.At.UtcDateTime.ToString("ddd, dd MMM yyyy HH:mm:ss '+0000'", CultureInfo.InvariantCulture);
        return SampleMark.Post("message/rfc822", $"""
            From: Mail Delivery System <mailer-daemon@example.com>
            To: sender@example.com
            Subject: Undelivered Mail Returned to Sender
            Date: {date}
            Message-ID: <{mark.Id}@example.com>
            Auto-Submitted: auto-replied
            MIME-Version: 1.0
            Content-Type: multipart/report; report-type=delivery-status; boundary="{mark.Id}"

            --{mark.Id}
            Content-Type: text/plain; charset=us-ascii

            <{SampleMark.Recipient}>: {SampleMark.NoSuchMailbox}

            --{mark.Id}
            Content-Type: message/delivery-status

            Reporting-MTA: dns; mail.example.com
            Arrival-Date: {date}

            Final-Recipient: rfc822; {SampleMark.Recipient}
            Action: failed
            Status: 5.1.1
            Diagnostic-Code: smtp; {SampleMark.NoSuchMailbox} ({mark.Id})

            --{mark.Id}
            Content-Type: text/rfc822-headers

            From: sender@example.com
            To: {SampleMark.Recipient}
            Subject: Test
            Message-ID: <{mark.Id}-original@example.com>

            --{mark.Id}--

            """.ReplaceLineEndings("\r\n"));
    }
}
