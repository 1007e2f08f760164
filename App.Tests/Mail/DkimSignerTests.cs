using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using ScoreTracking.Mail;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Mail;

public sealed class DkimSignerTests
{
    private const string EdwardsKey = "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A="; // RFC 8463, A.2
    private const string EdwardsPem = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n-----END PRIVATE KEY-----\n";

    private static readonly DateTimeOffset s_now = new(2026, 9, 1, 10, 0, 0, TimeSpan.Zero);
    private static readonly RSA s_rsa = RSA.Create(2048);

    private static readonly OutgoingMail s_mail = new()
    {
        From = new Mailbox("news@acme.example", "Acme"),
        To = [new Mailbox("ann@example.net", "Ann Lee")],
        ReplyTo = new Mailbox("reply@acme.example", null),
        Subject = "Frühling in Zürich",
        Text = "Hello  Ann,\t\n\n.\n  spring is here \n\n\n",
        Html = "<p>Grüße</p>",
        Date = s_now,
        MessageId = "msg_1@acme.example",
        OurMessageId = "msg_1",
        ListUnsubscribe = ["https://track.acme.example/u/abc", "mailto:u+abc@mail.acme.example"],
        OneClickUnsubscribe = true,
        Attachments = [new OutgoingAttachment("a.bin", "application/octet-stream", new byte[1000])],
    };

    [Fact]
    public async Task Signatures_of_both_kinds_are_good_in_the_eyes_of_dkimpy()
    {
        using var rsa = new DkimSigner("acme.example", "s1", s_rsa.ExportPkcs8PrivateKeyPem());
        using var edwards = new DkimSigner("Acme.example", "s2", EdwardsPem);
        byte[][] mails =
        [
            MimeWriter.Write(s_mail),
            MimeWriter.Write(s_mail with { Text = "", Html = null, Attachments = [] }),
            MimeWriter.Write(s_mail with { Text = new string('x', 100_000), Html = null }),
            MimeWriter.Write(s_mail with { To = [.. Enumerable.Range(0, 60).Select(index => new Mailbox($"a{index}@example.net", "Änn"))], Cc = [new Mailbox("b@example.net", null)] }),
            MimeWriter.Write(s_mail with { Headers = [new("References", "<a@x> <b@x>"), new("X-Twice", "1"), new("X-Twice", "2"), new("Feedback-ID", "c1:acme"), new("List-Id", "News <news.acme.example>")], ListUnsubscribe = [], OneClickUnsubscribe = false }),
        ];

        var results = await VerifyAsync([.. mails.Select(mail => edwards.Sign(rsa.Sign(mail, s_now), s_now))], rsa, edwards);

        Assert.All(results, found => Assert.Equal(["True", "True"], found));
    }

    [Fact]
    public async Task What_servers_on_the_way_may_change_leaves_a_signature_good_and_anything_else_breaks_it()
    {
        using var signer = new DkimSigner("acme.example", "s1", s_rsa.ExportPkcs8PrivateKeyPem());
        var mail = Encoding.UTF8.GetString(signer.Sign(MimeWriter.Write(s_mail with { Html = null, Attachments = [] }), s_now));
        string[] allowed =
        [
            mail,
            "Received: from x by y; Tue, 01 Sep 2026 10:00:01 +0000\r\n" + mail,
            mail.Replace("\r\nSubject: ", "\r\nSUBJECT:   ", StringComparison.Ordinal),
            mail.Replace("To: Ann Lee ", "To: Ann\r\n\tLee  ", StringComparison.Ordinal),
            mail + "\r\n \r\n\r\n",
        ];
        string[] forbidden =
        [
            mail.Replace("\r\nSubject: ", "\r\nSubject: x", StringComparison.Ordinal),
            mail.Replace("ann@example.net", "eve@example.net", StringComparison.Ordinal),
            mail.Replace("track.acme.example", "evil.example", StringComparison.Ordinal),
            mail.Replace("spring", "autumn", StringComparison.Ordinal),
            "From: eve@evil.example\r\n" + mail,
            "Subject: other\r\n" + mail,
            "Cc: eve@evil.example\r\n" + mail,
            "List-Unsubscribe: <https://evil.example>\r\n" + mail,
            "Content-Type: text/html\r\n" + mail,
        ];

        var results = await VerifyAsync([.. allowed.Concat(forbidden).Select(Encoding.UTF8.GetBytes)], signer);

        Assert.All(results[..allowed.Length], found => Assert.Equal(["True"], found));
        Assert.All(results[allowed.Length..], found => Assert.NotEqual(["True"], found));
    }

    // Appendix A of RFC 8463, whose signature of Ed25519 leaves nothing to chance.
    [Fact]
    public void The_example_of_RFC_8463_comes_out_to_the_letter()
    {
        string[] fields =
        [
            "From: Joe SixPack <joe@football.example.com>",
            "To: Suzie Q <suzie@shopping.example.net>",
            "Subject: Is dinner ready?",
            "Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)",
            "Message-ID: <20030712040037.46341.5F8J@football.example.com>",
        ];
        var body = DkimCanonical.Body("Hi.\r\n\r\nWe lost the game.  Are you hungry yet?\r\n\r\nJoe.\r\n"u8);
        var bodyHash = Convert.ToBase64String(SHA256.HashData(body));
        var data = new ArrayBufferWriter<byte>();
        foreach (var field in fields)
        {
            DkimCanonical.Field(data, Encoding.ASCII.GetBytes(field));
            data.Write("\r\n"u8);
        }

        DkimCanonical.Field(data, Encoding.ASCII.GetBytes(
            $"DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;\r\n d=football.example.com; i=@football.example.com;\r\n q=dns/txt; s=brisbane; t=1528637909; h=from : to :\r\n subject : date : message-id : from : subject : date;\r\n bh={bodyHash};\r\n b="));
        using var key = DkimKey.Read(EdwardsKey);

        Assert.Equal("2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=", bodyHash);
        Assert.Equal("11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=", key.PublicKey);
        Assert.Equal("/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11BusFa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==", Convert.ToBase64String(key.Sign(data.WrittenSpan)));
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("\r\n\r\n", "")]
    [InlineData(" C \r\nD \t E\r\n\r\n\r\n", " C\r\nD E\r\n")] // RFC 6376, 3.4.5
    [InlineData("a\r\n \t\r\n\r\nb", "a\r\n\r\n\r\nb\r\n")]
    [InlineData("\t\ta  b", " a b\r\n")]
    public void A_body_is_reduced_to_what_is_signed(string body, string expected) =>
        Assert.Equal(expected, Encoding.ASCII.GetString(DkimCanonical.Body(Encoding.ASCII.GetBytes(body))));

