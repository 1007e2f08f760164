using ScoreTracking.Auth;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Auth;

public sealed class ReturnUrlTests
{
    [Theory]
    [InlineData("//evil.example")]
    [InlineData("/\\evil.example")]
    [InlineData("\\\\evil.example")]
    [InlineData("https://evil.example/")]
    [InlineData("https:evil.example")]
    [InlineData("javascript:alert(1)")]
    [InlineData("/\t/evil.example")]
    [InlineData("/\n/evil.example")]
    [InlineData(" //evil.example")]
    [InlineData("/ok\r\nSet-Cookie: a=b")]
    [InlineData("/ünicode")]
    [InlineData("evil.example")]
    [InlineData("@evil.example")]
    [InlineData("/%0d%0a//evil.example\\..")]
    [InlineData("")]
    [InlineData(null)]
    public void What_could_lead_to_another_site_leads_home(string? url) => Assert.Equal("/", LocalUrl.Of(url));

    [Theory]
    [InlineData("/")]
    [InlineData("/campaigns?status=draft&q=a%20b#top")]
    [InlineData("/campaigns/cmp_1/report?from=2026-09-01")]
    public void A_path_of_ours_is_kept(string url) => Assert.Equal(url, LocalUrl.Of(url));

    [Theory]
    [InlineData("//evil.example")]
    [InlineData("https://evil.example/")]
    public async Task Signing_in_never_leads_to_another_site(string returnUrl)
    {
        await using var app = new TestApp();
        using var visitor = new Visitor(app);

        using var answer = await visitor.SubmitAsync("/login?returnUrl=" + Uri.EscapeDataString(returnUrl), new()
        {
            ["email"] = TestApp.AdminEmail, ["password"] = TestApp.AdminPassword, ["returnUrl"] = returnUrl,
        });
        using var again = await visitor.Client.GetAsync("/login?returnUrl=" + Uri.EscapeDataString(returnUrl), TestContext.Current.CancellationToken);

        Assert.Equal("/", answer.Headers.Location!.OriginalString);
        Assert.Equal("/", again.Headers.Location!.OriginalString);
    }
}
