using System.Net;
using Microsoft.Extensions.DependencyInjection;
using ScoreTracking.Events;
using ScoreTracking.Tests.Support;
using ScoreTracking.Tokens;
using ScoreTracking.Tracking;

namespace ScoreTracking.Tests.Tracking;

public sealed class PublicEndpointTests(PublicEndpointTests.Host host) : IClassFixture<PublicEndpointTests.Host>
{
    private TestApp App => host.App;

    [Theory]
    [InlineData("/api/track/open/{0}")]
    [InlineData("/api/track/open/{0}.gif")]
    [InlineData("/o/{0}")]
    [InlineData("/o/{0}.gif")]
    public async Task A_pixel_answers_with_a_gif_and_is_stored(string path)
    {
        var (campaign, message) = await GivenAsync();

        using var answer = await GetAsync(string.Format(null, path, Id(TrackingKind.Open, new(message))));

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("image/gif", answer.Content.Headers.ContentType!.MediaType);
        Assert.Equal(43, (await answer.Content.ReadAsByteArrayAsync()).Length);
        Assert.True(answer.Headers.CacheControl!.NoStore);
        Assert.Equal("noindex", answer.Headers.GetValues("X-Robots-Tag").Single());
        Assert.Equal("no-referrer", answer.Headers.GetValues("Referrer-Policy").Single());
        Assert.False(answer.Headers.Contains("Set-Cookie"));
        await App.StoredAsync();
        Assert.Equal((1, 1), await App.CountAsync(campaign, EventType.Opened, VerdictGroup.Person));
    }

    [Fact]
    public async Task A_bad_pixel_id_gets_the_same_answer_and_stores_nothing()
    {
        var (campaign, message) = await GivenAsync();
        using var good = await GetAsync($"/o/{Id(TrackingKind.Open, new(message))}");
        await App.StoredAsync();

        foreach (var bad in BadIds(TrackingKind.Open, message))
        {
            using var answer = await GetAsync($"/o/{bad}");
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Assert.Equal(await good.Content.ReadAsByteArrayAsync(), await answer.Content.ReadAsByteArrayAsync());
            Assert.Equal(Headers(good), Headers(answer));
        }

        await App.StoredAsync();
        Assert.Equal((1, 1), await App.CountAsync(campaign, EventType.Opened, VerdictGroup.Person));
    }

    [Fact]
    public async Task A_click_redirects_to_the_stored_destination()
    {
        var (campaign, message) = await GivenAsync();
        var link = await App.GivenLinkAsync(campaign, "https://example.com/offer?a=1&b=2#top");

        foreach (var path in (string[])["/c/", "/api/track/click/"])
        {
            using var answer = await GetAsync(path + Id(TrackingKind.Click, new(message, link)));
            Assert.Equal(HttpStatusCode.Found, answer.StatusCode);
            Assert.Equal("https://example.com/offer?a=1&b=2#top", answer.Headers.GetValues("Location").Single());
            App.Clock.Advance(TimeSpan.FromMinutes(1));
        }

        await App.StoredAsync();
        Assert.Equal((2, 1), await App.CountAsync(campaign, EventType.Clicked, VerdictGroup.Person));
        Assert.Empty(App.Verify());
    }

    [Fact]
    public async Task A_personal_link_is_filled_for_the_one_who_clicks()
    {
        var (campaign, message) = await GivenAsync();
        var link = await App.GivenLinkAsync(campaign, "https://example.com/?c={{customer_id}}&x={{nothing}}");

        using var answer = await GetAsync($"/c/{Id(TrackingKind.Click, new(message, link))}");

        await using var db = App.Database();
        var customer = db.Messages.Where(m => m.Id == message).Join(db.Contacts, m => m.ContactId, c => c.Id, (_, c) => c.CustomerId).Single();
        Assert.Equal($"https://example.com/?c={customer}&x=", answer.Headers.GetValues("Location").Single());
    }

