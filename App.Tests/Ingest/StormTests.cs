using System.Globalization;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using ScoreTracking.Counters;
using ScoreTracking.Events;
using ScoreTracking.Geo;
using ScoreTracking.Tests.Geo;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Ingest;

/// <summary>Whatever the order, the repetition and the restarts: the same numbers, and every one of them what the log says.</summary>
public sealed class StormTests
{
    private const int Messages = 40;
    private const int EventsPerStorm = 1_200;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Every_counter_equals_a_recount_after_a_storm_in_any_order(int seed)
    {
        var reports = new List<string>();
        for (var order = 0; order < 3; order++)
        {
            await using var app = new TestApp();
            GivenPlaces(app);
            var campaign = await app.GivenCampaignAsync(variants: 3);
            var messages = new List<long>();
            for (var i = 0; i < Messages; i++)
            {
                messages.Add(await app.GivenMessageAsync(campaign, variant: i % 3, domain: i % 4 == 0 ? "gmail.com" : "example.com"));
            }

            var links = new[] { await app.GivenLinkAsync(campaign, "https://example.com/a", 1), await app.GivenLinkAsync(campaign, "https://example.com/b", 2) };
            var storm = Storm(new Random(seed), messages, links);
            var shuffled = new Random(order + 100);

            // Once in order, then shuffled with some reported up to three times, in batches of any size.
            var reported = order == 0 ? storm : storm.SelectMany(e => Enumerable.Repeat(e, shuffled.Next(1, 4))).OrderBy(_ => shuffled.Next()).ToList();
            for (var from = 0; from < reported.Count;)
            {
                var size = shuffled.Next(1, 200);
                await app.StoreAsync([.. reported.Skip(from).Take(size)]);
                from += size;
            }

            Assert.Empty(app.Verify());
            reports.Add(await ReportAsync(app));
        }

        Assert.Equal(reports[0], reports[1]);
        Assert.Equal(reports[0], reports[2]);
    }

    // Two places within one network, so that hits which are else alike differ by it.
    private static void GivenPlaces(TestApp app)
    {
        var directory = Directory.CreateDirectory(Path.Combine(app.DataDirectory, "geo")).FullName;
        File.WriteAllBytes(Path.Combine(directory, "places.mmdb"), GeoFiles.City(
            ("203.0.113.0/26", "DE", "Berlin", "Berlin"), ("203.0.113.64/26", "DE", "Bavaria", "Munich"), ("2001:db8:1::/48", "FR", "", "")));
        app.Services.GetRequiredService<GeoDatabase>().Check();
    }

    private static List<EmailEvent> Storm(Random random, List<long> messages, long[] links)
    {
        const string iphone = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148";
        string[] agents = [Some.Firefox, Some.Firefox, iphone, Some.ApplePrivacy, Some.Scanner, "GoogleImageProxy", ""];
        string[] addresses = ["203.0.113.7", "203.0.113.99", "198.51.100.4", "2001:db8:1::1"];
        return [.. Enumerable.Range(0, EventsPerStorm).Select(i =>
        {
            var type = (EventType)random.Next(1, 12);
            type = random.Next(3) == 0 ? type : random.Next(2) == 0 ? EventType.Opened : EventType.Clicked;

            // Coarse times, so that many fall within the windows of repeats, and some on the same moment.
            return Some.Event(
                messages[random.Next(messages.Count)], type, TimeSpan.FromMilliseconds(random.Next(0, 400) * 500), key: $"storm:{i}",
                linkId: type == EventType.Clicked ? links[random.Next(links.Length)] : 0,
                userAgent: agents[random.Next(agents.Length)], ip: addresses[random.Next(addresses.Length)],
                bounce: type == EventType.Bounced ? (BounceKind)random.Next(1, 4) : BounceKind.None) with
            {
                RefererHost = type == EventType.Opened && random.Next(3) == 0 ? "outlook.live.com" : null,
            };
        })];
    }

    private static async Task<string> ReportAsync(TestApp app)
    {
        await using var db = app.Database();
        var counters = await db.Counters.Where(c => c.Total != 0 || c.Unique != 0).ToListAsync();

        // Cities by name: their numbers depend on which was seen first.
        var cities = await db.Places.ToDictionaryAsync(place => place.Id.ToString(CultureInfo.InvariantCulture), place => $"{place.Country} {place.City}");
        foreach (var counter in counters.Where(c => c.Dimension == Dimension.City.Name))
        {
            counter.Key = cities.GetValueOrDefault(counter.Key, counter.Key);
        }

        counters = [.. counters.OrderBy(c => c.Dimension, StringComparer.Ordinal).ThenBy(c => c.Key, StringComparer.Ordinal).ThenBy(c => c.Type).ThenBy(c => c.Verdict)];
        Assert.Equal(Dimension.All.Select(dimension => dimension.Name).Order(), counters.Select(c => c.Dimension).Distinct().Order());
        var states = await db.MessageStates.OrderBy(s => s.MessageId).ToListAsync();
        var clicks = await db.LinkClicks.OrderBy(c => c.LinkId).ThenBy(c => c.MessageId).ToListAsync();
        return JsonSerializer.Serialize(new { counters, states, clicks });
    }
}
