using ScoreTracking.Data;
using ScoreTracking.Events;

namespace ScoreTracking.Engagement;

/// <summary>Something a person did with a message: a confirmed open, a person's click, a reply. Machines and inferred opens are not engaged.</summary>
/// <param name="At">Unix milliseconds.</param>
/// <param name="Nth">The how manieth open of its message, or click of its message on its link; from 1. Always 1 for a reply.</param>
public readonly record struct EngagingEvent(long At, EventType Type, int Nth)
{
    /// <summary>The one order in which ranks are folded: events equal in all three are interchangeable, so any order of arrival ends in the same rank to the last bit.</summary>
    public static readonly Comparer<EngagingEvent> InTime = Comparer<EngagingEvent>.Create((a, b) =>
    {
        var order = a.At.CompareTo(b.At);
        if (order == 0) order = a.Type.CompareTo(b.Type);
        return order == 0 ? a.Nth.CompareTo(b.Nth) : order;
    });

    /// <summary>Whether an event engages its person, unless it only repeats another.</summary>
    public static bool Is(in StoredEvent stored) =>
        stored.Type == EventType.Replied || (stored.Type.IsHit() && stored.Verdict.Group() == VerdictGroup.Person);

    /// <summary>What it weighs when it happens: each further open, and each further click on the same link, half of the one before.</summary>
    public double Weight(ScoreWeights weights) => Type switch
    {
        EventType.Opened => Math.ScaleB(weights.Opened, 1 - Nth),
        EventType.Clicked => Math.ScaleB(weights.Clicked, 1 - Nth),
        EventType.Replied => weights.Replied,
        _ => 0,
    };

    /// <summary>What of a message's events engages, in time.</summary>
    /// <param name="events">All of the message, sorted by <see cref="StoredEvent.InTime"/>.</param>
    /// <param name="repeats">Ids of those that only repeat another.</param>
    public static List<EngagingEvent> Of(List<StoredEvent> events, HashSet<long> repeats)
    {
        var engaging = new List<EngagingEvent>();
        var count = new NthOf();
        foreach (var stored in events)
        {
            if (Is(stored) && !repeats.Contains(stored.Id))
            {
                engaging.Add(new EngagingEvent(stored.OccurredAt, stored.Type, count.Next(stored.Type, stored.LinkId)));
            }
        }

        engaging.Sort(InTime);
        return engaging;
    }
}

/// <summary>Counts the opens of one message, and its clicks per link.</summary>
internal sealed class NthOf
{
    private readonly Dictionary<long, int> _clicks = [];
    private int _opens;

    public int Next(EventType type, long linkId) => type switch
    {
        EventType.Opened => ++_opens,
        EventType.Clicked => _clicks[linkId] = _clicks.GetValueOrDefault(linkId) + 1,
        _ => 1,
    };

    public void Clear()
    {
        _clicks.Clear();
        _opens = 0;
    }
}