    [Fact]
    public async Task A_bad_click_or_unsubscribe_id_gets_one_constant_page_and_no_redirect()
    {
        var (campaign, message) = await GivenAsync();
        var link = await App.GivenLinkAsync(campaign);
        var bodies = new HashSet<string>();

        foreach (var bad in BadIds(TrackingKind.Click, message).Append(Id(TrackingKind.Click, new(message, link + 999_999))))
        {
            using var answer = await GetAsync($"/c/{bad}");
            Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
            Assert.False(answer.Headers.Contains("Location"));
            bodies.Add(await answer.Content.ReadAsStringAsync());
        }

        foreach (var bad in BadIds(TrackingKind.Unsubscribe, message))
        {
            using var asked = await GetAsync($"/u/{bad}");
            using var posted = await App.Anonymous().PostAsync($"/u/{bad}", content: null);
            Assert.Equal((HttpStatusCode.NotFound, HttpStatusCode.NotFound), (asked.StatusCode, posted.StatusCode));
            bodies.Add(await asked.Content.ReadAsStringAsync());
            bodies.Add(await posted.Content.ReadAsStringAsync());
        }

        Assert.Single(bodies);
    }

    [Fact]
    public async Task HEAD_and_OPTIONS_are_answered_and_never_an_event()
    {
        var (campaign, message) = await GivenAsync();
        var link = await App.GivenLinkAsync(campaign);
        using var client = App.Anonymous();

        foreach (var path in (string[])[$"/o/{Id(TrackingKind.Open, new(message))}", $"/c/{Id(TrackingKind.Click, new(message, link))}", $"/u/{Id(TrackingKind.Unsubscribe, new(message))}"])
        {
            using var got = await client.GetAsync(new Uri(path.StartsWith("/u", StringComparison.Ordinal) ? path : "/healthz", UriKind.Relative));
            using var answer = await client.SendAsync(new HttpRequestMessage(HttpMethod.Head, path));
            Assert.True(answer.StatusCode is HttpStatusCode.OK or HttpStatusCode.Found);
            Assert.Empty(await answer.Content.ReadAsByteArrayAsync());
            using var options = await client.SendAsync(new HttpRequestMessage(HttpMethod.Options, path));
            Assert.Equal(HttpStatusCode.MethodNotAllowed, options.StatusCode);
            Assert.Contains("HEAD", options.Content.Headers.Allow);
        }

        await App.StoredAsync();
        await using var db = App.Database();
        Assert.Empty(db.Events.Where(e => e.MessageId == message));
    }

