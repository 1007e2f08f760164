using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using ScoreTracking.Events;
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
            var campaign = await app.GivenCampaignAsync(variants: 3);
            var messages = new List<long>();
            for (var i = 0; i < Messages; i++)
            {
                messages.Add(await app.GivenMessageAsync(campaign, variant: i % 3));
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

    private static List<EmailEvent> Storm(Random random, List<long> messages, long[] links)
    {
        string[] agents = [Some.Firefox, Some.Firefox, Some.ApplePrivacy, Some.Scanner, "GoogleImageProxy", ""];
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
                bounce: type == EventType.Bounced ? (BounceKind)random.Next(1, 4) : BounceKind.None);
        })];
    }

    private static async Task<string> ReportAsync(TestApp app)
    {
        await using var db = app.Database();
        var counters = await db.Counters.Where(c => c.Total != 0 || c.Unique != 0)
            .OrderBy(c => c.Dimension).ThenBy(c => c.Key).ThenBy(c => c.Type).ThenBy(c => c.Verdict).ToListAsync();
        var states = await db.MessageStates.OrderBy(s => s.MessageId).ToListAsync();
        var clicks = await db.LinkClicks.OrderBy(c => c.LinkId).ThenBy(c => c.MessageId).ToListAsync();
        return JsonSerializer.Serialize(new { counters, states, clicks });
    }
}
