using Microsoft.EntityFrameworkCore;
using ScoreTracking.Data;
using ScoreTracking.Engagement;
using ScoreTracking.Events;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Engagement;

/// <summary>What is stored of contacts' engagement, and what the rules say it should be.</summary>
internal static class Engaged
{
    public static async Task<ContactState> ContactStateAsync(this TestApp app, long contactId)
    {
        await using var db = app.Database();
        return await db.ContactStates.SingleAsync(state => state.ContactId == contactId);
    }

    /// <summary>The sum under the logarithm, in weight: what the score would be if everything had happened at the last event's time.</summary>
    public static async Task<double> ScoreAsync(this TestApp app, long contactId, TimeSpan after, double halfLife = 30)
    {
        var state = await app.ContactStateAsync(contactId);
        return EngagementScore.ScoreAt(state.Rank, Some.Noon + after, halfLife);
    }

    /// <summary>Every contact's score by the plain sum of numbers.md 10, from the log's rows alone.</summary>
    public static async Task<Dictionary<long, double>> NaiveScoresAsync(this TestApp app, DateTimeOffset now, double halfLife = 30, double opened = 1, double clicked = 5, double replied = 20)
    {
        await using var db = app.Database();
        var events = await (from message in db.Messages join stored in db.Events on message.Id equals stored.MessageId select new { message.ContactId, Event = stored }).ToListAsync();
        var scores = new Dictionary<long, double>();
        foreach (var group in events
            .Where(e => !e.Event.Repeat && (e.Event.Type == EventType.Replied || e.Event.Verdict is Verdict.Human or Verdict.Proxy))
            .GroupBy(e => (e.ContactId, e.Event.MessageId, e.Event.Type, Link: e.Event.Type == EventType.Clicked ? e.Event.LinkId : 0)))
        {
            var weight = group.Key.Type switch { EventType.Opened => opened, EventType.Clicked => clicked, _ => replied };
            foreach (var at in group.Select(e => e.Event.OccurredAt).Order())
            {
                var days = (now - DateTimeOffset.FromUnixTimeMilliseconds(at)).TotalDays;
                scores[group.Key.ContactId] = scores.GetValueOrDefault(group.Key.ContactId) + (weight * Math.Pow(2, -days / halfLife));
                weight = group.Key.Type == EventType.Replied ? weight : weight / 2;
            }
        }

        return scores;
    }
}
