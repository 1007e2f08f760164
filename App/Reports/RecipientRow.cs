using System.Data.Common;
using ScoreTracking.Api;
using ScoreTracking.Data;
using ScoreTracking.Events;

namespace ScoreTracking.Reports;

/// <summary>One recipient of a campaign and the first time of everything that happened.</summary>
/// <param name="Status">The strongest thing that happened.</param>
/// <param name="Indicator">gray, green (opened), blue (clicked) or red (did not arrive).</param>
/// <param name="Variant">Id of the variant ("s1.c2"); null without a test or before the start.</param>
/// <param name="Bounce">hard, soft or block where the message's final state is bounced.</param>
/// <param name="OpenedAt">First open, privacy mailboxes included.</param>
/// <param name="ConfirmedAt">First open by a person, or inferred from a person's click.</param>
/// <param name="OpenInferred">The confirmed open was inferred from a click.</param>
/// <param name="Opens">Counted opens.</param>
/// <param name="LastEventAt">When the latest of the message's events happened.</param>
public sealed record RecipientRow(
    string MessageId,
    string Email,
    string? CustomerId,
    string Status,
    string Indicator,
    string? Variant,
    DateTimeOffset? ProcessedAt,
    DateTimeOffset? SentAt,
    DateTimeOffset? DeliveredAt,
    DateTimeOffset? DeferredAt,
    DateTimeOffset? DroppedAt,
    DateTimeOffset? BouncedAt,
    string? Bounce,
    DateTimeOffset? OpenedAt,
    DateTimeOffset? ConfirmedAt,
    bool OpenInferred,
    DateTimeOffset? ClickedAt,
    DateTimeOffset? ComplainedAt,
    DateTimeOffset? UnsubscribedAt,
    DateTimeOffset? RepliedAt,
    long Opens,
    long ConfirmedOpens,
    long Clicks,
    DateTimeOffset? LastEventAt)
{
    /// <summary>The columns <see cref="Read"/> expects, in order; w is a row of message_state with its place in the walk.</summary>
    internal const string Columns = """
        w.place, w.message_id, m.email, c.customer_id, w.status, v.key, w.processed_at, w.sent_at, w.delivered_at, w.deferred_at, w.dropped_at,
        w.bounced_at, w.bounce, w.opened_at, w.confirmed_at, w.open_inferred, w.clicked_at, w.complained_at, w.unsubscribed_at, w.replied_at,
        w.opens, w.confirmed_opens, w.clicks, w.last_at
        """;

    /// <summary>Who the rows are about. In this order, so that the walk's is kept.</summary>
    internal const string Joins = """
        CROSS JOIN messages m ON m.id = w.message_id CROSS JOIN contacts c ON c.id = m.contact_id
        LEFT JOIN variants v ON v.campaign_id = w.campaign_id AND v.position = w.variant
        """;

    internal static RecipientRow Read(DbDataReader row)
    {
        var status = (MessageStatus)row.GetInt32(4);
        var (opened, clicked) = (Time(row, 13), Time(row, 16));
        return new RecipientRow(
            PublicId.Message(row.GetInt64(1)),
            row.GetString(2),
            row.IsDBNull(3) ? null : row.GetString(3),
            status.Name(),
            MessageStatuses.Indicator(status, opened is not null, clicked is not null),
            row.IsDBNull(5) || row.GetString(5).Length == 0 ? null : row.GetString(5),
            Time(row, 6),
            Time(row, 7),
            Time(row, 8),
            Time(row, 9),
            Time(row, 10),
            Time(row, 11),
            row.GetInt32(12) == 0 ? null : ((BounceKind)row.GetInt32(12)).Name(),
            opened,
            Time(row, 14),
            row.GetInt32(15) != 0,
            clicked,
            Time(row, 17),
            Time(row, 18),
            Time(row, 19),
            row.GetInt64(20),
            row.GetInt64(21),
            row.GetInt64(22),
            Time(row, 23));
    }

    private static DateTimeOffset? Time(DbDataReader row, int column) =>
        row.GetInt64(column) is var at and not 0 ? DateTimeOffset.FromUnixTimeMilliseconds(at) : null;
}
