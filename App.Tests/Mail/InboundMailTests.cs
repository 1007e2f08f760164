using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Unicode;
using ScoreTracking.Mail;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Mail;

/// <summary>One mail of each shape, and beside it all we read from it.</summary>
public sealed class InboundMailTests
{
    private static readonly JsonSerializerOptions s_json = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.Create(UnicodeRanges.All),
        Converters = { new JsonStringEnumConverter() },
    };

    public static TheoryData<string> Samples => [.. Names()];

    [Theory, MemberData(nameof(Samples))]
    public void Each_shape_of_mail_is_read_as_written_beside_it_whatever_its_line_ends(string name)
    {
        var lf = Sample(name);

        var read = Json(lf);

        Golden.Matches($"Mail/Samples/{name}.expected.json", read);
        Assert.Equal(read, Json(WithLineEnds(lf, "\r\n"u8)));
        Assert.Equal(read, Json(WithLineEnds(lf, "\r"u8)));
        Assert.Equal(read, Json(WithLineEnds(lf, "\r\r\n"u8)));
    }

    [Theory, MemberData(nameof(Samples))]
    public void A_mail_cut_off_anywhere_is_still_read(string name)
    {
        var whole = Sample(name);

        for (var length = 0; length < whole.Length; length += 97)
        {
            Assert.NotEmpty(InboundMail.Read(whole.AsMemory(0, length)).Results);
        }
    }

    [Theory]
    [InlineData("dsn-postfix")]
    [InlineData("dsn-no-boundaries")]
    [InlineData("dsn-sendmail-headers-only")]
    [InlineData("dsn-mbox-quoted-text")]
    [InlineData("prose-exim")]
    [InlineData("arf-abuse")]
    [InlineData("jmrp")]
    public void Whatever_the_shape_our_own_ids_are_found_in_what_comes_back(string name)
    {
        var reading = InboundMail.Read(Sample(name));

        Assert.Equal("msg_2f7k", reading.Returned?.OurMessageId);
        Assert.Equal("msg.7001.acme@mail.acme.example", reading.Returned?.MessageId);
    }

    [Fact]
    public void The_address_a_bounce_was_delivered_to_is_the_first_evidence_and_those_it_returned_come_after()
    {
        var kinds = InboundMail.Read(Sample("dsn-postfix")).Tokens.Select(token => token.Kind);

        Assert.Equal([VerpKind.Bounce, VerpKind.Reply, VerpKind.Unsubscribe], kinds);
    }

    [Fact]
    public void A_bounce_inside_a_forwarded_mail_is_not_a_bounce()
    {
        var inner = Encoding.UTF8.GetString(Sample("dsn-postfix"));
        var forwarded = "From: ann@example.net\nTo: news@acme.example\nSubject: Fwd: what is this?\nContent-Type: multipart/mixed; boundary=f\n\n"
            + $"--f\n\nSee below\n--f\nContent-Type: message/rfc822\n\n{inner}\n--f--\n";

        Assert.Equal([InboundKind.Replied], Kinds(forwarded));
    }

    [Fact]
    public void A_reply_that_quotes_a_bounce_is_a_reply()
    {
        var quoting = "From: ann@example.net\nTo: news@acme.example\nSubject: Re: Undelivered Mail Returned to Sender\n\nWhy?\n\n"
            + "Reporting-MTA: dns; mx.example.net\n\nFinal-Recipient: rfc822; bob@example.net\nAction: failed\nStatus: 5.1.1\n";

        Assert.Equal([InboundKind.Replied], Kinds(quoting));
    }

    [Fact]
    public void Nothing_at_all_is_unreadable() => Assert.Equal([InboundKind.Unreadable], Kinds(""));

    [Fact]
    public void A_report_names_at_most_a_thousand_recipients()
    {
        var groups = string.Concat(Enumerable.Range(0, 3_000).Select(n => $"Final-Recipient: rfc822; a{n}@example.net\nAction: failed\nStatus: 5.1.1\n\n"));

        var results = InboundMail.Read(Encoding.UTF8.GetBytes("From: x@example.net\nContent-Type: message/delivery-status\n\n" + groups)).Results;

        Assert.Equal(MailLimits.Recipients, results.Count);
        Assert.Equal("a999@example.net", results[^1].Recipient);
    }

    internal static IEnumerable<string> Names() =>
        Directory.EnumerateFiles(Golden.PathOf("Mail/Samples"), "*.eml").Select(path => Path.GetFileNameWithoutExtension(path)).Order(StringComparer.Ordinal);

    internal static byte[] Sample(string name) => File.ReadAllBytes(Golden.PathOf($"Mail/Samples/{name}.eml"));

    private static IEnumerable<InboundKind> Kinds(string mail) => InboundMail.Read(Encoding.UTF8.GetBytes(mail)).Results.Select(result => result.Kind);

    private static string Json(byte[] raw) => JsonSerializer.Serialize(InboundMail.Read(raw), s_json) + "\n";

    private static byte[] WithLineEnds(byte[] lf, ReadOnlySpan<byte> end)
    {
        var bytes = new List<byte>(lf.Length * 2);
        foreach (var value in lf)
        {
            bytes.AddRange(value == '\n' ? end : [value]);
        }

        return [.. bytes];
    }
}
