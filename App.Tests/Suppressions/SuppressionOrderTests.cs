using Microsoft.EntityFrameworkCore;
using ScoreTracking.Data;
using ScoreTracking.Events;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Suppressions;

/// <summary>Whatever order events arrive in, and however often, the suppression list ends the same.</summary>
public sealed class SuppressionOrderTests : IAsyncDisposable
{
    private const int Campaigns = 7;

    // One message a word, a day apart, its events an hour apart: s sent, d delivered, S soft, B block, H hard bounce, f deferred,
    // p deferred by policy, R our own bounce after days of deferrals, o opened by a person, m by a machine, C complained, U unsubscribed.
    private static readonly (string Story, string? Reason, int EventOfReason)[] s_stories =
    [
        ("sS sS sS sS sS", "soft_bounce", 9),
        ("sS sS sS sS sS sS sd", "soft_bounce", 9),
        ("sS sS sS sd sS sS sS", null, 0),
        ("sS sS sS sSd sS sS sS", null, 0),
        ("sS sS sSo sS sS sS", null, 0),
        ("sS sS sSm sS sS sS", "soft_bounce", 10),
        ("sS sS sB sB sS sS sS", "soft_bounce", 13),
        ("sB sB sB sB sB sB sB", null, 0),
        ("sfR sfR sfR sfR sfR", "soft_bounce", 14),
        ("sfR sfR sfR sfR spR", null, 0),
        ("sfpR sfpfR sfR sS sS sS", "soft_bounce", 17),
        ("sS sS s sS sS sS sS", null, 0),
        ("sd sS s sS sS sS sS", "soft_bounce", 12),
        ("sd sH sd", "hard_bounce", 3),
        ("sH sH", "hard_bounce", 1),
        ("sH sd sdC", "complaint", 6),
        ("sdC sdU sH", "complaint", 2),
        ("sdU sdU", "unsubscribed", 2),
        ("sdoC sdCC", "complaint", 3),
        ("sS sS sS sS sS sdU", "unsubscribed", 12),
        ("sd sdo sd sdm", null, 0),
    ];

    private readonly TestApp _app = new();

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Fact]
    public async Task A_hundred_shuffles_with_repeats_end_in_one_list()
    {
        var random = new Random(20);
        var campaigns = new List<long>();
        for (var i = 0; i < Campaigns; i++)
        {
            campaigns.Add(await _app.GivenCampaignAsync());
        }

        for (var round = 0; round < 100; round++)
        {
            var told = await TellAsync(round, campaigns);
            var events = told.SelectMany(person => person.Events).ToArray();
            var shuffled = events.Concat(events.Where(_ => random.Next(4) == 0)).ToArray();
            random.Shuffle(shuffled);

            for (var from = 0; from < shuffled.Length;)
            {
                var batch = shuffled[from..Math.Min(shuffled.Length, from + random.Next(1, 400))];
                await _app.StoreAsync(batch);
                from += batch.Length;
            }

            await AssertListAsync(told, campaigns);
            if (round % 20 == 0)
            {
                Assert.Empty(_app.Verify());
            }
        }

        Assert.Empty(_app.Verify());
    }

    private async Task AssertListAsync(List<(string Email, List<EmailEvent> Events)> told, List<long> campaigns)
    {
        await using var db = _app.Database();
        for (var i = 0; i < s_stories.Length; i++)
        {
            var (story, reason, number) = s_stories[i];
            var (email, events) = told[i];
            var listed = await db.Suppressions.AsNoTracking().SingleOrDefaultAsync(s => s.Email == email);

            Assert.True(reason == listed?.Reason, $"{story}: {listed?.Reason ?? "not listed"} instead of {reason ?? "not listed"}");
            if (reason is not null)
            {
                var cause = events[number];
                Assert.Equal((story, cause.OccurredAt), (story, listed!.CreatedAt));
                Assert.Contains(listed.CampaignId, campaigns);
            }
        }
    }

    // Every person of every story anew, at addresses of this round.
    private async Task<List<(string Email, List<EmailEvent> Events)>> TellAsync(int round, List<long> campaigns)
    {
        await using var db = _app.Database();
        var now = _app.Clock.GetUtcNow();
        var contacts = s_stories.Select((_, i) => $"round{round}-person{i}@example.com")
            .Select(email => new Contact { CustomerId = email, Email = email, Attributes = "{}", CreatedAt = now }).ToList();
        db.AddRange(contacts);
        await db.SaveChangesAsync();
        var messages = s_stories.Select((story, i) => story.Story.Split(' ').Select((_, number) =>
            new Message { CampaignId = campaigns[number], ContactId = contacts[i].Id, Email = contacts[i].Email, CreatedAt = now }).ToList()).ToList();
        db.AddRange(messages.SelectMany(message => message));
        await db.SaveChangesAsync();
        db.AddRange(messages.SelectMany(message => message).Select(message => new MessageState { MessageId = message.Id, CampaignId = message.CampaignId ?? 0, Tracked = true }));
        await db.SaveChangesAsync();

        var told = new List<(string, List<EmailEvent>)>();
        for (var i = 0; i < s_stories.Length; i++)
        {
            var sent = messages[i];
            told.Add((contacts[i].Email, [.. s_stories[i].Story.Split(' ').SelectMany((word, number) =>
                word.Select((letter, step) => Event(sent[number].Id, letter, TimeSpan.FromHours((number * 100) + step))))]));
        }

        return told;
    }

    private static EmailEvent Event(long messageId, char letter, TimeSpan after)
    {
        var (type, bounce) = letter switch
        {
            's' => (EventType.Sent, BounceKind.None),
            'd' => (EventType.Delivered, BounceKind.None),
            'S' => (EventType.Bounced, BounceKind.Soft),
            'B' or 'R' => (EventType.Bounced, BounceKind.Block),
            'H' => (EventType.Bounced, BounceKind.Hard),
            'f' or 'p' => (EventType.Deferred, BounceKind.None),
            'C' => (EventType.Complained, BounceKind.None),
            'U' => (EventType.Unsubscribed, BounceKind.None),
            _ => (EventType.Opened, BounceKind.None),
        };
        return Some.Event(
            messageId, type, after - TimeSpan.FromDays(60), $"{messageId}:{after.Ticks}", userAgent: letter == 'm' ? Some.Scanner : Some.Firefox, bounce: bounce,
            source: letter == 'R' ? EventSource.Rule : EventSource.Api) with
        {
            Reason = letter switch { 'f' => "452 4.2.2 mailbox full", 'p' => "451 4.7.1 greylisted", _ => null },
        };
    }
}
