using System.Diagnostics;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using ScoreTracking.Mail;

namespace ScoreTracking.Tests.Mail;

/// <summary>Whoever can send mail chooses these bytes: no input throws, and none takes more than its size allows.</summary>
public sealed class HostileMailTests
{
    // A hundred times what two megabytes take on a slow machine, a hundredth of what anything quadratic would.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(90);

    private static readonly string[] s_pieces =
    [
        "\r\n", "\n", "\r", "\n\n", "\r\n\r\n", " ", "\t", "\0", "é", "\uFEFF", ":", ";", "=", "\"", "(", ")", "<", ">", ",", "@", "a@b.example", "<a@b.example>", "\\",
        "From ", "From: ", "To: ", "Subject: ", "Date: Tue, 31 Feb 2025 25:61:00 +9999", "Date: 1 Jan 0001 00:00 +9999", "Return-Path: <>", "Received: ", "Message-ID: <", "In-Reply-To: ",
        "Content-Type: multipart/report; report-type=delivery-status; boundary=b", "Content-Type: multipart/mixed; boundary=", "Content-Type: multipart/mixed; boundary=\"\"",
        "Content-Type: message/delivery-status", "Content-Type: message/feedback-report", "Content-Type: message/rfc822", "Content-Type: text/html; charset=utf-7", "Content-Type: text/plain; charset=",
        "; name*0*=utf-8''%", "; name*99999999999=x", "; name*1*=%zz", "Content-Transfer-Encoding: base64", "Content-Transfer-Encoding: quoted-printable", "Content-Disposition: attachment; filename=",
        "--b", "--b--", "--", "==", "=3D", "=\n", "=?utf-8?B?", "=?utf-8?Q?=E2=82?=", "=?iso-2022-jp?B?GyRC?=", "=?utf-16?B?2AA=?=", "?=", "=?",
        "Final-Recipient: rfc822; ", "Original-Recipient: utf-8; \\x{D800}@\\x{110000}", "Action: failed", "Action: ", "Status: 5.1.1", "Status: 9.9.9", "Diagnostic-Code: smtp; 550 ", "Reporting-MTA:", "Feedback-Type: ",
        "Incidents: 99999999999999", "Original-Rcpt-To: ", "X-Failed-Recipients: ", "X-HmXmrOriginalRecipient: ", "Auto-Submitted: ", "MAILER-DAEMON@x.example", "550 5.1.1 user unknown", "<style>", "<p>", "&#xD800;", "&nbsp;", "{", "}",
    ];

    private static Arbitrary<byte[]> Mailish => Gen.Elements(s_pieces).ListOf().Select(pieces => Encoding.UTF8.GetBytes(string.Concat(pieces))).Resize(80).ToArbitrary();

    private static Arbitrary<byte[]> Bytes => Gen.Choose(0, 255).Select(value => (byte)value).ArrayOf().Resize(2_000).ToArbitrary();

