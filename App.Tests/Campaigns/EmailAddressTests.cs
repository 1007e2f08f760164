using ScoreTracking.Data;

namespace ScoreTracking.Tests.Campaigns;

public sealed class EmailAddressTests
{
    [Theory]
    [InlineData("ana@example.com", "ana@example.com")]
    [InlineData("Ana.Lima+news@Mail.Example.COM", "Ana.Lima+news@mail.example.com")]
    [InlineData("ana@bücher.example", "ana@xn--bcher-kva.example")]
    [InlineData("ana@BÜCHER.example", "ana@xn--bcher-kva.example")]
    [InlineData("用户@例子.广告", "用户@xn--fsqu00a.xn--4rr70v")]
    [InlineData("\"ana lima\"@example.com", "\"ana lima\"@example.com")]
    [InlineData("\"a@b\\\"c\"@example.com", "\"a@b\\\"c\"@example.com")]
    [InlineData("!#$%&'*+-/=?^_`{|}~@example.com", "!#$%&'*+-/=?^_`{|}~@example.com")]
    [InlineData("a@b-c.co", "a@b-c.co")]
    public void An_address_is_taken_in_one_spelling(string text, string expected)
    {
        Assert.True(EmailAddress.TryParse(text, out var address));
        Assert.Equal(expected, address.Value);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("ana")]
    [InlineData("@example.com")]
    [InlineData("ana@")]
    [InlineData("ana@localhost")]
    [InlineData("ana@.com")]
    [InlineData("ana@example..com")]
    [InlineData("ana@example.com.")]
    [InlineData("ana@-example.com")]
    [InlineData("ana@exam_ple.com")]
    [InlineData("ana@192.0.2.1")]
    [InlineData("ana@[192.0.2.1]")]
    [InlineData(".ana@example.com")]
    [InlineData("ana.@example.com")]
    [InlineData("a..b@example.com")]
    [InlineData("a b@example.com")]
    [InlineData("a@b@example.com")]
    [InlineData("\"ana@example.com")]
    [InlineData("\"\"@example.com")]
    [InlineData("Ana <ana@example.com>")]
    [InlineData("ana@example.com (home)")]
    [InlineData(" ana@example.com")]
    [InlineData("ana@example.com\n")]
    [InlineData("ana\u0000@example.com")]
    [InlineData("an\u200ba@example.com")]
    [InlineData("a,b@example.com")]
    [InlineData("ana@exa mple.com")]
    public void What_is_no_address_is_refused(string? text) => Assert.False(EmailAddress.TryParse(text, out _));

    [Fact]
    public void Lengths_are_limited_in_octets()
    {
        var local = new string('a', 64);
        var domain = $"{new string('b', 63)}.{new string('c', 63)}.{new string('d', 57)}.com";

        Assert.True(EmailAddress.TryParse($"{local}@{domain}", out _));
        Assert.Equal(254, $"{local}@{domain}".Length);
        Assert.False(EmailAddress.TryParse($"{local}@d{domain}", out _));
        Assert.False(EmailAddress.TryParse($"a{local}@example.com", out _));
        Assert.False(EmailAddress.TryParse($"{new string('ä', 33)}@example.com", out _));
        Assert.False(EmailAddress.TryParse($"a@{new string('b', 64)}.com", out _));
        Assert.False(EmailAddress.TryParse("a\ud800@example.com", out _));
    }
}
