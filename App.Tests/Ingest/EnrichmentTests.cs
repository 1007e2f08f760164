using System.Net;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using ScoreTracking.Counters;
using ScoreTracking.Data;
using ScoreTracking.Events;
using ScoreTracking.Geo;
using ScoreTracking.Tests.Geo;
using ScoreTracking.Tests.Support;
using ScoreTracking.Tokens;

namespace ScoreTracking.Tests.Ingest;

/// <summary>Where hits come from and what they are made with, from the request to the counters.</summary>
public sealed class EnrichmentTests : IAsyncDisposable
{
    private const string ChromeWindows = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36";
    private const string Iphone = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148";
    private const string GmailProxy = "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)";
    private const string Berlin = "198.51.100.7";
    private const string Munich = "198.51.100.200";
    private const string Paris = "203.0.113.7";

    private readonly TestApp _app = new();

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Fact]
    public async Task A_message_counts_once_in_each_country_city_client_device_browser_and_system()
    {
        GivenPlaces();
        var campaign = await _app.GivenCampaignAsync();
        var message = await _app.GivenMessageAsync(campaign);
        var other = await _app.GivenMessageAsync(campaign);

        await _app.StoreAsync(Open(message, 0, Berlin, Iphone), Open(other, 0, Berlin, Iphone));
        await _app.StoreAsync(Open(message, 60, Berlin, Iphone));
        await _app.StoreAsync(Open(message, 120, Munich, Iphone));
        await _app.StoreAsync(Open(message, 180, Paris, ChromeWindows), Open(message, 240, Berlin, ChromeWindows));

        Assert.Equal([("DE", 5, 2), ("FR", 1, 1)], await CountsAsync(campaign, Dimension.Country));
        Assert.Equal([("Berlin", 4, 2), ("Munich", 1, 1), ("Paris", 1, 1)], await CountsAsync(campaign, Dimension.City));
        Assert.Equal([("Apple Mail (iOS)", 4, 2), ("Chrome", 2, 1)], await CountsAsync(campaign, Dimension.Client));
        Assert.Equal([("desktop", 2, 1), ("mobile", 4, 2)], await CountsAsync(campaign, Dimension.Device));
        Assert.Equal([("", 4, 2), ("Chrome", 2, 1)], await CountsAsync(campaign, Dimension.Browser));
        Assert.Equal([("Windows", 2, 1), ("iOS", 4, 2)], await CountsAsync(campaign, Dimension.Os));
        Assert.Empty(_app.Verify());
    }

    [Fact]
    public async Task Order_of_arrival_does_not_matter_for_it()
    {
        GivenPlaces();
        var reports = new List<string>();
        foreach (var order in (int[][])[[0, 1, 2, 3, 4, 5], [5, 4, 3, 2, 1, 0], [2, 5, 0, 3, 1, 4]])
        {
            var campaign = await _app.GivenCampaignAsync();
            var message = await _app.GivenMessageAsync(campaign);
            EmailEvent[] events =
            [
                Open(message, 0, Berlin, Iphone), Open(message, 10, Munich, Iphone), Open(message, 60, Paris, GmailProxy),
                Click(message, 70, Paris, ChromeWindows), Click(message, 71, Berlin, ChromeWindows), Open(message, 200, Berlin, Iphone),
            ];

            foreach (var i in order)
            {
                await _app.StoreAsync(events[i]);
            }

            var counts = new List<(string, long, long)>();
            foreach (var dimension in (Dimension[])[Dimension.Country, Dimension.City, Dimension.Client, Dimension.Device, Dimension.Browser, Dimension.Os])
            {
                counts.AddRange(await CountsAsync(campaign, dimension));
                counts.AddRange(await CountsAsync(campaign, dimension, EventType.Clicked));
            }

            reports.Add(string.Join('\n', counts));
        }

        Assert.Equal(reports[0], reports[1]);
        Assert.Equal(reports[0], reports[2]);
        Assert.Empty(_app.Verify());
    }

    [Fact]
    public async Task A_proxy_is_its_mail_client_and_nowhere()
    {
        GivenPlaces();
        var campaign = await _app.GivenCampaignAsync();

        await _app.StoreAsync(Open(await _app.GivenMessageAsync(campaign), 0, Paris, GmailProxy));

        Assert.Equal([("proxied", 1, 1)], await CountsAsync(campaign, Dimension.Country));
        Assert.Equal([("proxied", 1, 1)], await CountsAsync(campaign, Dimension.City));
        Assert.Equal([("Gmail", 1, 1)], await CountsAsync(campaign, Dimension.Client));
        Assert.Equal([("proxied", 1, 1)], await CountsAsync(campaign, Dimension.Device));
        Assert.Equal([("proxied", 1, 1)], await CountsAsync(campaign, Dimension.Browser));
        Assert.Equal([("proxied", 1, 1)], await CountsAsync(campaign, Dimension.Os));
        Assert.Empty(_app.Verify());
    }

    [Fact]
    public async Task Machines_and_inferred_opens_count_nowhere()
    {
        GivenPlaces();
        var campaign = await _app.GivenCampaignAsync();
        var message = await _app.GivenMessageAsync(campaign);

        await _app.StoreAsync(Open(message, 0, Berlin, Some.ApplePrivacy), Open(message, 60, Berlin, Some.Scanner), Click(message, 120, Berlin, ChromeWindows));

        Assert.Empty(await CountsAsync(campaign, Dimension.Country));
        Assert.Empty(await CountsAsync(campaign, Dimension.Client));
        Assert.Equal([("DE", 1, 1)], await CountsAsync(campaign, Dimension.Country, EventType.Clicked));
        Assert.Equal((0, 1), await _app.CountAsync(campaign, EventType.Opened, VerdictGroup.Person));
        Assert.Empty(_app.Verify());
    }

    // The privacy proxy's address is the proxy's, so nothing is looked up for it.
    [Fact]
    public async Task A_privacy_proxy_is_never_located()
    {
        GivenPlaces();
        var campaign = await _app.GivenCampaignAsync();

        await _app.StoreAsync(Open(await _app.GivenMessageAsync(campaign), 0, Berlin, Some.ApplePrivacy));

        await using var db = _app.Database();
        Assert.Empty(db.Places);
        Assert.Equal("Apple Mail (privacy)", (await db.Clients.SingleAsync()).Client);
    }

    [Fact]
    public async Task Mailbox_providers_are_counted_for_every_event_and_bounces_by_kind()
    {
        var campaign = await _app.GivenCampaignAsync();
        var gmail = await _app.GivenMessageAsync(campaign, domain: "gmail.com");
        var other = await _app.GivenMessageAsync(campaign);

        await _app.StoreAsync(
            Some.Event(gmail, EventType.Sent), Some.Event(other, EventType.Sent), Some.Event(gmail, EventType.Delivered, TimeSpan.FromSeconds(1)),
            Some.Event(other, EventType.Bounced, TimeSpan.FromSeconds(1), bounce: BounceKind.Hard), Open(gmail, 60, Berlin, GmailProxy));

        Assert.Equal([("0", 1, 1), ("1", 1, 1)], await CountsAsync(campaign, Dimension.Provider, EventType.Sent));
        Assert.Equal([("1", 1, 1)], await CountsAsync(campaign, Dimension.Provider, EventType.Delivered));
        Assert.Equal([("0", 1, 1)], await CountsAsync(campaign, Dimension.Provider, EventType.Bounced));
        Assert.Equal([("1", 1, 1)], await CountsAsync(campaign, Dimension.Provider, EventType.Opened));
        Assert.Equal([("1", 1, 1)], await CountsAsync(campaign, Dimension.ProviderBounce, EventType.Bounced));
        Assert.Equal((0, BounceKind.Hard), Dimension.ReadProviderBounce(1));
        Assert.Empty(_app.Verify());
    }

    [Fact]
    public async Task The_page_an_image_is_on_tells_the_webmail()
    {
        var campaign = await _app.GivenCampaignAsync();
        var message = await _app.GivenMessageAsync(campaign);

        await RequestAsync(message, ("User-Agent", ChromeWindows), ("Referer", "https://outlook.live.com/mail/0/"));

        Assert.Equal([("Outlook.com", 1, 1)], await CountsAsync(campaign, Dimension.Client));
        Assert.Equal([("Chrome", 1, 1)], await CountsAsync(campaign, Dimension.Browser));
    }

    [Fact]
    public async Task Behind_a_trusted_proxy_the_visitors_address_is_located()
    {
        GivenPlaces();
        var campaign = await _app.GivenCampaignAsync();
        var message = await _app.GivenMessageAsync(campaign);

        await RequestAsync(message, ("User-Agent", ChromeWindows), ("X-Forwarded-For", $"{Berlin}, {Paris}"));

        // Only the last hop is the proxy's word; what stands before it anyone can write.
        Assert.Equal([("FR", 1, 1)], await CountsAsync(campaign, Dimension.Country));
    }

    [Fact]
    public async Task Several_trusted_proxies_in_a_row_are_followed()
    {
        await using var app = new TestApp(new() { ["TrustedProxies:0"] = "203.0.113.0/24" });
        File.WriteAllBytes(PlaceFile(app), GeoFiles.City(("198.51.100.0/24", "DE", "", "")));
        app.Services.GetRequiredService<GeoDatabase>().Check();
        var campaign = await app.GivenCampaignAsync();
        var message = await app.GivenMessageAsync(campaign);

        await RequestAsync(app, message, ("User-Agent", ChromeWindows), ("X-Forwarded-For", $"192.0.2.1, {Berlin}, {Paris}"));

        Assert.Equal([("DE", 1, 1)], await CountsAsync(app, campaign, Dimension.Country));
    }

    [Theory]
    [InlineData("CF-IPCountry", "DE", "DE")]
    [InlineData("CloudFront-Viewer-Country", "FR", "FR")]
    [InlineData("CF-IPCountry", "XX", "")]
    [InlineData("CF-IPCountry", "T1", "")]
    [InlineData("CF-IPCountry", "<b", "")]
    [InlineData("CF-IPCountry", "Germany", "")]
    public async Task Without_a_database_the_country_is_the_edges(string header, string value, string expected)
    {
        var campaign = await _app.GivenCampaignAsync();

        await RequestAsync(await _app.GivenMessageAsync(campaign), ("User-Agent", ChromeWindows), (header, value));

        Assert.Equal([(expected, 1, 1)], await CountsAsync(campaign, Dimension.Country));
    }

    [Fact]
    public async Task A_proxy_is_not_located_by_the_edge_either()
    {
        var campaign = await _app.GivenCampaignAsync();

        await RequestAsync(await _app.GivenMessageAsync(campaign), ("User-Agent", GmailProxy), ("CF-IPCountry", "US"));

        Assert.Equal([("proxied", 1, 1)], await CountsAsync(campaign, Dimension.Country));
    }

    [Fact]
    public async Task No_address_is_kept()
    {
        GivenPlaces();
        var campaign = await _app.GivenCampaignAsync();

        await _app.StoreAsync(Open(await _app.GivenMessageAsync(campaign), 0, Berlin, Iphone));

        await using var db = _app.Database();
        var stored = await db.Events.SingleAsync();
        Assert.DoesNotContain(Berlin, System.Text.Json.JsonSerializer.Serialize(stored), StringComparison.Ordinal);
    }

    private static EmailEvent Open(long message, int seconds, string ip, string agent) =>
        Some.Event(message, EventType.Opened, TimeSpan.FromSeconds(seconds), userAgent: agent, ip: ip);

    private static EmailEvent Click(long message, int seconds, string ip, string agent) =>
        Some.Event(message, EventType.Clicked, TimeSpan.FromSeconds(seconds), userAgent: agent, ip: ip);

    private void GivenPlaces()
    {
        File.WriteAllBytes(PlaceFile(_app), GeoFiles.City(
            ("198.51.100.0/25", "DE", "Berlin", "Berlin"), ("198.51.100.128/25", "DE", "Bavaria", "Munich"), ("203.0.113.0/24", "FR", "Île-de-France", "Paris")));
        _app.Services.GetRequiredService<GeoDatabase>().Check();
    }

    private static string PlaceFile(TestApp app) => Path.Combine(Directory.CreateDirectory(Path.Combine(app.DataDirectory, "geo")).FullName, "places.mmdb");

    private Task RequestAsync(long message, params (string Name, string Value)[] headers) => RequestAsync(_app, message, headers);

    private static async Task RequestAsync(TestApp app, long message, params (string Name, string Value)[] headers)
    {
        using var client = app.Anonymous();
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/o/{app.Services.GetRequiredService<TrackingIds>().Write(TrackingKind.Open, new(message))}");
        foreach (var (name, value) in headers)
        {
            Assert.True(request.Headers.TryAddWithoutValidation(name, value));
        }

        using var answer = await client.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        await app.StoredAsync();
    }

    private Task<List<(string Key, long Total, long Unique)>> CountsAsync(long campaign, Dimension dimension, EventType type = EventType.Opened) =>
        CountsAsync(_app, campaign, dimension, type);

    // Cities by name: their numbers depend on which was seen first.
    private static async Task<List<(string Key, long Total, long Unique)>> CountsAsync(TestApp app, long campaign, Dimension dimension, EventType type = EventType.Opened)
    {
        await using var db = app.Database();
        var cities = await db.Places.ToDictionaryAsync(place => place.Id.ToString(System.Globalization.CultureInfo.InvariantCulture), place => place.City);
        var counters = await db.Counters.Where(c => c.CampaignId == campaign && c.Dimension == dimension.Name && c.Type == type).ToListAsync();
        return [.. counters.Where(c => c.Total != 0 || c.Unique != 0)
            .Select(c => (dimension == Dimension.City ? cities.GetValueOrDefault(c.Key, c.Key) : c.Key, c.Total, c.Unique))
            .OrderBy(c => c.Item1, StringComparer.Ordinal)];
    }
}
