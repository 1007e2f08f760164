using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using ScoreTracking.Counters;
using ScoreTracking.Data;
using ScoreTracking.EventLog;
using ScoreTracking.Events;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Ingest;

/// <summary>Gateways that sweep, people in between, bounces, deliveries, verdicts by hand: whatever the order, the repetition, the batches and the restarts, the same rows, and every verdict what the rules say when read naively.</summary>
public sealed class VerdictStormTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Every_order_ends_in_the_same_rows_and_in_the_verdicts_the_rules_give(int seed)
    {
        var first = "";
        for (var order = 0; order < 3; order++)
        {
            var random = new Random((seed * 100) + order);
            var app = new TestApp();
            try
            {
                var storm = await VerdictStorm.GivenAsync(app, seed);
                var reported = order == 0 ? storm.Events : storm.Events.SelectMany(e => Enumerable.Repeat(e, random.Next(1, 3))).OrderBy(_ => random.Next()).ToList();
                var restartAt = order == 0 ? -1 : random.Next(reported.Count);
                var given = new HashSet<string>();
                for (var from = 0; from < reported.Count;)
                {
                    var size = random.Next(1, order == 1 ? 12 : 300);
                    await app.StoreAsync([.. reported.Skip(from).Take(size)]);
                    if (from <= restartAt && restartAt < from + size)
                    {
                        await app.StopKeepingDataAsync();
                        app = new TestApp(dataDirectory: app.DataDirectory);
                    }

                    from += size;
                    await GiveByHandAsync(app, storm, given, random);
                }

                Assert.Equal(storm.ByHand.Count, given.Count);
                Assert.Empty(app.Verify());
                var rows = await RowsAsync(app);
                first = order == 0 ? rows : first;
                Assert.Equal(first, rows);
                await AssertRulesAsync(app, storm);
            }
            finally
            {
                await app.DisposeAsync();
            }
        }
    }

    // As soon as an event is stored somebody may judge it; at times wrongly at first.
    private static async Task GiveByHandAsync(TestApp app, VerdictStorm storm, HashSet<string> given, Random random)
    {
        var reclassification = app.Services.GetRequiredService<Reclassification>();
        await using var db = app.Database();
        foreach (var (id, key) in await KeysAsync(db))
        {
            if (storm.ByHand.TryGetValue(key, out var verdict) && given.Add(key))
            {
                if (verdict == Verdict.None || random.Next(3) == 0)
                {
                    await reclassification.GiveAsync(id, Verdict.Human, CancellationToken.None);
                }

                Assert.Equal(ReclassificationOutcome.Done, await reclassification.GiveAsync(id, verdict, CancellationToken.None));
            }
        }
    }

    private static async Task AssertRulesAsync(TestApp app, VerdictStorm storm)
    {
        var expected = NaiveVerdicts.Of(storm);
        VerdictReasons[] met = [VerdictReasons.Burst, VerdictReasons.Fleet, VerdictReasons.Honeypot, VerdictReasons.TooFast, VerdictReasons.BeforeBounce, VerdictReasons.BareWebKitAtDelivery, VerdictReasons.ByHand];
        Assert.All(met, reason => Assert.Contains(expected.Values, judged => judged.Reasons.HasFlag(reason)));
        await using var db = app.Database();
        var stored = await db.Events.ToDictionaryAsync(e => e.Id);
        foreach (var (id, key) in await KeysAsync(db))
        {
            if (stored[id].Type.IsHit())
            {
                Assert.Equal((key, expected[key].Verdict, expected[key].Reasons), (key, stored[id].Verdict, stored[id].Reasons & ~VerdictReasons.BareWebKit));
            }
        }
    }

    private static async Task<List<(long Id, string Key)>> KeysAsync(ScoreDb db) =>
        [.. (await db.Events.OrderBy(e => e.Id).Select(e => new { e.Id, e.Detail }).ToListAsync())
            .Select(e => (e.Id, JsonDocument.Parse(e.Detail!).RootElement.GetProperty("source_key").GetString()!))];

    // Equal events may stand in for each other, so rows are compared without their ids.
    private static async Task<string> RowsAsync(TestApp app)
    {
        await using var db = app.Database();
        var counters = await db.Counters.Where(c => c.Total != 0 || c.Unique != 0)
            .OrderBy(c => c.CampaignId).ThenBy(c => c.Dimension).ThenBy(c => c.Key).ThenBy(c => c.Type).ThenBy(c => c.Verdict).ToListAsync();
        var events = (await db.Events.ToListAsync())
            .Select(e => $"{e.MessageId} {e.OccurredAt} {e.Type} {e.LinkId} {e.Fingerprint} {e.Bounce} {e.Origin} {e.Verdict} {e.Reasons} {e.Repeat}").Order(StringComparer.Ordinal).ToList();
        return JsonSerializer.Serialize(new
        {
            counters,
            events,
            states = await db.MessageStates.OrderBy(s => s.MessageId).ToListAsync(),
            clicks = await db.LinkClicks.OrderBy(c => c.LinkId).ThenBy(c => c.MessageId).ToListAsync(),
            bursts = await db.Bursts.OrderBy(b => b.CampaignId).ThenBy(b => b.Fingerprint).ThenBy(b => b.At).ThenBy(b => b.MessageId).ToListAsync(),
        });
    }
}
