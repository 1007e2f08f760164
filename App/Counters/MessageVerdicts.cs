using ScoreTracking.Events;

namespace ScoreTracking.Counters;

/// <summary>What the other events of a message say of who made a hit, beside what the hit alone says.</summary>
public static class MessageVerdicts
{
    /// <summary>Whether this event can change the verdict of hits that came before it.</summary>
    public static bool Turns(in StoredEvent stored) => stored.Type == EventType.Bounced;

    /// <summary>Gives every hit its verdict. A mail that bounced without ever being delivered was opened by whoever looked into it on the way: a scanner.</summary>
    /// <param name="sorted">All events of the message, in the order they happened.</param>
    public static void Judge(List<StoredEvent> sorted)
    {
        var firstDelivery = long.MaxValue;
        var lastBounce = long.MinValue;
        foreach (var stored in sorted)
        {
            if (stored.Type == EventType.Delivered)
            {
                firstDelivery = Math.Min(firstDelivery, stored.OccurredAt);
            }
            else if (stored.Type == EventType.Bounced && stored.OccurredAt < firstDelivery)
            {
                lastBounce = stored.OccurredAt;
            }
        }

        for (var i = 0; i < sorted.Count; i++)
        {
            var hit = sorted[i];
            if (hit.Type.IsHit())
            {
                var turned = hit.OccurredAt < lastBounce && hit.Origin.Group() is (VerdictGroup.Person or VerdictGroup.Privacy) && !hit.Reasons.HasFlag(VerdictReasons.ByHand);
                var reasons = hit.Reasons & ~VerdictReasons.OfContext;
                sorted[i] = hit with
                {
                    Verdict = turned ? Verdict.Scanner : hit.Origin,
                    Reasons = turned ? reasons | VerdictReasons.BeforeBounce : reasons,
                };
            }
        }
    }
}
