using System.Text;
using System.Text.Json;
using ScoreTracking.Mail;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Mail;

public sealed class MimeWriterTests
{
    private static readonly OutgoingMail s_mail = new()
    {
        From = new Mailbox("news@acme.example", "Acme"),
        To = [new Mailbox("ann@example.net", "Ann Lee")],
        Subject = "Spring offers",
        Text = "Hello Ann,\n\nspring is here.\n",
        Html = "<p>Hello Ann,</p>\n<p>spring is here.</p>\n",
        Date = new DateTimeOffset(2026, 9, 1, 12, 0, 5, TimeSpan.FromHours(2)),
        MessageId = "msg_1@acme.example",
    };

    [Fact]
    public void A_whole_mail_reads_as_one_expects() =>
        Golden.Matches("Mail/whole.eml", Encoding.UTF8.GetString(MimeWriter.Write(s_mail with
        {
            To = [new Mailbox("ann@example.net", "Ann Lee"), new Mailbox("bjørn@exämple.net", "Bjørn \"the Bear\" Åsgård")],
            Cc = [new Mailbox("\"odd one\"@example.net", "Lee, A. (home)")],
            ReplyTo = new Mailbox("r+10k7qf3m9x2v8c4t6n0p5r1s3w7y9z2b4d6g8h0j@mail.acme.example", null),
            Subject = "Grüße aus Zürich: 20 % auf alles, was im Frühling blüht, und noch viel mehr, das niemand braucht",
            Html = "<p>Hällo Ann, =3D</p>\n.hidden\nFrom here on \n<a href=\"https://acme.example/" + new string('x', 90) + "\">spring</a>",
            OurMessageId = "msg_1",
            ListUnsubscribe = ["https://track.acme.example/u/10k7qf3m9x2v8c4t6n0p5r1s3w7y9z2b4d6g8h0j", "mailto:u+10k7qf3m9x2v8c4t6n0p5r1s3w7y9z2b4d6g8h0j@mail.acme.example?subject=unsubscribe"],
            OneClickUnsubscribe = true,
            Headers = [new("Feedback-ID", "c1:acme"), new("X-Campaign", "Frühling")],
            Attachments =
            [
                new OutgoingAttachment("prices.csv", "text/csv", "a;b\n1;2\n"u8.ToArray()),
                new OutgoingAttachment("Übersicht der Preise für den Frühling und alle, die ihn mögen.pdf", "application/pdf", new byte[70]),
            ],
        })).ReplaceLineEndings("\n"));

    [Theory]
    [InlineData("Hello", "7bit")]
    [InlineData("Hello\nworld\n", "7bit")]
    [InlineData("blank at the end \nx", "quoted-printable")]
    [InlineData(".hidden", "quoted-printable")]
    [InlineData("From here", "quoted-printable")]
    [InlineData("--=_m00", "quoted-printable")]
    [InlineData("tab\there", "quoted-printable")]
    [InlineData("a café on the corner of a long street", "quoted-printable")]
    [InlineData("メールの本文です", "base64")]
    [InlineData("", "7bit")]
    public void Text_is_encoded_as_fits(string text, string expected)
    {
        var part = Read(s_mail with { Html = null, Text = text });

        Assert.Equal(expected, part.Headers["Content-Transfer-Encoding"]);
        Assert.Equal(text, part.Text().TrimEnd('\n') + (text.EndsWith('\n') ? "\n" : ""));
    }

    [Fact]
    public void A_line_of_any_length_arrives_whole()
    {
        var text = new string('x', 5_000) + "é" + new string('=', 5_000);

        Assert.Equal(text, Read(s_mail with { Html = null, Text = text }).Text().TrimEnd('\n'));
    }

    [Fact]
    public async Task Whatever_is_written_is_read_back_the_same_by_us_and_by_Python()
    {
        var random = new Random(20260901);
        var mails = Enumerable.Range(0, 250).Select(_ => Some(random)).ToList();
        var written = mails.Select(MimeWriter.Write).ToList();

        var answers = await Python.RunAsync("Mail/independent.py", new { mails = written });

        for (var index = 0; index < mails.Count; index++)
        {
            var (mail, raw, python) = (mails[index], written[index], answers[index]);
            Assert.All(Encoding.UTF8.GetString(raw).Split("\r\n"), line => Assert.InRange(line.Length, 0, 78));
            Assert.DoesNotContain(raw, value => value is 0 or > 127);
            Assert.Empty(Strings(python, "defects"));

            var ours = MimeReader.Read(raw);
            var subject = HeaderWriter.Clean(mail.Subject);
            Assert.Equal(subject, ours.Headers["Subject"]);
            Assert.Equal(subject, python.GetProperty("subject").GetString());
            Assert.Equal(Boxes(mail.To).Select(WithoutBlanks), Mailbox.Parse(ours.Headers.Raw("To")).Select(mailbox => WithoutBlanks((mailbox.Name ?? "", mailbox.Address))));
            Assert.Equal(Boxes(mail.To).Select(WithoutBlanks), Pairs(python, "to").Select(WithoutBlanks));
            Assert.Equal(mail.Date, python.GetProperty("date").GetDateTimeOffset());
            Assert.Equal(Lines(mail.Text), Lines(python.GetProperty("text").GetString()));
            Assert.Equal(Lines(mail.Html), Lines(python.GetProperty("html").GetString()));
            Assert.Equal(Lines(mail.Text), Lines(ours.Leaves.First().Text()));
            Assert.Equal(
                mail.Attachments.Select(attachment => (HeaderWriter.Clean(attachment.FileName), Convert.ToBase64String(attachment.Content.Span))),
                python.GetProperty("attachments").EnumerateArray().Select(attachment => (attachment[0].GetString()!, attachment[2].GetString()!)));
            Assert.Equal(mail.Attachments.Select(attachment => MailLines.OneLine(attachment.FileName, 500)), ours.Leaves.Where(leaf => leaf.IsAttachment).Select(leaf => leaf.FileName));
        }
    }

