using System.Text;
using ScoreTracking.Mail;

namespace ScoreTracking.Tests.Mail;

public sealed class MimeReaderTests
{
    [Theory]
    [InlineData("attachment; filename=plain.pdf", "plain.pdf")]
    [InlineData("attachment; filename=two words.pdf; size=3", "two words.pdf")]
    [InlineData("attachment; filename=\"a \\\"b\\\"; c.pdf\"", "a \"b\"; c.pdf")]
    [InlineData("attachment; FileName*=UTF-8'de'%C3%9Cbung.pdf; filename=\"Ubung.pdf\"", "Übung.pdf")]
    [InlineData("attachment; filename*1=\"b.pdf\"; filename*0=\"a-\"", "a-b.pdf")]
    [InlineData("attachment; filename*0*=iso-8859-1''caf%E9; filename*1=\"%20\"; filename*2*=%21", "café%20!")]
    [InlineData("attachment; filename=\"=?utf-8?Q?M=C3=A4rz.pdf?=\"", "März.pdf")]
    [InlineData("attachment (a comment; with=parts); filename=x.pdf", "x.pdf")]
    [InlineData("attachment; filename=\"unfinished", "unfinished")]
    [InlineData("attachment", null)]
    public void File_names_are_read_however_they_are_written(string disposition, string? expected) =>
        Assert.Equal(expected, Read($"Content-Disposition: {disposition}\n\nx").FileName);

    [Theory]
    [InlineData("=?utf-8?Q?caf=C3=A9?=", "café")]
    [InlineData("=?utf-8?B?Y2Fm?= =?utf-8?B?w6k=?=", "café")]
    [InlineData("=?utf-8?Q?caf=C3?=\n =?utf-8?Q?=A9?=", "café")]
    [InlineData("=?iso-8859-1?Q?caf=E9_noir?= and =?UTF-8*fr?q?th=C3=A9?=", "café noir and thé")]
    [InlineData("=?utf-8?Q?a?= b =?utf-8?Q?c?=", "a b c")]
    [InlineData("=?windows-1252?Q?=80?= =?windows-1250?Q?=9A?=", "€š")]
    [InlineData("=?shift_jis?B?g4GBW4OL?=", "メール")]
    [InlineData("=?unheard-of?Q?caf=E9?=", "café")]
    [InlineData("=?utf-8?Z?x?= =?utf-8?Q?y", "=?utf-8?Z?x?= =?utf-8?Q?y")]
    [InlineData("a =? b", "a =? b")]
    [InlineData("plain é", "plain é")]
    public void Subjects_are_decoded_word_by_word(string subject, string expected) =>
        Assert.Equal(expected, Read($"Subject: {subject}\n\nx").Headers["subject"]);

    [Theory]
    [InlineData("quoted-printable", "caf=C3=A9 =\nnoir=3D=zz=", "café noir==zz")]
    [InlineData("quoted-printable", "soft =  \nbreak", "soft break")]
    [InlineData("base64", "Y2Fm\n w6k*=", "café")]
    [InlineData("BASE64 (really)", "Y2Fmw6k", "café")]
    [InlineData("x-unknown", "=C3", "=C3")]
    [InlineData("8bit", "café", "café")]
    public void Content_is_decoded_with_what_does_not_belong_passed_over(string encoding, string body, string expected) =>
        Assert.Equal(expected, Read($"Content-Transfer-Encoding: {encoding}\nContent-Type: text/plain; charset=utf-8\n\n{body}").Text());

    [Theory]
    [InlineData("--b\n\none\n--b\n\ntwo\n--b--\nepilogue", "one|two")]
    [InlineData("preamble\n--b  \n\none\n  --b\n\ntwo", "one|two")]
    [InlineData("--b\n\none\n--bc\nstill one\n--b--", "one\n--bc\nstill one")]
    [InlineData("--b\n\none\n--b--\n--b\n\ntwo\n--b--", "one|two")]
    [InlineData("--b\nContent-Type: text/plain\nno empty line\n--b--", "no empty line")]
    [InlineData("--other\nContent-Type: text/plain\n\none\n--other--", "one")]
    [InlineData("nothing of the kind", "nothing of the kind")]
    [InlineData("--b", "")]
    public void Parts_are_found_between_whatever_boundaries_are_left(string body, string expected) =>
        Assert.Equal(expected, string.Join('|', Read($"Content-Type: multipart/mixed; boundary=\"b\"\n\n{body}").Leaves.Select(leaf => leaf.Text())));

    [Fact]
    public void An_mbox_line_and_empty_lines_in_front_are_passed_over() =>
        Assert.Equal("yes", Read("\n\n>From ann@example.net Tue Mar 11\nFrom ann@example.net Tue Mar 11\nSubject: yes\n\nx").Headers["Subject"]);

    [Fact]
    public void A_folded_field_is_one_line() =>
        Assert.Equal("a b c", Read("Subject : a\n\tb\n   c\n\nx").Headers["Subject"]);

    [Theory]
    [InlineData("Tue, 11 Mar 2025 09:01:08 +0100 (CET)", "2025-03-11T08:01:08Z")]
    [InlineData("11 Mar 25 09:01 EST", "2025-03-11T14:01:00Z")]
    [InlineData("Mon, 31 December 1999 23:59:60 -0000", "1999-12-31T23:59:59Z")]
    [InlineData("1-Apr-2025 00:00:00 GMT", "2025-04-01T00:00:00Z")]
    [InlineData("30 Feb 2025 00:00:00 GMT", null)]
    [InlineData("soon", null)]
    [InlineData(null, null)]
    public void Dates_are_read_as_mailers_write_them(string? field, string? expected) =>
        Assert.Equal(expected, MailDate.Parse(field)?.ToString("yyyy-MM-ddTHH:mm:ssK", System.Globalization.CultureInfo.InvariantCulture).Replace("+00:00", "Z", StringComparison.Ordinal));

    [Theory]
    [InlineData("ann@example.net", "ann@example.net")]
    [InlineData("\"Ann, of Acme\" <ann@example.net>, (Bob; here) bob@example.net", "ann@example.net bob@example.net")]
    [InlineData("undisclosed-recipients:;", "")]
    [InlineData("Friends: ann@example.net, <bob@example.net>;", "ann@example.net bob@example.net")]
    [InlineData("MAILER-DAEMON", "")]
    [InlineData("<ann@example.net", "ann@example.net")]
    [InlineData("\"a@b\" <>", "")]
    public void Addresses_are_found_in_lists(string field, string expected) =>
        Assert.Equal(expected, string.Join(' ', Mailbox.Parse(field).Select(mailbox => mailbox.Address)));

    private static MimePart Read(string mail) => MimeReader.Read(Encoding.UTF8.GetBytes(mail));
}
