using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using ScoreTracking.Operations;

namespace ScoreTracking.Tests.Operations;

/// <summary>Whose word is taken for where a request came from.</summary>
public sealed class TrustedProxiesTests
{
    [Theory]
    [InlineData("127.0.0.1", "198.51.100.7", "DE")]
    [InlineData("::1", "198.51.100.7", "DE")]
    [InlineData("::ffff:127.0.0.1", "198.51.100.7", "DE")]
    [InlineData("10.1.2.3", "198.51.100.7", "DE")]
    [InlineData("192.0.2.5", "198.51.100.7", "DE")]
    [InlineData("192.0.2.6", "192.0.2.6", null)]
    [InlineData("203.0.113.9", "203.0.113.9", null)]
    [InlineData("2001:db8::1", "2001:db8::1", null)]
    public async Task Only_a_trusted_peer_is_believed(string peer, string expectedAddress, string? expectedCountry)
    {
        var seen = await SendAsync(peer, ["10.0.0.0/8", "192.0.2.5"], "198.51.100.7");

        Assert.Equal(expectedAddress, seen.Connection.RemoteIpAddress!.ToString());
        Assert.Equal(expectedCountry, seen.Request.Headers["CF-IPCountry"].SingleOrDefault());
        Assert.Equal(expectedCountry, seen.Request.Headers["CloudFront-Viewer-Country"].SingleOrDefault());
        Assert.Equal("score.example.com", seen.Request.Host.Value);
    }

    [Fact]
    public async Task What_a_visitor_wrote_before_the_last_proxy_is_not_believed()
    {
        var seen = await SendAsync("127.0.0.1", ["10.0.0.0/8"], "192.0.2.99, 198.51.100.7, 10.0.0.1");

        Assert.Equal("198.51.100.7", seen.Connection.RemoteIpAddress!.ToString());
    }

    [Theory]
    [InlineData("proxy.example.com")]
    [InlineData("10.0.0.0/99")]
    [InlineData("")]
    public void A_name_that_is_neither_address_nor_network_is_refused_in_words(string name)
    {
        var refused = Assert.Throws<InvalidOperationException>(() => TrustedProxies.Trust(new ForwardedHeadersOptions(), [name]));

        Assert.Contains("TrustedProxies", refused.Message, StringComparison.Ordinal);
    }

    private static async Task<HttpContext> SendAsync(string peer, string[] trusted, string forwardedFor)
    {
        var options = new ForwardedHeadersOptions();
        TrustedProxies.Trust(options, trusted);
        var services = new ServiceCollection().AddLogging().AddSingleton(Options.Create(options)).BuildServiceProvider();
        var app = new ApplicationBuilder(services);
        new TrustedProxies(Options.Create(options), NullLogger<TrustedProxies>.Instance).Configure(_ => { })(app);
        var context = new DefaultHttpContext();
        context.Connection.RemoteIpAddress = IPAddress.Parse(peer);
        context.Request.Host = new HostString("score.example.com");
        context.Request.Headers["X-Forwarded-For"] = forwardedFor;
        context.Request.Headers["X-Forwarded-Host"] = "evil.example.com";
        context.Request.Headers["CF-IPCountry"] = "DE";
        context.Request.Headers["CloudFront-Viewer-Country"] = "DE";
        await app.Build()(context);
        return context;
    }
}
