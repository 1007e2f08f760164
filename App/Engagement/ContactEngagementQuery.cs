using Microsoft.EntityFrameworkCore;
using ScoreTracking.Data;
using ScoreTracking.Events;

namespace ScoreTracking.Engagement;

/// <summary>One of the events a contact's score is made of.</summary>
/// <param name="CampaignId">0 for single mail.</param>
/// <param name="LinkId">Of a click, 0 where we do not know the link.</param>
/// <param name="Nth">The how manieth open of its message, or click on its link.</param>
/// <param name="Weight">What it was worth when it happened.</param>
/// <param name="Left">What is left of that: the sum over all is the score.</param>
public sealed record ScoredEvent(long EventId, long MessageId, long CampaignId, EventType Type, DateTimeOffset At, long LinkId, int Nth, double Weight, double Left);

/// <summary>Why a contact has the score it has.</summary>
public static class ContactEngagementQuery
{
    /// <summary>Everything in the score, what carries most of it first.</summary>
    public static async Task<IReadOnlyList<ScoredEvent>> RunAsync(ScoreDb db, long contactId, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var scoring = await Scoring.InEffectAsync(db, cancellationToken);
        var weights = new ScoreWeights { HalfLifeDays = scoring.HalfLifeDays, Opened = scoring.Open, Clicked = scoring.Click, Replied = scoring.Reply };
        var read = await (
            from message in db.Messages
            join state in db.MessageStates on message.Id equals state.MessageId
            join stored in db.Events on message.Id equals stored.MessageId
            where message.ContactId == contactId && (state.ConfirmedOpens > 0 || state.Clicks > 0 || state.RepliedAt > 0) && !stored.Repeat
                && (stored.Type == EventType.Replied
                    || ((stored.Type == EventType.Opened || stored.Type == EventType.Clicked) && (stored.Verdict == Verdict.Human || stored.Verdict == Verdict.Proxy)))
            orderby stored.MessageId, stored.OccurredAt, stored.Type, stored.LinkId, stored.Id
            select new { stored.Id, stored.MessageId, stored.CampaignId, stored.Type, stored.OccurredAt, stored.LinkId }).ToListAsync(cancellationToken);
        var (events, nth, current) = (new List<ScoredEvent>(read.Count), new NthOf(), 0L);
        foreach (var row in read)
        {
            if (row.MessageId != current)
            {
                current = row.MessageId;
                nth.Clear();
            }

            var engaging = new EngagingEvent(row.OccurredAt, row.Type, nth.Next(row.Type, row.LinkId));
            var weight = engaging.Weight(weights);
            events.Add(new ScoredEvent(
                row.Id, row.MessageId, row.CampaignId, row.Type, DateTimeOffset.FromUnixTimeMilliseconds(row.OccurredAt), row.LinkId, engaging.Nth, weight,
                EngagementScore.ScoreAt(EngagementScore.Fold(null, weight, row.OccurredAt, scoring.HalfLifeDays), now, scoring.HalfLifeDays)));
        }

        return [.. events.OrderByDescending(scored => scored.Left).ThenByDescending(scored => scored.EventId)];
    }
}
