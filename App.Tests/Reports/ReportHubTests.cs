using System.Net;
using System.Net.Http.Json;
using System.Net.WebSockets;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using ScoreTracking.Events;
using ScoreTracking.Live;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Reports;

/// <summary>/hubs/live, over a bare WebSocket.</summary>
public sealed class ReportHubTests : IAsyncDisposable
{
    private readonly TestApp _app = new();

    public ReportHubTests() => _app.Clock.Set(Some.Noon.AddHours(3));

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Fact]
    public async Task Watching_a_campaign_brings_its_summary_at_once_and_after_every_change()
    {
        var campaign = await _app.GivenCampaignAsync();
        var message = await _app.GivenMessageAsync(campaign);
        await _app.StoreAsync(Some.Event(message, EventType.Sent));
        await using var hub = await HubConnection.OpenWithKeyAsync(_app);

        var error = await hub.CallAsync("Watch", $"cmp_{campaign}");
        var first = await hub.SummaryAsync();
        await _app.StoreAsync(Some.Event(message, EventType.Opened, TimeSpan.FromHours(1), source: EventSource.Tracking));
        var second = await UntilAsync(hub, summary => summary.GetProperty("opened").GetInt64() == 1);

        Assert.Null(error);
        Assert.Equal(1, first.GetProperty("sent").GetInt64());
        Assert.Equal($"cmp_{campaign}", first.GetProperty("campaign_id").GetString());
        var report = await _app.Api.GetFromJsonAsync<JsonElement>($"/api/v1/campaigns/cmp_{campaign}/report");
        Assert.Equal(
            report.GetProperty("data").EnumerateObject().Select(member => member.Name),
            second.EnumerateObject().Select(member => member.Name));
        Assert.Equal(report.GetProperty("data").GetProperty("rates").GetRawText(), second.GetProperty("rates").GetRawText());
    }

    [Fact]
    public async Task Several_campaigns_and_switches_are_watched_by_one_connection_until_it_stops()
    {
        var (first, second) = (await _app.GivenCampaignAsync(), await _app.GivenCampaignAsync());
        var message = await _app.GivenMessageAsync(second);
        await _app.StoreAsync(Some.Event(message, EventType.Sent), Some.Event(message, EventType.Delivered, TimeSpan.FromMinutes(1)));
        await using var hub = await HubConnection.OpenWithKeyAsync(_app);
        var feeds = _app.Services.GetRequiredService<LiveFeeds>();

        Assert.Null(await hub.CallAsync("Watch", $"cmp_{first}"));
        Assert.Null(await hub.CallAsync("WatchView", $"cmp_{second}", "confirmed", "delivered"));
        var of = new[] { await hub.SummaryAsync(), await hub.SummaryAsync() };
        Assert.Null(await hub.CallAsync("Unwatch", $"cmp_{second}"));
        var watching = feeds.Watching;

        Assert.Equal([$"cmp_{first}", $"cmp_{second}"], of.Select(summary => summary.GetProperty("campaign_id").GetString()).Order(StringComparer.Ordinal));
        Assert.Equal(1, watching);
        await hub.DisposeAsync();
        await Eventually.TrueAsync(() => feeds.Watching == 0);
    }

    [Theory]
    [InlineData("Watch", "cmp_999", null, null, "There is no such campaign.")]
    [InlineData("Watch", "7", null, null, "There is no such campaign.")]
    [InlineData("Watch", null, null, null, "There is no such campaign.")]
    [InlineData("WatchView", "cmp_1", "some", null, "opens must be all or confirmed")]
    [InlineData("WatchView", "cmp_1", null, "hope", "basis must be sent or delivered")]
    public async Task What_makes_no_sense_is_answered_in_words_and_the_connection_stays(string method, string? campaign, string? opens, string? basis, string expected)
    {
        await _app.GivenCampaignAsync();
        await using var hub = await HubConnection.OpenWithKeyAsync(_app);

        var error = await (method == "Watch" ? hub.CallAsync(method, campaign) : hub.CallAsync(method, campaign, opens, basis));

        Assert.EndsWith(expected, error, StringComparison.Ordinal);
        Assert.Null(await hub.CallAsync("Unwatch", campaign));
    }

    [Fact]
    public async Task A_browser_may_carry_the_key_in_the_address_and_nobody_else_may()
    {
        await using var hub = await HubConnection.OpenAsync(_app, query: $"access_token={TestApp.ApiKey}");
        using var anonymous = _app.Anonymous();
        using var elsewhere = await anonymous.GetAsync($"/api/v1/campaigns?access_token={TestApp.ApiKey}");

        Assert.Null(await hub.CallAsync("Unwatch", "cmp_1"));
        Assert.Equal(HttpStatusCode.Unauthorized, elsewhere.StatusCode);
    }

    [Fact]
    public async Task A_person_who_is_signed_in_is_let_in_from_our_own_pages_only()
    {
        using var visitor = await Visitor.SignedInAsync(_app);
        var cookies = await CookiesAsync(visitor);
        var own = _app.Api.BaseAddress!.GetLeftPart(UriPartial.Authority);

        await using var hub = await HubConnection.OpenAsync(_app, options => Bring(options, cookies, own));
        var error = await hub.CallAsync("Unwatch", "cmp_1");

        Assert.Null(error);
        Assert.Contains("403", await RefusedAsync(options => Bring(options, cookies, "https://evil.example")), StringComparison.Ordinal);

        // Nor does a worthless key open the way for somebody else's cookie.
        Assert.Contains("401", await RefusedAsync(options => Bring(options, cookies, "https://evil.example"), "access_token=x"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_key_or_session_or_scope_there_is_no_way_in()
    {
        using var created = await _app.Api.PostAsJsonAsync("/api/v1/api-keys", new { name = "CRM", scopes = new[] { "events:write" } });
        var key = (await created.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("data").GetProperty("key").GetString();

        Assert.Contains("401", await RefusedAsync(_ => { }), StringComparison.Ordinal);
        Assert.Contains("401", await RefusedAsync(options => options.SetRequestHeader("Authorization", "Bearer st_live_wrong")), StringComparison.Ordinal);
        Assert.Contains("403", await RefusedAsync(options => options.SetRequestHeader("Authorization", $"Bearer {key}")), StringComparison.Ordinal);
    }

    private static void Bring(ClientWebSocketOptions options, CookieContainer cookies, string origin)
    {
        options.Cookies = cookies;
        options.SetRequestHeader("Origin", origin);
    }

    private async Task<CookieContainer> CookiesAsync(Visitor visitor)
    {
        // Signs in once more with a client of its own, whose cookies can be taken along.
        var cookies = new CookieContainer();
        using var handler = new HttpClientHandler { CookieContainer = cookies, AllowAutoRedirect = false };
        using var client = new HttpClient(handler) { BaseAddress = _app.Api.BaseAddress };
        var form = await client.GetStringAsync("/login");
        var token = System.Text.RegularExpressions.Regex.Match(form, "name=\"__RequestVerificationToken\" value=\"([^\"]+)\"").Groups[1].Value;
        using var answer = await client.PostAsync("/login", new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["__RequestVerificationToken"] = token, ["_handler"] = "sign-in", ["returnUrl"] = "/", ["email"] = TestApp.AdminEmail, ["password"] = TestApp.AdminPassword,
        }));
        Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
        return cookies;
    }

    private async Task<string> RefusedAsync(Action<ClientWebSocketOptions> options, string query = "") =>
        (await Assert.ThrowsAsync<WebSocketException>(() => HubConnection.OpenAsync(_app, options, query))).Message;

    private static async Task<JsonElement> UntilAsync(HubConnection hub, Func<JsonElement, bool> wanted)
    {
        while (true)
        {
            var summary = await hub.SummaryAsync();
            if (wanted(summary))
            {
                return summary;
            }
        }
    }
}
