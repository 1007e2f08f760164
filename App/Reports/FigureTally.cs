using ScoreTracking.Events;

namespace ScoreTracking.Reports;

/// <summary>Sums rows of the counters table until they are asked for as <see cref="Figures"/>.</summary>
internal sealed class FigureTally
{
    private const int Groups = (int)VerdictGroup.Self + 1;

    private readonly long[] _total = new long[((int)EventType.Replied + 1) * Groups];
    private readonly long[] _unique = new long[((int)EventType.Replied + 1) * Groups];
    private readonly long[] _bounced = new long[(int)BounceKind.Block + 1];

    public void Add(EventType type, VerdictGroup group, long total, long unique)
    {
        _total[At(type, group)] += total;
        _unique[At(type, group)] += unique;
    }

    public void AddBounced(BounceKind kind, long unique) => _bounced[(int)kind] += unique;

    public long Unique(EventType type, VerdictGroup group = VerdictGroup.None) => _unique[At(type, group)];

    /// <summary>Whether a delivery was ever reported, be it one that was reported twice.</summary>
    public bool HasDeliveries => _total[At(EventType.Delivered, VerdictGroup.None)] > 0;

    /// <param name="knowsDeliveries">Whether the campaign has delivery reports, which a single variant cannot tell.</param>
    public Figures ToFigures(ReportView view, bool knowsDeliveries)
    {
        var sent = Unique(EventType.Sent);
        long? delivered = knowsDeliveries ? Unique(EventType.Delivered) : null;
        var confirmed = Unique(EventType.Opened, VerdictGroup.Person);
        var opened = view.Opens == OpensView.Confirmed ? confirmed : confirmed + Unique(EventType.Opened, VerdictGroup.Privacy);
        var clicked = Unique(EventType.Clicked, VerdictGroup.Person);
        var bounced = Unique(EventType.Bounced);
        var complained = Unique(EventType.Complained);
        var unsubscribed = Unique(EventType.Unsubscribed);
        var basis = view.Basis == RateBasis.Delivered ? delivered : sent;
        return new Figures
        {
            Sent = sent,
            Delivered = delivered,
            Opened = opened,
            ConfirmedOpened = confirmed,
            TotalOpens = Total(EventType.Opened, VerdictGroup.Person)
                + (view.Opens == OpensView.Confirmed ? 0 : Total(EventType.Opened, VerdictGroup.Privacy)),
            Clicked = clicked,
            TotalClicks = Total(EventType.Clicked, VerdictGroup.Person),
            Bounced = new Bounces(bounced, _bounced[(int)BounceKind.Hard], _bounced[(int)BounceKind.Soft], _bounced[(int)BounceKind.Block]),
            Complained = complained,
            Unsubscribed = unsubscribed,
            Deferred = Unique(EventType.Deferred),
            Dropped = Unique(EventType.Dropped),
            Replied = Unique(EventType.Replied),
            Filtered = new Filtered(Hits(VerdictGroup.Scanner), Hits(VerdictGroup.Prefetch), Hits(VerdictGroup.Self)),
            Rates = new Rates(
                Open: new Ratio(opened, basis),
                Click: new Ratio(clicked, basis),
                ClickToOpen: new Ratio(clicked, opened),
                Bounce: new Ratio(bounced, sent),
                Complaint: new Ratio(complained, basis),
                Unsubscribe: new Ratio(unsubscribed, basis)),
        };
    }

    private static int At(EventType type, VerdictGroup group) => ((int)type * Groups) + (int)group;

    private long Total(EventType type, VerdictGroup group) => _total[At(type, group)];

    private long Hits(VerdictGroup group) => Total(EventType.Opened, group) + Total(EventType.Clicked, group);
}
