using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using ScoreTracking.Events;
using ScoreTracking.Geo;
using ScoreTracking.Tests.Geo;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Reports;

/// <summary>The whole way: hits with address and user agent through the front door, places and clients out of the report.</summary>
public sealed class HitsOfEventsTests : IAsyncDisposable
{
    private const string ChromeWindows = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36";
    private const string Iphone = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148";
    private const string GmailProxy = "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)";
    private const string Hostile = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>{{7*7}}";
    private const string Berlin = "198.51.100.7";
    private const string Paris = "203.0.113.7";
    private const string Nowhere = "192.0.2.1";

    private readonly TestApp _app = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Fact]
    public async Task Opens_and_clicks_arrive_in_places_and_clients_each_message_once_per_row()
    {
        GivenPlaces();
        var campaign = await _app.GivenCampaignAsync();
        var link = await _app.GivenLinkAsync(campaign);
        var (ana, ben, eve) = (await _app.GivenMessageAsync(campaign), await _app.GivenMessageAsync(campaign), await _app.GivenMessageAsync(campaign));

        await _app.StoreAsync(
            Hit(ana, EventType.Opened, 1, Berlin, Iphone), Hit(ana, EventType.Opened, 5, Berlin, Iphone), Hit(ana, EventType.Opened, 9, Paris, ChromeWindows),
            Hit(ben, EventType.Opened, 2, Paris, GmailProxy),
            Hit(eve, EventType.Opened, 3, Nowhere, Hostile),
            Hit(eve, EventType.Opened, 20, Berlin, Some.ApplePrivacy), Hit(eve, EventType.Opened, 30, Berlin, Some.Scanner),
            Some.Event(ana, EventType.Clicked, TimeSpan.FromMinutes(10), linkId: link, userAgent: ChromeWindows, ip: Paris, source: EventSource.Tracking));

        Assert.Equal(["DE|Germany|1|2", "FR|France|1|1", "unknown|Unknown|1|1", "proxied|Unknown (proxied)|1|1"], await RowsAsync(campaign, "/geo", "code", "name", "messages", "events"));
        Assert.Equal(["Berlin|Berlin|1", "Paris|Île-de-France|1", "Unknown||1", "Unknown (proxied)||1"], await RowsAsync(campaign, "/geo?by=city", "name", "region", "messages"));
        Assert.Equal(["FR|1"], await RowsAsync(campaign, "/geo?event=click", "code", "messages"));
        Assert.Equal(["Apple Mail (iOS)|1", "Chrome|1", "Gmail|1", "Unknown|1"], await RowsAsync(campaign, "/clients", "name", "messages"));
        Assert.Equal(["mobile|1", "desktop|1", "Unknown|1", "Unknown (proxied)|1"], await RowsAsync(campaign, "/clients?by=device", "name", "messages"));
        Assert.Equal(["iOS|1", "Windows|1", "Unknown|1", "Unknown (proxied)|1"], await RowsAsync(campaign, "/clients?by=os", "name", "messages"));
        Assert.Equal(["Chrome|1"], await RowsAsync(campaign, "/clients?event=click&by=browser", "name", "messages"));
        Assert.Empty(_app.Verify());
    }

    [Fact]
    public async Task A_click_without_open_has_a_place_and_its_inferred_open_has_none()
    {
        GivenPlaces();
        var campaign = await _app.GivenCampaignAsync();
        var link = await _app.GivenLinkAsync(campaign);
        var message = await _app.GivenMessageAsync(campaign);

        await _app.StoreAsync(Some.Event(message, EventType.Clicked, TimeSpan.FromMinutes(10), linkId: link, userAgent: ChromeWindows, ip: Paris, source: EventSource.Tracking));

        Assert.Empty(await RowsAsync(campaign, "/geo?event=open", "code"));
        Assert.Equal(["FR"], await RowsAsync(campaign, "/geo?event=click", "code"));
        Assert.Empty(_app.Verify());
    }

    private static EmailEvent Hit(long message, EventType type, int minutes, string ip, string agent) =>
        Some.Event(message, type, TimeSpan.FromMinutes(minutes), userAgent: agent, ip: ip, source: EventSource.Tracking);

    private async Task<string[]> RowsAsync(long campaign, string path, params string[] members)
    {
        var answer = await _app.Api.GetFromJsonAsync<JsonNode>($"/api/v1/campaigns/cmp_{campaign}/report{path}", Token);
        return [.. answer!["data"]!.AsArray().Select(row => string.Join('|', members.Select(member => $"{row![member]}")))];
    }

    private void GivenPlaces()
    {
        var directory = Directory.CreateDirectory(Path.Combine(_app.DataDirectory, "geo")).FullName;
        File.WriteAllBytes(Path.Combine(directory, "places.mmdb"), GeoFiles.City(("198.51.100.0/24", "DE", "Berlin", "Berlin"), ("203.0.113.0/24", "FR", "Île-de-France", "Paris")));
        _app.Services.GetRequiredService<GeoDatabase>().Check();
    }
}