    [Theory]
    [InlineData("A: X", "a:X")] // RFC 6376, 3.4.5
    [InlineData("B : Y\t\r\n\tZ  ", "b:Y Z")]
    [InlineData("Subject:", "subject:")]
    public void A_field_is_reduced_to_what_is_signed(string field, string expected)
    {
        var output = new ArrayBufferWriter<byte>();

        DkimCanonical.Field(output, Encoding.ASCII.GetBytes(field));

        Assert.Equal(expected, Encoding.ASCII.GetString(output.WrittenSpan));
    }

    [Fact]
    public void A_key_may_come_in_any_of_the_usual_forms()
    {
        string[] rsa = [s_rsa.ExportPkcs8PrivateKeyPem(), s_rsa.ExportRSAPrivateKeyPem(), Convert.ToBase64String(s_rsa.ExportPkcs8PrivateKey()), Convert.ToBase64String(s_rsa.ExportRSAPrivateKey()), "\n" + s_rsa.ExportPkcs8PrivateKeyPem() + "\n\n"];
        string[] edwards = [EdwardsKey, EdwardsPem, "MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g"];

        Assert.All(rsa, key => Assert.Equal($"v=DKIM1; k=rsa; p={Convert.ToBase64String(s_rsa.ExportSubjectPublicKeyInfo())}", Signer(key).DnsRecord));
        Assert.All(edwards, key => Assert.Equal("v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=", Signer(key).DnsRecord));
        Assert.Equal("s1._domainkey.xn--exmple-cua.net", new DkimSigner("Exämple.net", "s1", EdwardsKey).DnsName);
    }

    [Fact]
    public void What_is_no_key_for_DKIM_is_refused_with_the_reason()
    {
        using var small = RSA.Create(512);
        using var curve = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var encrypted = s_rsa.ExportEncryptedPkcs8PrivateKeyPem("secret", new PbeParameters(PbeEncryptionAlgorithm.Aes128Cbc, HashAlgorithmName.SHA256, 10));

        Assert.Contains("512 bits", Assert.Throws<FormatException>(() => Signer(small.ExportPkcs8PrivateKeyPem())).Message, StringComparison.Ordinal);
        Assert.Contains("encrypted", Assert.Throws<FormatException>(() => Signer(encrypted)).Message, StringComparison.Ordinal);
        Assert.Contains("PUBLIC KEY", Assert.Throws<FormatException>(() => Signer(s_rsa.ExportSubjectPublicKeyInfoPem())).Message, StringComparison.Ordinal);
        Assert.All(["", "hello", "aGVsbG8=", curve.ExportPkcs8PrivateKeyPem(), EdwardsPem.Replace("MC4", "MC5", StringComparison.Ordinal)], key => Assert.Throws<FormatException>(() => Signer(key)));
        Assert.All(["", "a b", "-x.example", "a..b"], domain => Assert.Throws<ArgumentException>(() => new DkimSigner(domain, "s1", EdwardsKey)));
        Assert.All(["", "a b", "a;b"], selector => Assert.Throws<ArgumentException>(() => new DkimSigner("acme.example", selector, EdwardsKey)));
    }

    [Theory]
    [InlineData("From: a@b.example\r\nSubject: x\r\n")]
    [InlineData("Subject: x\r\n\r\nbody")]
    [InlineData("From: a@b.example\r\nno field\r\n\r\nbody")]
    [InlineData("\r\n\r\n")]
    public void What_is_no_mail_is_not_signed(string mail) => Assert.Throws<ArgumentException>(() => Signer(EdwardsKey).Sign(Encoding.ASCII.GetBytes(mail), s_now));

    [Fact]
    public void Many_threads_sign_with_one_key()
    {
        using var signer = Signer(s_rsa.ExportPkcs8PrivateKeyPem());
        var mail = MimeWriter.Write(s_mail);
        var expected = Convert.ToHexString(signer.Sign(mail, s_now));

        var signed = new string[64];
        Parallel.For(0, signed.Length, index => signed[index] = Convert.ToHexString(signer.Sign(mail, s_now)));

        Assert.All(signed, one => Assert.Equal(expected, one));
    }

    private static DkimSigner Signer(string key) => new("acme.example", "s1", key);

    private static async Task<List<string[]>> VerifyAsync(byte[][] mails, params DkimSigner[] signers)
    {
        var answer = await Python.RunAsync("Mail/independent.py", new { mails, records = signers.ToDictionary(signer => signer.DnsName, signer => signer.DnsRecord) });
        return answer.EnumerateArray().Select(found => found.EnumerateArray().Select(result => result.ValueKind == JsonValueKind.True ? "True" : result.ToString()).ToArray()).ToList();
    }
}
