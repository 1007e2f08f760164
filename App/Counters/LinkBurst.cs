using ScoreTracking.Data;
using ScoreTracking.Events;

namespace ScoreTracking.Counters;

/// <summary>
/// Machines fetch the links of a mail all at once: three or more different ones within two seconds, or both where it has two.
/// Found from a message's own clicks and what each of them alone says, never from what was made of them: so nothing goes in
/// circles, and since the log only grows, a burst once there stays.
/// </summary>
public static class LinkBurst
{
    /// <summary>Milliseconds between the first and the last click of a burst.</summary>
    public const long Window = 2_000;

    /// <summary>Different links that make one.</summary>
    public const int Links = 3;

    /// <summary>How far, in milliseconds, a burst for one recipient tells of clicks for others.</summary>
    public const long FleetWindow = 10 * 60 * 1000;

    /// <summary>Indices of the clicks that belong to a burst.</summary>
    /// <param name="sorted">All events of a message, in the order they happened.</param>
    public static HashSet<int> Find(List<StoredEvent> sorted, BurstRows rows)
    {
        var members = new HashSet<int>();
        var clicks = Clicks(sorted);
        var inWindow = new Dictionary<long, int>();
        var (from, marked) = (0, 0);
        for (var to = 0; to < clicks.Count; to++)
        {
            Count(inWindow, sorted[clicks[to]].LinkId, 1);
            while (sorted[clicks[to]].OccurredAt - sorted[clicks[from]].OccurredAt > Window)
            {
                Count(inWindow, sorted[clicks[from++]].LinkId, -1);
            }

            if (inWindow.Count >= Links || (inWindow.Count == 2 && inWindow.Keys.All(link => rows.LinksBeside(link) == 2)))
            {
                for (marked = Math.Max(marked, from); marked <= to; marked++)
                {
                    members.Add(clicks[marked]);
                }
            }
        }

        return members;
    }

    /// <summary>
    /// The rows that tell other messages of the bursts in this one: for each fingerprint its first and last click, again
    /// every twice <see cref="FleetWindow"/>. Whatever lies within that window of any click of a burst also lies within it of
    /// one of these.
    /// </summary>
    /// <param name="members">As <see cref="Find"/> gave them.</param>
    public static List<Burst> Rows(MessageState message, List<StoredEvent> sorted, HashSet<int> members)
    {
        var rows = new List<Burst>();
        if (message.CampaignId == 0)
        {
            return rows;
        }

        foreach (var clicks in members.Select(index => sorted[index]).Where(click => click.Fingerprint != 0).GroupBy(click => click.Fingerprint))
        {
            var (first, last) = (0L, 0L);
            foreach (var at in clicks.Select(click => click.OccurredAt).Order())
            {
                if (first == 0 || at - first > 2 * FleetWindow)
                {
                    AddLast();
                    rows.Add(Row(clicks.Key, at));
                    first = at;
                }

                last = at;
            }

            AddLast();

            void AddLast()
            {
                if (last != first)
                {
                    rows.Add(Row(clicks.Key, last));
                }
            }
        }

        return rows;

        Burst Row(long fingerprint, long at) => new(message.CampaignId, fingerprint, at, message.MessageId);
    }

    // Previews are ours, and a browser may prefetch what it likes: neither tells of a scanner.
    private static List<int> Clicks(List<StoredEvent> sorted)
    {
        var clicks = new List<int>();
        for (var i = 0; i < sorted.Count; i++)
        {
            if (sorted[i].Type == EventType.Clicked && sorted[i].Origin is not (Verdict.Self or Verdict.Prefetch))
            {
                clicks.Add(i);
            }
        }

        return clicks;
    }

    // A click on a link we do not know is part of a burst, but does not make one.
    private static void Count(Dictionary<long, int> links, long linkId, int step)
    {
        if (linkId == 0)
        {
            return;
        }

        var count = links.GetValueOrDefault(linkId) + step;
        if (count == 0)
        {
            links.Remove(linkId);
        }
        else
        {
            links[linkId] = count;
        }
    }
}
