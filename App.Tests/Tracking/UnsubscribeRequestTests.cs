using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using ScoreTracking.Data;
using ScoreTracking.Events;
using ScoreTracking.Tests.Support;
using ScoreTracking.Tokens;

namespace ScoreTracking.Tests.Tracking;

/// <summary>Who presses the button and who only looks: whatever a POST carries counts once, and nothing else counts.</summary>
public sealed class UnsubscribeRequestTests : IAsyncDisposable
{
    private readonly TestApp _app = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    // P25 of the promises, in small.
    [Fact]
    public async Task Scanners_that_fetch_everything_unsubscribe_nobody()
    {
        var campaign = await _app.GivenCampaignAsync();
        var paths = new List<string>();
        for (var i = 0; i < 20; i++)
        {
            paths.Add(Path(await _app.GivenMessageAsync(campaign)));
        }

        using var client = _app.Anonymous();
        foreach (var agent in (string[])[Some.Firefox, Some.Scanner, "Barracuda Sentinel", "Mozilla/5.0 (compatible; Googlebot/2.1)"])
        {
            await Parallel.ForEachAsync(paths.SelectMany(path => Enumerable.Repeat(path, 12)), Token, async (path, token) =>
            {
                foreach (var method in (HttpMethod[])[HttpMethod.Get, HttpMethod.Head])
                {
                    using var request = new HttpRequestMessage(method, $"{path}?action=tracking&tracking=denied&List-Unsubscribe=One-Click");
                    request.Headers.UserAgent.ParseAdd(agent);
                    using var answer = await client.SendAsync(request, token);
                    Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
                }
            });
        }

        await _app.StoredAsync();
        await using var db = _app.Database();
        Assert.Empty(db.Suppressions);
        Assert.Empty(db.Events);
        Assert.Empty(db.Contacts.Where(contact => contact.TrackingConsent != TrackingConsent.Unknown));
    }

    [Fact]
    public async Task Every_POST_unsubscribes_whoever_sends_it_and_counts_once()
    {
        var campaign = await _app.GivenCampaignAsync();
        Func<HttpContent?>[] bodies =
        [
            () => null,
            () => new FormUrlEncodedContent([new("List-Unsubscribe", "One-Click")]),
            () => new MultipartFormDataContent("b0undary") { { new StringContent("One-Click"), "List-Unsubscribe" } },
            () => new StringContent("List-Unsubscribe=One-Click", Encoding.UTF8, "text/plain"),
            () => new StringContent("{}", Encoding.UTF8, "application/json"),
            () => Typed("not a form at all", "multipart/form-data"),
            () => Typed("--x\r\nbroken", "multipart/form-data; boundary=x"),
            () => new FormUrlEncodedContent([new("action", "tracking"), new("tracking", "sideways")]),
            () => new FormUrlEncodedContent([new("action", "delete everything")]),
            () => Typed(string.Concat(Enumerable.Range(0, 200).Select(i => $"a{i}=1&")), "application/x-www-form-urlencoded"),
        ];
        var messages = new List<long>();
        using var client = _app.Anonymous();

        foreach (var body in bodies)
        {
            foreach (var agent in (string?[])[Some.Firefox, Some.Scanner, "Yahoo-Unsubscribe/1.0 bot", null])
            {
                var message = await _app.GivenMessageAsync(campaign);
                messages.Add(message);
                for (var time = 0; time < 2; time++)
                {
                    using var request = new HttpRequestMessage(HttpMethod.Post, Path(message)) { Content = body() };
                    request.Headers.Add("Origin", "https://elsewhere.example");
                    request.Headers.Add("Sec-Fetch-Site", "cross-site");
                    if (agent is not null)
                    {
                        request.Headers.UserAgent.ParseAdd(agent);
                    }

                    using var answer = await client.SendAsync(request, Token);
                    Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
                }
            }
        }

        await _app.StoredAsync();
        await using var db = _app.Database();
        Assert.Equal(messages.Count, await db.Suppressions.CountAsync(Token));
        Assert.Equal((messages.Count, messages.Count), await _app.CountAsync(campaign, EventType.Unsubscribed));
        Assert.Empty(_app.Verify());
    }

    [Fact]
    public async Task A_body_without_end_is_refused_and_unsubscribes_nobody()
    {
        var campaign = await _app.GivenCampaignAsync();
        var path = Path(await _app.GivenMessageAsync(campaign));
        using var client = _app.Anonymous();

        using var announced = await client.PostAsync(new Uri(path, UriKind.Relative), Typed(new string('a', 40_000), "application/x-www-form-urlencoded"), Token);
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = Typed(new string('a', 40_000), "application/x-www-form-urlencoded") };
        request.Headers.TransferEncodingChunked = true;
        using var chunked = await client.SendAsync(request, Token);
        await _app.StoredAsync();

        Assert.Equal((HttpStatusCode.RequestEntityTooLarge, HttpStatusCode.RequestEntityTooLarge), (announced.StatusCode, chunked.StatusCode));
        Assert.Equal((0, 0), await _app.CountAsync(campaign, EventType.Unsubscribed));
    }

    private static StringContent Typed(string text, string type)
    {
        var content = new StringContent(text);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        return content;
    }

    private string Path(long message) => $"/u/{_app.Services.GetRequiredService<TrackingIds>().Write(TrackingKind.Unsubscribe, new TrackingId(message))}";
}
