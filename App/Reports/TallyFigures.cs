using ScoreTracking.Events;
using ScoreTracking.Experiments;

namespace ScoreTracking.Reports;

/// <summary>What was counted, as the figures of a report.</summary>
internal static class TallyFigures
{
    /// <param name="knowsDeliveries">Whether the campaign has delivery reports, which a single variant cannot tell.</param>
    public static Figures ToFigures(this FigureTally tally, ReportView view, bool knowsDeliveries)
    {
        var sent = tally.Unique(EventType.Sent);
        long? delivered = knowsDeliveries ? tally.Unique(EventType.Delivered) : null;
        var confirmed = tally.Unique(EventType.Opened, VerdictGroup.Person);
        var opened = view.Opens == OpensView.Confirmed ? confirmed : confirmed + tally.Unique(EventType.Opened, VerdictGroup.Privacy);
        var clicked = tally.Unique(EventType.Clicked, VerdictGroup.Person);
        var bounced = tally.Unique(EventType.Bounced);
        var complained = tally.Unique(EventType.Complained);
        var unsubscribed = tally.Unique(EventType.Unsubscribed);
        var basis = view.Basis == RateBasis.Delivered ? delivered : sent;
        return new Figures
        {
            Sent = sent,
            Delivered = delivered,
            Opened = opened,
            ConfirmedOpened = confirmed,
            TotalOpens = tally.Total(EventType.Opened, VerdictGroup.Person)
                + (view.Opens == OpensView.Confirmed ? 0 : tally.Total(EventType.Opened, VerdictGroup.Privacy)),
            Clicked = clicked,
            TotalClicks = tally.Total(EventType.Clicked, VerdictGroup.Person),
            Bounced = new Bounces(bounced, tally.Bounced(BounceKind.Hard), tally.Bounced(BounceKind.Soft), tally.Bounced(BounceKind.Block)),
            Complained = complained,
            Unsubscribed = unsubscribed,
            Deferred = tally.Unique(EventType.Deferred),
            Dropped = tally.Unique(EventType.Dropped),
            Replied = tally.Unique(EventType.Replied),
            Filtered = new Filtered(tally.Hits(VerdictGroup.Scanner), tally.Hits(VerdictGroup.Prefetch), tally.Hits(VerdictGroup.Self)),
            Rates = new Rates(
                Open: new Ratio(opened, basis),
                Click: new Ratio(clicked, basis),
                ClickToOpen: new Ratio(clicked, opened),
                Bounce: new Ratio(bounced, sent),
                Complaint: new Ratio(complained, basis),
                Unsubscribe: new Ratio(unsubscribed, basis)),
        };
    }

    private static long Hits(this FigureTally tally, VerdictGroup group) => tally.Total(EventType.Opened, group) + tally.Total(EventType.Clicked, group);
}