    [Theory]
    [InlineData("Hello\r\nBcc: eve@evil.example")]
    [InlineData("Hello\n\n<h1>other body</h1>")]
    [InlineData("Hello\rBcc: eve@evil.example")]
    [InlineData("Hello\u0085\u2028Bcc: eve@evil.example")]
    [InlineData("\0\u0001\u007f\ud800")]
    [InlineData("=?utf-8?Q?=0D=0ABcc:_eve@evil.example?=")]
    [InlineData("\"; filename=\"evil.exe")]
    [InlineData("\"> <eve@evil.example>, \"")]
    public async Task No_text_becomes_more_than_text(string hostile)
    {
        var mail = s_mail with
        {
            From = new Mailbox("news@acme.example", hostile),
            To = [new Mailbox("ann@example.net", hostile)],
            Subject = hostile,
            Headers = [new("X-Campaign", hostile)],
            Attachments = [new OutgoingAttachment(hostile, "text/plain", "x"u8.ToArray()), new OutgoingAttachment("a.bin", hostile, "x"u8.ToArray())],
        };

        var raw = MimeWriter.Write(mail);
        var python = (await Python.RunAsync("Mail/independent.py", new { mails = new[] { raw } }))[0];

        string[] fields = ["Date", "From", "To", "Subject", "Message-ID", "X-Campaign", "MIME-Version", "Content-Type"];
        Assert.Equal(fields, MimeReader.Read(raw).Headers.Fields.Select(field => field.Key));
        Assert.Equal(fields, python.GetProperty("fields").EnumerateArray().Select(field => field[0].GetString()));
        Assert.Equal([("news@acme.example")], Pairs(python, "from").Select(pair => pair.Address));
        Assert.Equal(["ann@example.net"], Pairs(python, "to").Select(pair => pair.Address));
        Assert.Equal(["multipart/mixed", "multipart/alternative", "text/plain", "text/html", "text/plain", "application/octet-stream"], Strings(python, "types"));
    }

    [Fact]
    public void What_must_be_exact_is_refused_rather_than_repaired()
    {
        string[] bad = ["ann@example.net\r\nBcc: eve@evil.example", "ann", "ann@", "@example.net", "ann lee@example.net", "a..b@example.net", "<ann@example.net>", "ann@exa mple.net", "ann@example.net,eve@evil.example", "\"a\"b\"@example.net", "\"a\\\"@example.net", "ann@-x.example", $"{new string('a', 65)}@example.net"];
        string[] ids = ["", "a b", "a\r\nb", "<a>", "é", new string('a', 1_000)];
        string[] links = ["", "ftp://x", "https://a b", "https://a>,<https://evil.example", "https://a\r\nX: y", "javascript:1", "https://ä.example"];
        string[] names = ["", "Bcc", "to", "Content-Type", "X Y", "X:Y", "X\r\nBcc", "Überschrift", "DKIM-Signature", "Return-Path", "x-st-message-id", "Resent-To"];

        Assert.All(bad, address => Refused(s_mail with { To = [new Mailbox(address, null)] }));
        Assert.All(bad, address => Refused(s_mail with { From = new Mailbox(address, null) }));
        Assert.All(ids, id => Refused(s_mail with { MessageId = id }));
        Assert.All(ids, id => Refused(s_mail with { OurMessageId = id }));
        Assert.All(links, link => Refused(s_mail with { ListUnsubscribe = [link] }));
        Assert.All(names, name => Refused(s_mail with { Headers = [new(name, "x")] }));
        Refused(s_mail with { OneClickUnsubscribe = true, ListUnsubscribe = ["mailto:u@acme.example"] });
        Refused(s_mail with { Html = null, Text = null });
        Refused(s_mail with { Attachments = [new OutgoingAttachment(" \r\n", "text/plain", default)] });
    }

    [Fact]
    public void International_domains_are_written_as_punycode_and_international_names_as_they_are()
    {
        var raw = Encoding.UTF8.GetString(MimeWriter.Write(s_mail with { To = [new Mailbox("Jörg@Bücher.example", null), new Mailbox("ann@Exämple.net", "Ann")] }));

        Assert.Contains("To: Jörg@xn--bcher-kva.example, Ann <ann@xn--exmple-cua.net>\r\n", raw, StringComparison.Ordinal);
    }

