using System.Globalization;
using ScoreTracking.Api;
using ScoreTracking.Data;
using ScoreTracking.Engagement;
using ScoreTracking.Events;

namespace ScoreTracking.Contacts;

/// <summary>Why somebody's score is what it is.</summary>
/// <param name="Events">The events that carry most of it, the heaviest first.</param>
/// <param name="Others">How many events carry the rest.</param>
/// <param name="OthersShare">What they carry, 0 to 1.</param>
public sealed record ScoreReasons(IReadOnlyList<ScoreReason> Events, int Others, double OthersShare);

/// <summary>One event and what is left of its weight.</summary>
/// <param name="Nth">The how manieth open of its message, or click on its link.</param>
/// <param name="Weight">What it weighed when it happened.</param>
/// <param name="Share">What it carries of the score now, 0 to 1.</param>
/// <param name="Title">The mail it happened to.</param>
/// <param name="LinkLabel">The words of the clicked link; "" for none.</param>
public sealed record ScoreReason(EventType Type, DateTimeOffset OccurredAt, int Nth, double Weight, double Share, string MessageId, string? CampaignId, string Title, string LinkLabel);

/// <summary>Takes a score apart into the events behind it.</summary>
internal static class ScoreReasonsQuery
{
    /// <summary>Events shown.</summary>
    public const int MaxShown = 8;

    public static async Task<ScoreReasons> RunAsync(ScoreDb db, long contactId, ScoreClock score, CancellationToken cancellationToken)
    {
        var done = new List<Done>();
        await Sql.ReadAsync(
            db,
            $"SELECT e.message_id, e.occurred_at, e.type, e.link_id, e.id {EngagementRows.Engaging} WHERE m.contact_id = $contact",
            [("$contact", contactId)],
            row => done.Add(new Done(row.GetInt64(0), row.GetInt64(1), (EventType)row.GetInt32(2), row.GetInt64(3), row.GetInt64(4))),
            cancellationToken);

        var weighed = Weigh(done, score);
        var sum = weighed.Sum(event_ => event_.Left);
        if (sum <= 0)
        {
            return new ScoreReasons([], 0, 0);
        }

        // Heaviest first; of equals the latest.
        weighed.Sort((a, b) => a.Left != b.Left ? b.Left.CompareTo(a.Left) : b.Done.EventId.CompareTo(a.Done.EventId));
        var named = await NamesAsync(db, [.. weighed.Take(MaxShown).Select(event_ => event_.Done.EventId)], cancellationToken);
        var shown = weighed.Take(MaxShown).Where(event_ => named.ContainsKey(event_.Done.EventId)).Select(event_ =>
        {
            var (campaign, title, label) = named[event_.Done.EventId];
            return new ScoreReason(
                event_.Done.Type, DateTimeOffset.FromUnixTimeMilliseconds(event_.Done.At), event_.Nth, event_.Weight, event_.Left / sum,
                PublicId.Message(event_.Done.MessageId), campaign, title, label);
        });
        return new ScoreReasons([.. shown], Math.Max(0, weighed.Count - MaxShown), weighed.Skip(MaxShown).Sum(event_ => event_.Left) / sum);
    }

    private static List<(Done Done, int Nth, double Weight, double Left)> Weigh(List<Done> done, ScoreClock score)
    {
        // As the rank numbers them: in the order they happened, message by message.
        done.Sort();
        var weighed = new List<(Done, int, double, double)>(done.Count);
        var nth = new NthOf();
        var message = 0L;
        foreach (var one in done)
        {
            if (one.MessageId != message)
            {
                message = one.MessageId;
                nth.Clear();
            }

            var count = nth.Next(one.Type, one.LinkId);
            var weight = new EngagingEvent(one.At, one.Type, count).Weight(score.Weights);
            var rank = EngagementScore.Fold(null, weight, one.At, score.Weights.HalfLifeDays);
            weighed.Add((one, count, weight, EngagementScore.ScoreAt(rank, score.Now, score.Weights.HalfLifeDays)));
        }

        return weighed;
    }

    private static async Task<Dictionary<long, (string? CampaignId, string Title, string Label)>> NamesAsync(ScoreDb db, long[] events, CancellationToken cancellationToken)
    {
        var names = new Dictionary<long, (string?, string, string)>();
        await Sql.ReadAsync(
            db,
            $"SELECT e.id, e.campaign_id, {MailTitle.Column}, coalesce(l.label, '') FROM json_each($events) wanted CROSS JOIN events e ON e.id = wanted.value CROSS JOIN messages m ON m.id = e.message_id {MailTitle.Joins} LEFT JOIN links l ON l.id = e.link_id",
            [("$events", $"[{string.Join(',', events.Select(id => id.ToString(CultureInfo.InvariantCulture)))}]")],
            row => names[row.GetInt64(0)] = (row.GetInt64(1) == 0 ? null : PublicId.Campaign(row.GetInt64(1)), row.GetString(2), row.GetString(3)),
            cancellationToken);
        return names;
    }

    private readonly record struct Done(long MessageId, long At, EventType Type, long LinkId, long EventId) : IComparable<Done>
    {
        public int CompareTo(Done other) => (MessageId, At, Type, LinkId, EventId).CompareTo((other.MessageId, other.At, other.Type, other.LinkId, other.EventId));
    }
}