    [Fact]
    public async Task Only_a_POST_unsubscribes_and_pressing_twice_counts_once()
    {
        var (campaign, message) = await GivenAsync();
        var path = $"/u/{Id(TrackingKind.Unsubscribe, new(message))}";
        using var client = App.Anonymous();

        using var asked = await GetAsync(path);
        await App.StoredAsync();
        Assert.Equal((0, 0), await App.CountAsync(campaign, EventType.Unsubscribed));
        Assert.Contains("<form method=\"post\">", await asked.Content.ReadAsStringAsync(), StringComparison.Ordinal);

        using var oneClick = await client.PostAsync(path, new FormUrlEncodedContent([new("List-Unsubscribe", "One-Click")]));
        using var multipart = new MultipartFormDataContent { { new StringContent("One-Click"), "List-Unsubscribe" } };
        using var again = await client.PostAsync(path, multipart);
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (oneClick.StatusCode, again.StatusCode));
        await App.StoredAsync();
        Assert.Equal((1, 1), await App.CountAsync(campaign, EventType.Unsubscribed));
    }

    [Fact]
    public async Task A_prefetch_a_preview_and_a_nameless_client_are_machines()
    {
        var (campaign, message) = await GivenAsync();
        using var client = App.Anonymous();
        client.DefaultRequestHeaders.Add("User-Agent", Some.Firefox);
        using var prefetch = new HttpRequestMessage(HttpMethod.Get, $"/o/{Id(TrackingKind.Open, new(message))}");
        prefetch.Headers.Add("Sec-Purpose", "prefetch;prerender");

        await client.SendAsync(prefetch);
        await client.GetAsync(new Uri($"/o/{Id(TrackingKind.Open, new(message, Preview: true))}", UriKind.Relative));
        await App.Anonymous().GetAsync(new Uri($"/o/{Id(TrackingKind.Open, new(message))}", UriKind.Relative));
        await App.StoredAsync();

        Assert.Equal((1, 0), await App.CountAsync(campaign, EventType.Opened, VerdictGroup.Prefetch));
        Assert.Equal((1, 0), await App.CountAsync(campaign, EventType.Opened, VerdictGroup.Self));
        Assert.Equal((1, 0), await App.CountAsync(campaign, EventType.Opened, VerdictGroup.Scanner));
        Assert.Equal((0, 0), await App.CountAsync(campaign, EventType.Opened, VerdictGroup.Person));
    }

    [Theory]
    [InlineData("Sec-Purpose", "prefetch")]
    [InlineData("Sec-Purpose", "prefetch;prerender")]
    [InlineData("Purpose", "Prefetch")]
    [InlineData("X-Purpose", "preview")]
    [InlineData("X-Moz", "prefetch")]
    public async Task Whoever_says_it_only_prefetches_is_believed(string header, string value)
    {
        var (campaign, message) = await GivenAsync();
        using var client = App.Anonymous();
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/o/{Id(TrackingKind.Open, new(message))}");
        request.Headers.UserAgent.ParseAdd(Some.Firefox);
        request.Headers.Add(header, value);

        await client.SendAsync(request);
        await App.StoredAsync();

        Assert.Equal((1, 0), await App.CountAsync(campaign, EventType.Opened, VerdictGroup.Prefetch));
    }

    [Fact]
    public async Task A_user_agent_that_is_not_UTF8_is_an_open_all_the_same()
    {
        var (campaign, message) = await GivenAsync();
        using var socket = new System.Net.Sockets.TcpClient();
        await socket.ConnectAsync(App.Api.BaseAddress!.Host, App.Api.BaseAddress.Port);
        var stream = socket.GetStream();

        await stream.WriteAsync(System.Text.Encoding.Latin1.GetBytes($"GET /o/{Id(TrackingKind.Open, new(message))} HTTP/1.1\r\nHost: x\r\nUser-Agent: Bo\u00eete/1.0\r\nConnection: close\r\n\r\n"));
        var answer = await new StreamReader(stream, System.Text.Encoding.Latin1).ReadToEndAsync();

        Assert.StartsWith("HTTP/1.1 200", answer, StringComparison.Ordinal);
        await App.StoredAsync();
        Assert.Equal((1, 1), await App.CountAsync(campaign, EventType.Opened, VerdictGroup.Person));
    }

    private async Task<(long Campaign, long Message)> GivenAsync()
    {
        var campaign = await App.GivenCampaignAsync();
        return (campaign, await App.GivenMessageAsync(campaign));
    }

    private string Id(TrackingKind kind, TrackingId id) => App.Services.GetRequiredService<TrackingIds>().Write(kind, id);

    private async Task<HttpResponseMessage> GetAsync(string path)
    {
        using var client = App.Anonymous();
        client.DefaultRequestHeaders.Add("User-Agent", Some.Firefox);
        return await client.GetAsync(new Uri(path, UriKind.Relative));
    }

    private IEnumerable<string> BadIds(TrackingKind kind, long message)
    {
        var good = Id(kind, new(message));
        yield return "x";
        yield return good[..^1];
        yield return good + "0";
        yield return good.ToUpperInvariant();
        yield return (good[0] == '0' ? '1' : '0') + good[1..];
        yield return new string('0', 40);
        yield return Id(kind == TrackingKind.Open ? TrackingKind.Click : TrackingKind.Open, new(message));
        yield return "..%2f..%2fetc%2fpasswd";
        yield return new string('a', 2_000);
    }

    private static string Headers(HttpResponseMessage answer) => string.Join('\n', answer.Headers.Concat(answer.Content.Headers)
        .Where(header => header.Key != "Date").Select(header => $"{header.Key}: {string.Join(',', header.Value)}").Order());

    public sealed class Host : IAsyncDisposable
    {
        public TestApp App { get; } = new();

        public ValueTask DisposeAsync() => App.DisposeAsync();
    }
}
