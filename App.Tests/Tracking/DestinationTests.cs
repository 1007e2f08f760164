using FsCheck;
using FsCheck.Fluent;
using ScoreTracking.Tracking;

namespace ScoreTracking.Tests.Tracking;

public sealed class DestinationTests
{
    [Theory]
    [InlineData("  https://x.test/a  ", "https://x.test/a")]
    [InlineData("HTTPS://Acme.TEST", "https://acme.test")]
    [InlineData("http://x.test?a=1#b", "http://x.test?a=1#b")]
    [InlineData("https://x.test/%c3%A9?b=%2F&a=+#%7e", "https://x.test/%c3%A9?b=%2F&a=+#%7e")]
    [InlineData("https://x.test/é?ü=✓#→", "https://x.test/%C3%A9?%C3%BC=%E2%9C%93#%E2%86%92")]
    [InlineData("https://x.test/🎉", "https://x.test/%F0%9F%8E%89")]
    [InlineData("https://münchen.test:8443/", "https://xn--mnchen-3ya.test:8443/")]
    [InlineData("https://MÜNCHEN.test/", "https://xn--mnchen-3ya.test/")]
    [InlineData("https://例え。テスト/", "https://xn--r8jz45g.xn--zckzah/")]
    [InlineData("http://[2001:DB8::1]:80/", "http://[2001:db8::1]:80/")]
    [InlineData("http://192.0.2.1/", "http://192.0.2.1/")]
    [InlineData("http://localhost:9000/a_b~c", "http://localhost:9000/a_b~c")]
    [InlineData("https://x.test/?filter[a]=(1)!*',;:@$&=/", "https://x.test/?filter[a]=(1)!*',;:@$&=/")]
    [InlineData("https://x.test/\"<>^`{|}", "https://x.test/%22%3C%3E%5E%60%7B%7C%7D")]
    [InlineData("https://x.test/?a=\\", "https://x.test/?a=%5C")]
    [InlineData("https://x.test/?off=50%", "https://x.test/?off=50%")]
    [InlineData("https://x.test/{{name}}", "https://x.test/%7B%7Bname%7D%7D")]
    [InlineData("https://x.test/@user", "https://x.test/@user")]
    public void A_destination_has_one_stored_spelling(string url, string expected)
    {
        Assert.True(Destination.TryCanonicalise(url, out var ascii, out var error), error);
        Assert.Equal(expected, ascii);
    }

    [Theory]
    [InlineData("", "is not an absolute http or https URL")]
    [InlineData("x.test", "is not an absolute http or https URL")]
    [InlineData("//x.test/", "is not an absolute http or https URL")]
    [InlineData("ftp://x.test/", "is not an absolute http or https URL")]
    [InlineData("javascript:alert(1)", "is not an absolute http or https URL")]
    [InlineData("https:x.test", "is not an absolute http or https URL")]
    [InlineData("https://", "has no valid host")]
    [InlineData("https:///x", "has no valid host")]
    [InlineData("https://?x", "has no valid host")]
    [InlineData("https://x..test/", "has no valid host")]
    [InlineData("https://x%2etest/", "has no valid host")]
    [InlineData("https://x test/", "has no valid host")]
    [InlineData("https://{{host}}/", "has no valid host")]
    [InlineData("https://x／evil.test/", "has no valid host")]
    [InlineData("https://[::1%25eth0]/", "has no valid host")]
    [InlineData("https://[1.2.3.4]/", "has no valid host")]
    [InlineData("https://user@x.test/", "has a user name or password")]
    [InlineData("https://user:pass@x.test/", "has a user name or password")]
    [InlineData("https://x.test\\@evil.test/", "has a backslash in its path")]
    [InlineData("https://x.test:65536/", "has an invalid port")]
    [InlineData("https://x.test:/", "has an invalid port")]
    [InlineData("https://x.test:+80/", "has an invalid port")]
    [InlineData("https://x.test/a b", "has a space or control character inside")]
    [InlineData("https://x.test/a\nb", "has a space or control character inside")]
    [InlineData("https://x.test/a\u00A0b", "has a space or control character inside")]
    [InlineData("https://x.test/a\0b", "has a space or control character inside")]
    public void What_is_no_destination_is_refused_in_words(string url, string expected)
    {
        Assert.False(Destination.TryCanonicalise(url, out var ascii, out var error));
        Assert.Equal("", ascii);
        Assert.Equal(expected, error);
    }

