using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using ScoreTracking.Data;
using ScoreTracking.Events;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Reports;

/// <summary>Share links, as whoever has one sees them.</summary>
public sealed partial class ShareTests : IAsyncDisposable
{
    private readonly TestApp _app = new();

    public ShareTests() => _app.Clock.Set(Some.Noon.AddHours(3));

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Fact]
    public async Task A_share_shows_the_figures_and_however_far_one_crawls_no_address_and_no_id()
    {
        var (campaign, people) = await _app.GivenTellingCampaignAsync();
        var (_, path) = await _app.ShareAsync(campaign);
        using var stranger = _app.Anonymous();
        var (seen, waiting) = (new HashSet<string>(), new Queue<string>([path]));

        while (waiting.TryDequeue(out var address) && seen.Count < 80)
        {
            if (!seen.Add(address))
            {
                continue;
            }

            using var answer = await stranger.GetAsync(address);
            var html = await answer.Content.ReadAsStringAsync();
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Assert.DoesNotContain(people, name => html.Contains(name, StringComparison.OrdinalIgnoreCase));
            Assert.DoesNotMatch(@"[\w.+-]+(@|&#64;|%40)[\w-]+\.\w", html);
            Assert.DoesNotMatch(@"\b(cmp|msg|evt|lnk|con|seg|usr|key)_\d", html);
            foreach (Match link in Links().Matches(html))
            {
                var url = new Uri(_app.Api.BaseAddress!, WebUtility.HtmlDecode(link.Groups[1].Value));
                if (url.Authority == _app.Api.BaseAddress!.Authority)
                {
                    // It leads nowhere but to itself, looked at in another way.
                    Assert.Equal(path, url.AbsolutePath);
                    waiting.Enqueue(url.PathAndQuery);
                }
            }
        }

        Assert.True(seen.Count > 20, $"Only {seen.Count} pages were found.");
        var first = await stranger.GetStringAsync(path);
        Assert.Contains("Spring sale", first, StringComparison.Ordinal);
        Assert.Contains("Rain jackets", first, StringComparison.Ordinal);
        Assert.Matches(">Opened\\s*<[\\s\\S]*?metric-value\"[^>]*>2<", first);
    }

    [Fact]
    public async Task It_is_a_document_that_is_not_kept_indexed_or_passed_on_and_opens_no_connection()
    {
        var (_, path) = await _app.ShareAsync(await _app.GivenTellingCampaignAsync().ContinueWith(busy => busy.Result.Campaign, TaskScheduler.Default));
        using var stranger = _app.Anonymous();

        using var answer = await stranger.GetAsync(path);
        var html = await answer.Content.ReadAsStringAsync();

        Assert.True(answer.Headers.CacheControl!.NoStore);
        Assert.Equal("no-referrer", Header(answer, "Referrer-Policy"));
        Assert.Contains("noindex", Header(answer, "X-Robots-Tag"), StringComparison.Ordinal);
        Assert.Contains("frame-ancestors 'none'", Header(answer, "Content-Security-Policy"), StringComparison.Ordinal);
        Assert.False(answer.Headers.Contains("Set-Cookie"));
        Assert.Contains("<meta name=\"robots\" content=\"noindex\"", html, StringComparison.Ordinal);
        Assert.DoesNotContain("_blazor", html, StringComparison.Ordinal);
        Assert.DoesNotContain("blazor.web.js", html, StringComparison.Ordinal);
        Assert.DoesNotContain("style=", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Screen_and_share_show_the_same_figures()
    {
        var (campaign, _) = await _app.GivenTellingCampaignAsync();
        var (_, path) = await _app.ShareAsync(campaign);
        using var stranger = _app.Anonymous();
        using var visitor = await Visitor.SignedInAsync(_app);

        foreach (var query in new[] { "", "?opens=confirmed", "?basis=delivered" })
        {
            var shared = await stranger.GetStringAsync(path + query);
            var own = await visitor.Client.GetStringAsync($"/campaigns/cmp_{campaign}{query}");

            var figures = Figures().Matches(own).Select(figure => figure.Value).ToList();
            Assert.True(figures.Count >= 10);
            Assert.Equal(figures, Figures().Matches(shared).Select(figure => figure.Value));
        }
    }

    [Fact]
    public async Task Revoked_expired_or_never_known_it_is_the_same_page_at_once()
    {
        var campaign = await _app.GivenCampaignAsync();
        var (revoked, revokedPath) = await _app.ShareAsync(campaign);
        var (_, expiredPath) = await _app.ShareAsync(campaign, expiresAt: _app.Clock.GetUtcNow().AddHours(1));
        using var stranger = _app.Anonymous();
        Assert.Equal(HttpStatusCode.OK, (await stranger.GetAsync(revokedPath)).StatusCode);

        using var gone = await _app.Api.DeleteAsync($"/api/v1/shares/{revoked}");
        Assert.Equal(HttpStatusCode.NoContent, gone.StatusCode);
        var afterRevoking = await AnswerAsync(stranger, revokedPath);
        _app.Clock.Advance(TimeSpan.FromHours(1));
        var answers = new List<string> { afterRevoking, await AnswerAsync(stranger, expiredPath) };
        foreach (var path in new[] { "/s", "/s/", "/s/x", "/s/" + new string('A', 43), expiredPath + "x", expiredPath + "/more", "/s/..%2f", "/S/" + new string('A', 43), "/s/" + new string('é', 43) })
        {
            answers.Add(await AnswerAsync(stranger, path));
        }

        Assert.StartsWith("404 ", afterRevoking, StringComparison.Ordinal);
        Assert.Single(answers.Distinct());
    }

    [Fact]
    public async Task A_password_is_asked_for_and_opens_this_share_alone_until_it_changes()
    {
        var (campaign, _) = await _app.GivenTellingCampaignAsync();
        var (id, path) = await _app.ShareAsync(campaign, password: "mountain trails");
        var (_, other) = await _app.ShareAsync(campaign, password: "mountain trails");
        using var visitor = new Visitor(_app);

        using var locked = await visitor.Client.GetAsync(path);
        var form = await locked.Content.ReadAsStringAsync();
        using var wrong = await PasswordAsync(visitor, path, "mountain trail");
        using var right = await PasswordAsync(visitor, path, "mountain trails");
        var opened = await visitor.StatusAsync(path);
        var otherLocked = await visitor.StatusAsync(other);
        var cookie = right.Headers.GetValues("Set-Cookie").Single(value => value.StartsWith("st-share=", StringComparison.Ordinal));

        // The same cookie carried to the other share by hand opens nothing either.
        using var request = new HttpRequestMessage(HttpMethod.Get, other);
        request.Headers.Add("Cookie", cookie.Split(';')[0]);
        using var stranger = _app.Anonymous();
        using var carried = await stranger.SendAsync(request);
        using var changed = await _app.Api.PatchAsJsonAsync($"/api/v1/shares/{id}", new { password = "another pass phrase" });
        var afterChange = await visitor.StatusAsync(path);

        Assert.Equal(HttpStatusCode.Unauthorized, locked.StatusCode);
        Assert.DoesNotContain("Spring sale", form, StringComparison.Ordinal);
        Assert.True(locked.Headers.CacheControl!.NoStore);
        Assert.Equal(HttpStatusCode.Unauthorized, wrong.StatusCode);
        Assert.Contains("not its password", await wrong.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.False(wrong.Headers.TryGetValues("Set-Cookie", out var set) && set.Any(value => value.StartsWith("st-share=", StringComparison.Ordinal)));
        Assert.Equal(HttpStatusCode.Redirect, right.StatusCode);
        Assert.Equal(path, right.Headers.Location!.OriginalString);
        Assert.Contains($"path={path}", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("httponly", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(HttpStatusCode.OK, opened);
        Assert.Equal(HttpStatusCode.Unauthorized, otherLocked);
        Assert.Equal(HttpStatusCode.Unauthorized, carried.StatusCode);
        Assert.Equal(HttpStatusCode.OK, changed.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, afterChange);
    }

    [Fact]
    public async Task Guessing_is_slowed_down_like_signing_in()
    {
        var (_, path) = await _app.ShareAsync(await _app.GivenCampaignAsync(), password: "mountain trails");
        using var visitor = new Visitor(_app);

        var statuses = new List<HttpStatusCode>();
        for (var attempt = 0; attempt < 11; attempt++)
        {
            using var answer = await PasswordAsync(visitor, path, $"guess number {attempt}");
            statuses.Add(answer.StatusCode);
            if (attempt == 10)
            {
                Assert.True(answer.Headers.RetryAfter?.Delta > TimeSpan.Zero);
            }
        }

        Assert.Equal([.. Enumerable.Repeat(HttpStatusCode.Unauthorized, 10), HttpStatusCode.TooManyRequests], statuses);
    }

    [Fact]
    public async Task Views_are_counted_and_neither_refreshing_nor_asking_in_vain_is_one()
    {
        var (campaign, _) = await _app.GivenTellingCampaignAsync();
        var (id, path) = await _app.ShareAsync(campaign);
        var (locked, lockedPath) = await _app.ShareAsync(campaign, password: "mountain trails");
        using var stranger = _app.Anonymous();

        await stranger.GetStringAsync(path);
        await stranger.GetStringAsync(path + "?opens=confirmed");
        using var refresh = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { { "X-Refresh", "1" } } };
        using var refreshed = await stranger.SendAsync(refresh);
        using var refused = await stranger.GetAsync(lockedPath);

        Assert.Equal(HttpStatusCode.OK, refreshed.StatusCode);
        await Eventually.TrueAsync(async () => (await _app.GetShareAsync(id)).GetProperty("views").GetInt64() == 2);
        Assert.Equal(0, (await _app.GetShareAsync(locked)).GetProperty("views").GetInt64());
        Assert.Equal(JsonValueKind.Null, (await _app.GetShareAsync(locked)).GetProperty("last_viewed_at").ValueKind);

        // Also over a restart: what was counted in memory is written when the server stops.
        await _app.StopKeepingDataAsync();
        using var connection = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={_app.DataDirectory}/scoretracking.db");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT max(views) FROM shares";
        Assert.Equal(2L, command.ExecuteScalar());
    }

    [Fact]
    public async Task Neither_the_link_nor_its_password_can_be_read_out_of_the_database()
    {
        var (_, path) = await _app.ShareAsync(await _app.GivenCampaignAsync(), password: "mountain trails");

        await _app.StopKeepingDataAsync();

        foreach (var file in Directory.EnumerateFiles(_app.DataDirectory, "*.db*"))
        {
            var bytes = await File.ReadAllBytesAsync(file);
            Assert.Equal(-1, bytes.AsSpan().IndexOf(Encoding.ASCII.GetBytes(path["/s/".Length..])));
            Assert.Equal(-1, bytes.AsSpan().IndexOf("mountain trails"u8));
        }
    }

    private static string Header(HttpResponseMessage answer, string name) => string.Join(' ', answer.Headers.GetValues(name));

    private static async Task<string> AnswerAsync(HttpClient client, string path)
    {
        using var answer = await client.GetAsync(path);
        var headers = answer.Headers.Concat(answer.Content.Headers).Where(header => header.Key != "Date").OrderBy(header => header.Key, StringComparer.Ordinal);
        return $"{(int)answer.StatusCode} {string.Join('\n', headers.Select(header => $"{header.Key}: {string.Join(',', header.Value)}"))}\n{await answer.Content.ReadAsStringAsync()}";
    }

    private static async Task<HttpResponseMessage> PasswordAsync(Visitor visitor, string path, string password)
    {
        using var form = await visitor.Client.GetAsync(path);
        var fields = Hidden().Matches(await form.Content.ReadAsStringAsync()).ToDictionary(field => field.Groups[1].Value, field => WebUtility.HtmlDecode(field.Groups[2].Value));
        fields["password"] = password;
        return await visitor.Client.PostAsync(path, new FormUrlEncodedContent(fields));
    }

    [GeneratedRegex("<a\\b[^>]*?href=\"([^\"]+)\"")]
    private static partial Regex Links();

    [GeneratedRegex("metric-value\"[^>]*>[^<]*<|<span class=\"percent\"[^>]*>[^<]*<")]
    private static partial Regex Figures();

    [GeneratedRegex("<input[^>]*type=\"hidden\"[^>]*name=\"([^\"]*)\"[^>]*value=\"([^\"]*)\"")]
    private static partial Regex Hidden();
}
