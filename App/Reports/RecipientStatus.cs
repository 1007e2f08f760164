using ScoreTracking.Data;
using ScoreTracking.Events;

namespace ScoreTracking.Reports;

/// <summary>A status recipients can be chosen by: one that is shown, such as <c>delivered</c>, or what has happened at any time, such as <c>has_opened</c>.</summary>
/// <param name="Name">In addresses and the API.</param>
/// <param name="Title">On screen.</param>
/// <param name="Condition">On a row of message_state called w.</param>
/// <param name="Mark">Where set, only blocks with this mark can hold one.</param>
/// <param name="Waits">Only messages not yet delivered can be one.</param>
/// <param name="Count">How many there are by the counters; null where no counter knows.</param>
/// <param name="AtMost">Never more than this many, by the counters: 0 needs no search.</param>
public sealed record RecipientStatus(
    string Name, string Title, string Condition, ActivityMark Mark, bool Waits, Func<RecipientCounts, long?> Count, Func<RecipientCounts, long?> AtMost)
{
    private static readonly Func<RecipientCounts, long?> s_unknown = _ => null;

    /// <summary>Statuses as shown, then what has happened at any time.</summary>
    public static readonly IReadOnlyList<RecipientStatus> All =
    [
        Waiting(MessageStatus.Pending, "Not sent yet", counts => counts.NotSent),
        Waiting(MessageStatus.Processed, "Accepted by the ESP", counts => counts.Unique(EventType.Processed)),
        Waiting(MessageStatus.Sent, "Sent, not delivered yet", counts => counts.Unique(EventType.Sent)),
        Waiting(MessageStatus.Deferred, "Deferred", counts => counts.Unique(EventType.Deferred)),
        Shown(MessageStatus.Delivered, "Delivered, nothing since", ActivityMark.None, counts => counts.Unique(EventType.Delivered)),
        Shown(MessageStatus.Dropped, "Dropped", ActivityMark.Dropped, counts => counts.Unique(EventType.Dropped)),
        Shown(MessageStatus.Bounced, "Bounced, nothing since", ActivityMark.Bounced, counts => counts.Unique(EventType.Bounced)),
        Shown(MessageStatus.Opened, "Opened, nothing since", ActivityMark.Opened, counts => counts.Opened),
        Shown(MessageStatus.Clicked, "Clicked, nothing since", ActivityMark.Clicked, counts => counts.Confirmed(EventType.Clicked)),
        Shown(MessageStatus.Unsubscribed, "Unsubscribed, nothing since", ActivityMark.Unsubscribed, counts => counts.Unique(EventType.Unsubscribed)),

        // Nothing is stronger than a complaint, so who complained always shows it, and the counter knows how many.
        Happened("complained", "Complained", "w.complained_at > 0", ActivityMark.Complained, counts => counts.Unique(EventType.Complained)),
        Happened("has_delivered", "Delivered", "w.delivered_at > 0", ActivityMark.None, counts => counts.Unique(EventType.Delivered)),
        Happened("has_opened", "Opened", "w.opened_at > 0", ActivityMark.Opened, counts => counts.Opened),
        Happened("not_opened", "Not opened", "w.opened_at = 0", ActivityMark.None, counts => counts.Without(counts.Opened)),
        Happened("has_confirmed", "Opened, confirmed", "w.confirmed_at > 0", ActivityMark.Confirmed, counts => counts.Confirmed(EventType.Opened)),
        Happened("not_confirmed", "No confirmed open", "w.confirmed_at = 0", ActivityMark.None, counts => counts.Without(counts.Confirmed(EventType.Opened))),
        Happened("has_clicked", "Clicked", "w.clicked_at > 0", ActivityMark.Clicked, counts => counts.Confirmed(EventType.Clicked)),
        Happened("not_clicked", "Not clicked", "w.clicked_at = 0", ActivityMark.None, counts => counts.Without(counts.Confirmed(EventType.Clicked))),
        Happened("has_bounced", "Bounced", "w.bounced_at > 0", ActivityMark.Bounced, counts => counts.Unique(EventType.Bounced)),
        Happened("bounced_hard", "Bounced hard", "w.bounce = 1", ActivityMark.Bounced, counts => counts.Bounced(BounceKind.Hard)),
        Happened("bounced_soft", "Bounced soft", "w.bounce = 2", ActivityMark.Bounced, counts => counts.Bounced(BounceKind.Soft)),
        Happened("bounced_block", "Blocked", "w.bounce = 3", ActivityMark.Bounced, counts => counts.Bounced(BounceKind.Block)),
        Happened("has_unsubscribed", "Unsubscribed", "w.unsubscribed_at > 0", ActivityMark.Unsubscribed, counts => counts.Unique(EventType.Unsubscribed)),
        Happened("has_replied", "Replied", "w.replied_at > 0", ActivityMark.Replied, counts => counts.Unique(EventType.Replied)),
    ];

    private static readonly Dictionary<string, RecipientStatus> s_byName = All.ToDictionary(status => status.Name, StringComparer.Ordinal);

    /// <summary>Null where the name is none of them.</summary>
    public static RecipientStatus? Find(string? name) => s_byName.GetValueOrDefault(name ?? "");

    private static RecipientStatus Waiting(MessageStatus status, string title, Func<RecipientCounts, long?> atMost) =>
        new(status.Name(), title, $"w.status = {(int)status}", ActivityMark.None, Waits: true, s_unknown, atMost);

    private static RecipientStatus Shown(MessageStatus status, string title, ActivityMark mark, Func<RecipientCounts, long?> atMost) =>
        new(status.Name(), title, $"w.status = {(int)status}", mark, Waits: false, s_unknown, atMost);

    private static RecipientStatus Happened(string name, string title, string condition, ActivityMark mark, Func<RecipientCounts, long?> count) =>
        new(name, title, condition, mark, Waits: false, count, count);
}