    [Fact]
    public void The_same_mail_gives_the_same_bytes() => Assert.Equal(MimeWriter.Write(s_mail), MimeWriter.Write(s_mail with { }));

    [Fact]
    public void A_mail_to_nobody_in_particular_says_so() =>
        Assert.Equal("undisclosed-recipients:;", Read(s_mail with { To = [] }).Headers["To"]);

    [Fact]
    public void Our_message_id_makes_a_Message_ID()
    {
        Assert.Equal("msg_0123@acme.example", MimeWriter.MessageId("msg_0123", "Acme.example"));
        Assert.All(["", "a b", "a@b", "a\r\n"], id => Assert.Throws<ArgumentException>(() => MimeWriter.MessageId(id, "acme.example")));
        Assert.Throws<ArgumentException>(() => MimeWriter.MessageId("msg_0123", "acme example"));
    }

    [Fact]
    public void Our_own_reader_finds_what_reports_give_back()
    {
        var raw = MimeWriter.Write(s_mail with { OurMessageId = "msg_1" });

        var returned = InboundMail.Read((byte[])[.. Encoding.ASCII.GetBytes("From: mailer-daemon@example.net\r\nContent-Type: multipart/report; boundary=b\r\n\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; x\r\n\r\nFinal-Recipient: rfc822; ann@example.net\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n"), .. raw, .. "\r\n--b--\r\n"u8]).Returned;

        Assert.Equal(("msg_1", "msg_1@acme.example"), (returned?.OurMessageId, returned?.MessageId));
    }

    private static void Refused(OutgoingMail mail) => Assert.Throws<ArgumentException>(() => MimeWriter.Write(mail));

    private static MimePart Read(OutgoingMail mail) => MimeReader.Read(MimeWriter.Write(mail));

    private static OutgoingMail Some(Random random) => s_mail with
    {
        To = [.. Enumerable.Range(0, random.Next(1, 5)).Select(index => new Mailbox($"a{index}.{random.Next(1_000_000_000)}@example.net", random.Next(3) == 0 ? null : Text(random, 40, lines: false)))],
        Subject = Text(random, 120, lines: false),
        Text = Text(random, 3_000, lines: true),
        Html = Text(random, 3_000, lines: true),
        Date = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.FromMinutes(15 * random.Next(-48, 56))).AddSeconds(random.Next(100_000_000)),
        Attachments = [.. Enumerable.Range(0, random.Next(3)).Select(_ => new OutgoingAttachment("f" + Text(random, 100, lines: false).Replace('/', '-').Replace('\\', '-'), "application/pdf", Bytes(random)))],
    };

    private static byte[] Bytes(Random random)
    {
        var bytes = new byte[random.Next(300)];
        random.NextBytes(bytes);
        return bytes;
    }

    // Words of several scripts and everything that means something to mail.
    private static string Text(Random random, int length, bool lines)
    {
        string[] words = ["spring", "offers", "Grüße", "日本語のメール", "привет", "👩‍👩‍👧‍👦", "a\"b", "back\\slash", "=3D", "=?utf-8?Q?x?=", "?=", "(comment)", "<tag>", ",", ";", "it's", "100%", ".", "_", "From", new string('w', 90), "é"];
        string[] breaks = ["\n", "\r\n", " \n", "\n\n", "\n.\n", "\nFrom x\n", "\t"];
        var text = new StringBuilder(random.Next(2) == 0 ? "" : "x");
        for (var left = random.Next(length); left > 0;)
        {
            var word = lines && random.Next(4) == 0 ? breaks[random.Next(breaks.Length)] : words[random.Next(random.Next(2) == 0 ? 2 : words.Length)] + (random.Next(8) == 0 ? "  " : random.Next(8) == 0 ? "" : " ");
            text.Append(word);
            left -= word.Length;
        }

        return text.ToString();
    }

    private static IEnumerable<(string Name, string Address)> Boxes(IEnumerable<Mailbox> mailboxes) =>
        mailboxes.Select(mailbox => (HeaderWriter.Clean(mailbox.Name ?? ""), mailbox.Address));

    private static IEnumerable<(string Name, string Address)> Pairs(JsonElement answer, string field) =>
        answer.GetProperty(field).EnumerateArray().Select(pair => (pair[0].GetString()!, pair[1].GetString()!));

    // Python 3.11 keeps the blank between two encoded words of a name, and our reader makes two blanks one.
    private static (string Name, string Address) WithoutBlanks((string Name, string Address) mailbox) => (mailbox.Name.Replace(" ", "", StringComparison.Ordinal), mailbox.Address);

    private static IEnumerable<string> Strings(JsonElement answer, string member) => answer.GetProperty(member).EnumerateArray().Select(item => item.GetString()!);

    // Writers end a text's last line; readers cannot know whether it was.
    private static string Lines(string? text) => (text ?? "").ReplaceLineEndings("\n").TrimEnd('\n');
}
