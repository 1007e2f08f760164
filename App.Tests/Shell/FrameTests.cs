using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using ScoreTracking.Auth;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Shell;

public sealed class FrameTests : IAsyncLifetime
{
    private readonly TestApp _app = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Fact]
    public async Task Styles_are_open_to_everyone_compressed_and_kept_by_the_browser_until_they_change()
    {
        using var client = _app.Anonymous();
        var page = await PageAsync(null);
        var address = System.Text.RegularExpressions.Regex.Match(page, "href=\"(/app.css\\?v=[0-9a-f]+)\"").Groups[1].Value;
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        request.Headers.AcceptEncoding.ParseAdd("gzip, br");

        using var versioned = await client.SendAsync(request, TestContext.Current.CancellationToken);
        using var plain = await client.GetAsync("/app.css", TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.OK, versioned.StatusCode);
        Assert.Equal("text/css", versioned.Content.Headers.ContentType?.MediaType);
        Assert.Equal("br", Assert.Single(versioned.Content.Headers.ContentEncoding));
        Assert.Contains("immutable", versioned.Headers.GetValues("Cache-Control").Single());
        Assert.Equal("no-cache", plain.Headers.GetValues("Cache-Control").Single());
        Assert.Contains(".metric", await plain.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_style_the_browser_has_is_not_sent_again()
    {
        using var client = _app.Anonymous();
        using var first = await client.GetAsync("/app.css", TestContext.Current.CancellationToken);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/app.css");
        request.Headers.IfNoneMatch.Add(first.Headers.ETag!);

        using var second = await client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.NotModified, second.StatusCode);
    }

    [Fact]
    public async Task The_chosen_theme_is_in_the_first_byte_and_anything_else_is_ignored()
    {
        Assert.Contains("<html lang=\"en\" data-theme=\"dark\">", await PageAsync("theme=dark"));
        Assert.Contains("<html lang=\"en\">", await PageAsync("theme=\"><script>"));
        Assert.Contains("<html lang=\"en\">", await PageAsync(null));
    }

    [Fact]
    public async Task Pages_allow_no_script_or_style_but_their_own_files()
    {
        using var client = Viewer();

        using var answer = await client.GetAsync("/nothing-here", TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        var policy = answer.Headers.GetValues("Content-Security-Policy").Single();
        Assert.Contains("default-src 'self'", policy);
        Assert.Contains("frame-ancestors 'none'", policy);
        Assert.DoesNotContain("unsafe", policy);
        Assert.DoesNotContain("style=\"", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task An_unknown_address_shows_a_page_to_viewers_and_other_answers_stay_as_they_are()
    {
        using var client = Viewer();

        using var page = await client.GetAsync("/campaigns/none/such", TestContext.Current.CancellationToken);
        using var api = await client.GetAsync("/api/v1/none", TestContext.Current.CancellationToken);
        using var tracked = await client.GetAsync("/api/track/click/none", TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.NotFound, page.StatusCode);
        Assert.Contains("There is nothing here", await page.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.DoesNotContain("There is nothing here", await api.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal(HttpStatusCode.NotFound, tracked.StatusCode);
        Assert.DoesNotContain("There is nothing here", await tracked.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    /// <summary>Signed in as the demo does it.</summary>
    private HttpClient Viewer()
    {
        _app.Services.GetRequiredService<IOptions<AuthOptions>>().Value.AutoSignInOnLoopback = true;
        return _app.Anonymous();
    }

    private async Task<string> PageAsync(string? cookie)
    {
        using var client = Viewer();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/not-found");
        if (cookie is not null)
        {
            request.Headers.Add("Cookie", cookie);
        }

        using var answer = await client.SendAsync(request, TestContext.Current.CancellationToken);
        return await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
    }
}
