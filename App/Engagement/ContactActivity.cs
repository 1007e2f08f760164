using ScoreTracking.Data;
using ScoreTracking.Events;

namespace ScoreTracking.Engagement;

/// <summary>
/// When something last happened to a person's mail, in Unix milliseconds, 0 for never, and how often. What happens to a message
/// once is taken by its first time, and a bounce while it holds; an open inferred from a click is one.
/// </summary>
public readonly record struct ContactActivity(
    long SentAt, long DeliveredAt, long OpenedAt, long ClickedAt, long RepliedAt, long BouncedAt, long ComplainedAt, long UnsubscribedAt,
    long Sends, long Deliveries, long Opens, long Clicks)
{
    /// <summary>Its columns of contact_state, in this order.</summary>
    internal const string Columns = "sent_at, delivered_at, opened_at, clicked_at, replied_at, bounced_at, complained_at, unsubscribed_at, sends, deliveries, opens, clicks";

    /// <summary>With one more. Any order gives the same.</summary>
    public ContactActivity With(EventType type, long at) => type switch
    {
        EventType.Sent => this with { SentAt = Math.Max(SentAt, at), Sends = Sends + 1 },
        EventType.Delivered => this with { DeliveredAt = Math.Max(DeliveredAt, at), Deliveries = Deliveries + 1 },
        EventType.Opened => this with { OpenedAt = Math.Max(OpenedAt, at), Opens = Opens + 1 },
        EventType.Clicked => this with { ClickedAt = Math.Max(ClickedAt, at), Clicks = Clicks + 1 },
        EventType.Replied => this with { RepliedAt = Math.Max(RepliedAt, at) },
        EventType.Bounced => this with { BouncedAt = Math.Max(BouncedAt, at) },
        EventType.Complained => this with { ComplainedAt = Math.Max(ComplainedAt, at) },
        EventType.Unsubscribed => this with { UnsubscribedAt = Math.Max(UnsubscribedAt, at) },
        EventType.Processed or EventType.Deferred or EventType.Dropped => this,
    };

    /// <summary>Reads <see cref="Columns"/>.</summary>
    internal static ContactActivity Read(Statement row, int column) => new(
        row.Number(column), row.Number(column + 1), row.Number(column + 2), row.Number(column + 3), row.Number(column + 4), row.Number(column + 5), row.Number(column + 6),
        row.Number(column + 7), row.Number(column + 8), row.Number(column + 9), row.Number(column + 10), row.Number(column + 11));

    /// <summary>Binds <see cref="Columns"/>, the first as <paramref name="parameter"/>.</summary>
    internal Statement Bind(Statement statement, int parameter) => statement
        .Bind(parameter, SentAt).Bind(parameter + 1, DeliveredAt).Bind(parameter + 2, OpenedAt).Bind(parameter + 3, ClickedAt).Bind(parameter + 4, RepliedAt)
        .Bind(parameter + 5, BouncedAt).Bind(parameter + 6, ComplainedAt).Bind(parameter + 7, UnsubscribedAt)
        .Bind(parameter + 8, Sends).Bind(parameter + 9, Deliveries).Bind(parameter + 10, Opens).Bind(parameter + 11, Clicks);
}

/// <summary>What a message alone adds to its contact's activity; its opens, clicks and replies add themselves.</summary>
/// <param name="InferredAt">When its open was inferred from a click, 0 where none was.</param>
public readonly record struct MessageShare(long SentAt, long DeliveredAt, long BouncedAt, long ComplainedAt, long UnsubscribedAt, long InferredAt)
{
    public static MessageShare Of(MessageState state) => new(
        state.SentAt, state.DeliveredAt, state.BouncedAt, state.ComplainedAt, state.UnsubscribedAt, state.OpenInferred ? state.ConfirmedAt : 0);

    /// <summary>Whether all that was is as it was.</summary>
    public bool OnlyAddsTo(in MessageShare before) =>
        Kept(before.SentAt, SentAt) && Kept(before.DeliveredAt, DeliveredAt) && Kept(before.BouncedAt, BouncedAt)
        && Kept(before.ComplainedAt, ComplainedAt) && Kept(before.UnsubscribedAt, UnsubscribedAt) && Kept(before.InferredAt, InferredAt);

    /// <summary>What was not there before.</summary>
    public IEnumerable<(EventType Type, long At)> Since(MessageShare before)
    {
        if (SentAt != before.SentAt) yield return (EventType.Sent, SentAt);
        if (DeliveredAt != before.DeliveredAt) yield return (EventType.Delivered, DeliveredAt);
        if (BouncedAt != before.BouncedAt) yield return (EventType.Bounced, BouncedAt);
        if (ComplainedAt != before.ComplainedAt) yield return (EventType.Complained, ComplainedAt);
        if (UnsubscribedAt != before.UnsubscribedAt) yield return (EventType.Unsubscribed, UnsubscribedAt);
        if (InferredAt != before.InferredAt) yield return (EventType.Opened, InferredAt);
    }

    private static bool Kept(long before, long after) => before == 0 || before == after;
}
