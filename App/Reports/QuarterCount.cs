using ScoreTracking.Events;

namespace ScoreTracking.Reports;

/// <summary>What happened in one UTC quarter hour, or in several.</summary>
internal sealed class QuarterCount(long quarter)
{
    private long _sent;
    private long _opens;
    private long _clicks;
    private long _delivered;
    private long _uniqueOpens;
    private long _uniqueClicks;
    private long _bounced;
    private long _unsubscribed;

    public long Quarter { get; } = quarter;

    /// <summary>Nothing a timeline shows, such as machines only or what was taken back.</summary>
    public bool IsEmpty => (_sent | _opens | _clicks | _delivered | _uniqueOpens | _uniqueClicks | _bounced | _unsubscribed) == 0;

    public void Add(EventType type, VerdictGroup group, long total, long unique, OpensView opens)
    {
        switch (type)
        {
            case EventType.Sent:
                _sent += unique;
                break;
            case EventType.Delivered:
                _delivered += unique;
                break;
            case EventType.Bounced:
                _bounced += unique;
                break;
            case EventType.Unsubscribed:
                _unsubscribed += unique;
                break;
            case EventType.Clicked when group == VerdictGroup.Person:
                _clicks += total;
                _uniqueClicks += unique;
                break;
            case EventType.Opened when group == VerdictGroup.Person || (group == VerdictGroup.Privacy && opens == OpensView.All):
                _opens += total;
                _uniqueOpens += unique;
                break;
        }
    }

    public void Add(QuarterCount other)
    {
        _sent += other._sent;
        _opens += other._opens;
        _clicks += other._clicks;
        _delivered += other._delivered;
        _uniqueOpens += other._uniqueOpens;
        _uniqueClicks += other._uniqueClicks;
        _bounced += other._bounced;
        _unsubscribed += other._unsubscribed;
    }

    /// <summary>As an hour of a campaign that began <paramref name="hour"/> hours before.</summary>
    public HourSinceSend ToHour(int hour) => new(hour, _sent, _opens, _clicks, _uniqueOpens, _uniqueClicks);

    public TimelineRow ToRow(LocalSpan span) => new(
        new DateTimeOffset(LocalSpans.TimeOf(span.Start)), span.Label, _sent, _opens, _clicks, _delivered, _uniqueOpens, _uniqueClicks, _bounced, _unsubscribed);
}