    [Fact]
    public void The_limit_is_8_KB_of_stored_text()
    {
        const string start = "https://x.test/";

        Assert.True(Destination.TryCanonicalise(start + new string('a', Destination.MaxLength - start.Length), out _, out _));
        Assert.False(Destination.TryCanonicalise(start + new string('a', Destination.MaxLength - start.Length + 1), out _, out _));
        Assert.False(Destination.TryCanonicalise(start + new string('é', 2_000), out _, out var error));
        Assert.Equal("is longer than 8 KB", error);
    }

    [Fact]
    public void Half_a_surrogate_pair_is_no_destination()
    {
        // Not a theory: test arguments are carried as UTF-8, which has no way to write it.
        Assert.False(Destination.TryCanonicalise("https://x.test/\uD800", out _, out var error));
        Assert.Equal("is not valid Unicode", error);
    }

    [Theory]
    [InlineData("https://x.test/{{ a }}?b={{a}}#{{a}}", "https://x.test/{{a}}?b={{a}}#{{a}}")]
    [InlineData("https://x.test/{a}{{b|c}}{{{d}}", "https://x.test/%7Ba%7D%7B%7Bb%7Cc%7D%7D%7B{{d}}")]
    public void A_template_keeps_our_fields_and_nothing_else_in_braces(string url, string expected)
    {
        Assert.True(Destination.TryCanonicaliseTemplate(url, out var ascii, out var error), error);
        Assert.Equal(expected, ascii);
    }

    [Theory]
    [InlineData("https://x.test/{{a}}/b?c={{b}}&d={{missing}}#{{a}}", "https://x.test/Ana%20%2F%2F%3F%23%40/b?c=%7B%7Ba%7D%7D&d=#Ana%20%2F%2F%3F%23%40")]
    [InlineData("https://x.test/plain", "https://x.test/plain")]
    [InlineData("https://{{a}}/", "https://{{a}}/")]
    [InlineData("https://x.test{{a}}", "https://x.test{{a}}")]
    [InlineData("{{a}}://x.test/", "{{a}}://x.test/")]
    public void A_click_fills_fields_behind_the_host_only(string template, string expected) =>
        Assert.Equal(expected, Destination.Fill(template, new Dictionary<string, string> { ["a"] = "Ana //?#@", ["b"] = "{{a}}" }));

    [Fact]
    public void Canonical_is_ascii_stays_canonical_and_leads_to_the_same_host()
    {
        var pieces = Gen.Elements("https://", "x.test", "münchen.test", "/", "?", "#", "@", ":", "80", "\\", "%", "%C3%A9", "é", "🎉", " ", "\n", "\0", "\uD800", "[", "]", "::1", "{{a}}", "{", "}", "..", "&", "\u2028", "％", "。").ListOf();
        var starts = Gen.Elements("https://x.test/", "http://x.test:80?", "https://münchen.test/a/", "https://[::1]#", "http://x.test", "https://", "");
        var urls = starts.SelectMany(_ => pieces, (start, parts) => start + string.Concat(parts)).Resize(8).ToArbitrary();
        var canonical = 0;

        Check.One(Config.QuickThrowOnFailure.WithMaxTest(5_000), Prop.ForAll(urls, url =>
        {
            if (Destination.TryCanonicalise(url, out var ascii, out _))
            {
                canonical++;
                Assert.True(ascii.All(c => c is > ' ' and < '\x7f'), ascii);
                Assert.True(Destination.TryCanonicalise(ascii, out var again, out _) && again == ascii, ascii);
                Assert.True(Uri.TryCreate(ascii, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" && uri.UserInfo.Length == 0, ascii);
            }

            if (Destination.TryCanonicaliseTemplate(url, out var template, out _))
            {
                var filled = Destination.Fill(template, new Dictionary<string, string> { ["a"] = "//evil.test/@\\:80\r\n" });
                Assert.True(Destination.TryCanonicalise(filled, out var same, out _) && same == filled, filled);
                Assert.Equal(new Uri(Destination.Fill(template, new Dictionary<string, string>())).GetLeftPart(UriPartial.Authority), new Uri(filled).GetLeftPart(UriPartial.Authority));
            }
        }));

        Assert.True(canonical > 500, $"Only {canonical} of the generated URLs were canonical: the test says too little.");
    }
}
