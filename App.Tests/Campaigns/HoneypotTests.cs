using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using ScoreTracking.Events;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Campaigns;

public sealed partial class HoneypotTests : IAsyncLifetime
{
    private readonly TestApp _app = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Fact]
    public async Task Campaigns_started_while_it_is_on_carry_one_link_nobody_sees_at_the_end_and_others_never_do()
    {
        var before = await StartedAsync();
        await SwitchAsync(true);
        var during = await StartedAsync();
        var draft = await _app.GivenDraftAsync();
        await SwitchAsync(false);

        Assert.DoesNotContain("display:none", await HtmlAsync(before), StringComparison.Ordinal);
        Assert.DoesNotContain("display:none", await HtmlAsync(draft), StringComparison.Ordinal);
        var html = await HtmlAsync(during);
        Assert.Single(Unseen().Matches(html));
        Assert.EndsWith("</a></body></html>", html.TrimEnd(), StringComparison.Ordinal);
        Assert.Equal(html, await HtmlAsync(during));
    }

    [Theory]
    [InlineData(10, "honeypot")]
    [InlineData(11, "")]
    public async Task Who_fetches_it_is_a_scanner_and_so_is_who_clicks_within_ten_seconds(int seconds, string reason)
    {
        await SwitchAsync(true);
        var html = await HtmlAsync(await _app.GivenDraftAsync());
        var (unseen, seen) = (Unseen().Match(html).Groups[1].Value, Seen().Match(html).Value);

        Assert.Equal(HttpStatusCode.Redirect, await FetchAsync(seen));
        _app.Clock.Advance(TimeSpan.FromSeconds(seconds));
        Assert.Equal(HttpStatusCode.OK, await FetchAsync(unseen));

        Assert.Equal([("scanner", "honeypot"), (reason.Length > 0 ? "scanner" : "human", reason)], await HitsAsync());
        Assert.Empty(_app.Verify());
    }

    [Fact]
    public async Task Looking_at_its_headers_or_prefetching_it_betrays_nobody()
    {
        await SwitchAsync(true);
        var html = await HtmlAsync(await _app.GivenDraftAsync());
        var unseen = Unseen().Match(html).Groups[1].Value;

        Assert.Equal(HttpStatusCode.OK, await FetchAsync(unseen, method: HttpMethod.Head));
        Assert.Equal(HttpStatusCode.OK, await FetchAsync(unseen, "prefetch"));
        Assert.Equal(HttpStatusCode.Redirect, await FetchAsync(Seen().Match(html).Value));

        Assert.Equal([("prefetch", "prefetch_header"), ("human", "")], await HitsAsync());
    }

    private async Task SwitchAsync(bool on)
    {
        var settings = await _app.SendAsync(HttpMethod.Patch, "/api/v1/settings", new JsonObject { ["honeypot"] = on }, HttpStatusCode.OK);
        Assert.Equal(on, (bool)settings["honeypot"]!);
    }

    private async Task<string> StartedAsync()
    {
        var id = await _app.GivenDraftAsync();
        await HtmlAsync(id);
        return id;
    }

    private async Task<string> HtmlAsync(string campaign) =>
        (string)(await _app.PostAsync($"/api/v1/campaigns/{campaign}/instrument", CampaignApi.Recipient(1)))["html"]!;

    private async Task<HttpStatusCode> FetchAsync(string path, string? purpose = null, HttpMethod? method = null)
    {
        using var client = _app.Anonymous();
        using var request = new HttpRequestMessage(method ?? HttpMethod.Get, path);
        request.Headers.UserAgent.ParseAdd(Some.Firefox);
        request.Headers.Add("Sec-Purpose", purpose ?? "none");
        using var answer = await client.SendAsync(request);
        await _app.StoredAsync();
        return answer.StatusCode;
    }

    private async Task<List<(string Verdict, string Reasons)>> HitsAsync()
    {
        await using var db = _app.Database();
        return [.. (await db.Events.OrderBy(e => e.LinkId).ToListAsync()).Select(hit => (hit.Verdict.Name(), string.Join(' ', hit.Reasons.Names())))];
    }

    [GeneratedRegex("""<a href="[^"]*(/c/[0-9a-z]{40})" style="display:none" aria-hidden="true" tabindex="-1"></a>""")]
    private static partial Regex Unseen();

    [GeneratedRegex("/c/[0-9a-z]{40}")]
    private static partial Regex Seen();
}
