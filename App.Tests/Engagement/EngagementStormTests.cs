using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using ScoreTracking.Engagement;
using ScoreTracking.Events;
using ScoreTracking.EventLog;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Engagement;

/// <summary>A few people with much mail from several campaigns: whatever the order, the repetition, the batches and the verdicts given by hand in between, the same ranks to the last bit.</summary>
public sealed class EngagementStormTests
{
    private const int Contacts = 8;
    private const int MessagesPerContact = 5;
    private const int EventsPerStorm = 900;

    [Theory, InlineData(1), InlineData(2), InlineData(3)]
    public async Task Every_order_ends_in_the_same_ranks_and_in_the_scores_the_rules_give(int seed)
    {
        List<(long, double?, long)>? first = null;
        for (var order = 0; order < 3; order++)
        {
            await using var app = new TestApp();
            var storm = await StormAsync(app, new Random(seed));
            var random = new Random((seed * 10) + order);
            var reported = order == 0 ? storm : storm.SelectMany(e => Enumerable.Repeat(e, random.Next(1, 3))).OrderBy(_ => random.Next()).ToList();
            for (var from = 0; from < reported.Count;)
            {
                var size = random.Next(1, order == 1 ? 8 : 250);
                await app.StoreAsync([.. reported.Skip(from).Take(size)]);
                from += size;
            }

            await JudgeAsync(app, random);
            Assert.Empty(app.Verify());
            await using var db = app.Database();
            var states = await db.ContactStates.OrderBy(state => state.ContactId).ToListAsync();
            Assert.Equal(Contacts, states.Count(state => state.Rank is not null));
            var ranks = states.Select(state => (state.ContactId, state.Rank, state.RankAt)).ToList();
            Assert.Equal(first ??= ranks, ranks);

            var now = Some.Noon + TimeSpan.FromDays(90);
            var naive = await app.NaiveScoresAsync(now);
            Assert.All(states, state => Assert.Equal(naive[state.ContactId], EngagementScore.ScoreAt(state.Rank, now, 30), 1e-8));
        }
    }

    private static async Task<List<EmailEvent>> StormAsync(TestApp app, Random random)
    {
        var messages = new List<(long Message, long[] Links)>();
        var contacts = new List<long>();
        for (var i = 0; i < Contacts; i++)
        {
            contacts.Add(await app.GivenContactAsync());
        }

        for (var i = 0; i < MessagesPerContact; i++)
        {
            var campaign = await app.GivenCampaignAsync();
            var links = new[] { await app.GivenLinkAsync(campaign, "https://example.com/a", 1), await app.GivenLinkAsync(campaign, "https://example.com/b", 2), 0 };
            foreach (var contact in contacts)
            {
                messages.Add((await app.GivenMessageAsync(campaign, contactId: contact), links));
            }
        }

        string[] agents = [Some.Firefox, Some.Firefox, Some.Firefox, Some.ApplePrivacy, Some.Scanner, "GoogleImageProxy"];
        return [.. Enumerable.Range(0, EventsPerStorm).Select(i =>
        {
            var (message, links) = messages[random.Next(messages.Count)];
            var type = random.Next(10) switch { 0 => EventType.Replied, 1 => EventType.Bounced, 2 => EventType.Delivered, < 6 => EventType.Clicked, _ => EventType.Opened };

            // Days apart, yet some on the same moment and some within the windows of repeats and bursts.
            var after = TimeSpan.FromHours(random.Next(0, 60) * 36) + TimeSpan.FromMilliseconds(random.Next(0, 20) * 700);
            return Some.Event(
                message, type, after, key: $"storm:{i}", linkId: type == EventType.Clicked ? links[random.Next(links.Length)] : 0,
                userAgent: agents[random.Next(agents.Length)], bounce: type == EventType.Bounced ? (BounceKind)random.Next(1, 4) : BounceKind.None);
        })];
    }

    // The same events in every order, some judged twice on the way.
    private static async Task JudgeAsync(TestApp app, Random random)
    {
        await using var db = app.Database();
        var hits = await db.Events.Where(e => e.Type == EventType.Opened || e.Type == EventType.Clicked).ToListAsync();
        var reclassification = app.Services.GetRequiredService<Reclassification>();
        foreach (var hit in hits.Where(hit => hit.Detail!.EndsWith("7\"}", StringComparison.Ordinal)).OrderBy(_ => random.Next()))
        {
            if (random.Next(3) == 0)
            {
                await reclassification.GiveAsync(hit.Id, Verdict.Self, CancellationToken.None);
            }

            await reclassification.GiveAsync(hit.Id, hit.OccurredAt % 2_000 < 1_000 ? Verdict.Human : Verdict.Scanner, CancellationToken.None);
        }
    }
}
