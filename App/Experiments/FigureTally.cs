using ScoreTracking.Events;

namespace ScoreTracking.Experiments;

/// <summary>Sums rows of the counters table: of a campaign, a variant, or whatever else is counted by itself.</summary>
internal sealed class FigureTally
{
    private const int Groups = (int)VerdictGroup.Self + 1;

    private readonly long[] _total = new long[((int)EventType.Replied + 1) * Groups];
    private readonly long[] _unique = new long[((int)EventType.Replied + 1) * Groups];
    private readonly long[] _bounced = new long[(int)BounceKind.Block + 1];
    private long _refused;

    public void Add(EventType type, VerdictGroup group, long total, long unique)
    {
        _total[At(type, group)] += total;
        _unique[At(type, group)] += unique;
    }

    public void AddBounced(BounceKind kind, long unique) => _bounced[(int)kind] += unique;

    public void AddRefused(long unique) => _refused += unique;

    public long Unique(EventType type, VerdictGroup group = VerdictGroup.None) => _unique[At(type, group)];

    public long Total(EventType type, VerdictGroup group) => _total[At(type, group)];

    /// <summary>Messages that bounced so.</summary>
    public long Bounced(BounceKind kind) => _bounced[(int)kind];

    /// <summary>Messages that left, or were refused as they were handed over: whom the variant was meant for.</summary>
    public long Tried => Unique(EventType.Sent) + _refused;

    /// <summary>Messages sent that did not bounce. Those refused when they were handed over bounced and were never sent: they are in neither.</summary>
    public long Arrived => Tried - Unique(EventType.Bounced);

    /// <summary>Whether a delivery was ever reported, be it one that was reported twice.</summary>
    public bool HasDeliveries => _total[At(EventType.Delivered, VerdictGroup.None)] > 0;

    private static int At(EventType type, VerdictGroup group) => ((int)type * Groups) + (int)group;
}