    [Fact]
    public void Whatever_a_mail_is_put_together_from_something_is_read() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(5_000), Prop.ForAll(Mailish, raw => IsBounded(InboundMail.Read(raw))));

    [Fact]
    public void Random_bytes_are_read_without_an_error() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(500), Prop.ForAll(Bytes, raw => IsBounded(InboundMail.Read(raw))));

    [Fact]
    public void Real_reports_with_any_byte_changed_are_read()
    {
        var random = new Random(7);
        foreach (var name in InboundMailTests.Names())
        {
            var whole = InboundMailTests.Sample(name);
            for (var round = 0; round < 30; round++)
            {
                var changed = (byte[])whole.Clone();
                for (var change = 0; change < 5; change++)
                {
                    changed[random.Next(changed.Length)] = (byte)random.Next(256);
                }

                Assert.True(IsBounded(InboundMail.Read(changed)), $"{name}, round {round}");
            }
        }
    }

    [Fact]
    public void Nesting_ends_at_its_limit()
    {
        var mail = new StringBuilder("From: a@b.example\n");
        for (var level = 0; level < 5_000; level++)
        {
            mail.Append($"Content-Type: multipart/mixed; boundary=b{level}\n\n--b{level}\n");
        }

        var part = MimeReader.Read(Encoding.UTF8.GetBytes(mail.ToString()));

        var depth = 0;
        for (; part.Parts.Count > 0; part = part.Parts[0])
        {
            depth++;
        }

        Assert.Equal(MailLimits.Depth, depth);
    }

    [Fact]
    public void Parts_end_at_their_limit()
    {
        var mail = "Content-Type: multipart/mixed; boundary=b\n\n" + string.Concat(Enumerable.Repeat("--b\nContent-Type: multipart/mixed; boundary=c\n\n--c\n\nx\n--c\n\ny\n", 20_000));

        var parts = Count(MimeReader.Read(Encoding.UTF8.GetBytes(mail)));

        Assert.Equal(1 + MailLimits.Parts, parts);

        static int Count(MimePart part) => 1 + part.Parts.Sum(Count);
    }

    public static TheoryData<string, string> Floods => new()
    {
        { "", "\n" },
        { "", "\r" },
        { "", " \n" },
        { "", "X: y\n" },
        { "", "X: " },
        { "X: y\n", " z\n" },
        { "Subject: ", "=?" },
        { "Subject: ", "=?utf-8?Q?a?= " },
        { "Subject: ", "=?nobody-" },
        { "Subject: ", "=?utf-8?q?\n " },
        { "To: ", "<" },
        { "To: ", "(" },
        { "To: ", "\"" },
        { "To: ", "a@b.example," },
        { "References: ", "<a@b.example> " },
        { "References: ", "<a " },
        { "Received: ", " for <" },
        { "Content-Type: text/plain; ", "a=b;" },
        { "Content-Type: text/plain; ", "name*1*=%41;" },
        { "Content-Type: text/plain; ", "=" },
        { "Content-Type: multipart/mixed; boundary=b\n\n", "--b\n" },
        { "Content-Type: multipart/mixed; boundary=b\n\n", "--c\n" },
        { "Content-Type: multipart/mixed; boundary=b\n\n", "--b" },
        { "Content-Type: text/plain\nContent-Transfer-Encoding: quoted-printable\n\n", "=" },
        { "Content-Type: text/plain\nContent-Transfer-Encoding: quoted-printable\n\n", "= " },
        { "Content-Type: text/plain\nContent-Transfer-Encoding: base64\n\n", "QQ==" },
        { "Content-Type: text/html\n\n", "<" },
        { "Content-Type: text/html\n\n", "<style>" },
        { "Content-Type: text/html\n\n", "&" },
        { "From: mailer-daemon@b.example\nSubject: failure notice\n\n", "a" },
        { "From: mailer-daemon@b.example\nSubject: failure notice\n\n", "a.b@" },
        { "From: mailer-daemon@b.example\nSubject: failure notice\n\n", "a@b.example " },
        { "From: mailer-daemon@b.example\nSubject: failure notice\n\n", "<a@b.example>:\n" },
        { "From: mailer-daemon@b.example\nSubject: failure notice\n\n", "-" },
        { "From: mailer-daemon@b.example\nSubject: failure notice\n\n", "message " },
        { "From: mailer-daemon@b.example\nSubject: failure notice\n\n", "From: x\n" },
        { "From: mailer-daemon@b.example\nSubject: failure notice\n\n", "Received: x\n" },
        { "From: a@b.example\nContent-Type: message/delivery-status\n\n", "\n" },
        { "From: a@b.example\nContent-Type: message/delivery-status\n\n", "Final-Recipient: rfc822;a@b.example\n" },
        { "From: a@b.example\nContent-Type: message/delivery-status\n\n", "Action: failed\nStatus: x\n\n" },
        { "From: a@b.example\nContent-Type: message/delivery-status\n\nFinal-Recipient: utf-8;", "\\x{41}" },
        { "From: a@b.example\nContent-Type: message/feedback-report\n\n", "Original-Rcpt-To: a@b.example\n" },
        { "From: x@sns.amazonaws.com\n\n{", "\\\"" },
        { "From: x@sns.amazonaws.com\n\n", "{" },
    };

    [Theory, MemberData(nameof(Floods))]
    public void Two_megabytes_of_anything_take_a_moment(string start, string flood)
    {
        var raw = Encoding.UTF8.GetBytes(start + string.Concat(Enumerable.Repeat(flood, 2_000_000 / flood.Length)));
        var begun = Stopwatch.GetTimestamp();

        var reading = InboundMail.Read(raw);

        Assert.InRange(Stopwatch.GetElapsedTime(begun), TimeSpan.Zero, s_patience);
        Assert.True(IsBounded(reading));
    }

    [Fact]
    public void What_is_behind_thirty_megabytes_is_not_read()
    {
        var raw = new byte[MailLimits.MailBytes + 1_000];
        raw.AsSpan().Fill((byte)'x');
        "From: a@b.example\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\n"u8.CopyTo(raw);
        "\n--b\nContent-Disposition: attachment\n\nx\n"u8.CopyTo(raw.AsSpan(MailLimits.MailBytes));

        Assert.Empty(InboundMail.Read(raw).Attachments);
    }

    private static bool IsBounded(InboundReading reading) =>
        reading.Results.Count is > 0 and <= MailLimits.Recipients
        && reading.Text.Length <= 512 * 1024
        && reading.Tokens.Count <= 100
        && (reading.Subject?.Length ?? 0) <= MailLimits.Line
        && reading.Results.All(result => (result.Diagnostic?.Length ?? 0) <= MailLimits.Line && (result.Recipient?.Length ?? 0) <= MailLimits.AddressText);
}
