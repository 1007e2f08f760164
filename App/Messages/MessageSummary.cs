using System.Data.Common;
using System.Text.Json.Serialization;
using ScoreTracking.Api;
using ScoreTracking.Data;
using ScoreTracking.EventLog;
using ScoreTracking.Events;

namespace ScoreTracking.Messages;

/// <param name="Total">Counted opens, privacy mailboxes included; repeated pixel loads are left out.</param>
/// <param name="Confirmed">Those by a person.</param>
/// <param name="FirstAt">The first open, or the click it was inferred from.</param>
public sealed record MessageOpens(long Total, long Confirmed, DateTimeOffset? FirstAt);

/// <param name="UniqueLinks">How many different links were clicked.</param>
public sealed record MessageClicks(long Total, long UniqueLinks, DateTimeOffset? FirstAt);

/// <param name="Type">hard, soft or block.</param>
/// <param name="Reason">The mail server's words, where it was reported with any.</param>
public sealed record MessageBounce(string Type, DateTimeOffset At, string? Reason);

/// <summary>One email to one recipient and what happened to it: a campaign's or a single mail's.</summary>
public record MessageSummary
{
    /// <summary>The columns <see cref="Read"/> expects, in order; s is a row of message_state.</summary>
    internal const string Columns = """
        s.message_id, m.email, c.customer_id, m.campaign_id, cp.name, m.mail_id, coalesce(ml.subject, cp.subject, ''), coalesce(ml.from_email, cp.from_email, ''),
        coalesce(ml.from_name, cp.from_name, ''), s.status, s.tracked, m.created_at, s.processed_at, s.sent_at, s.delivered_at, s.deferred_at, s.dropped_at,
        s.bounced_at, s.bounce, s.opened_at, s.clicked_at, s.complained_at, s.unsubscribed_at, s.replied_at, s.opens, s.confirmed_opens, s.clicks, s.last_at,
        CASE WHEN s.clicks > 0 THEN (SELECT count(*) FROM link_clicks k
            WHERE k.link_id IN (SELECT e.link_id FROM events e WHERE e.message_id = s.message_id) AND k.message_id = s.message_id AND k.clicks > 0) ELSE 0 END,
        CASE WHEN s.bounced_at > 0 THEN (SELECT e.detail ->> '$.reason' FROM events e WHERE e.message_id = s.message_id AND e.type = $bounced ORDER BY e.id DESC LIMIT 1) END,
        m.contact_id
        """;

    /// <summary>What a message refers to. In this order, so that the walk's is kept.</summary>
    internal const string Joins = """
        CROSS JOIN messages m ON m.id = s.message_id CROSS JOIN contacts c ON c.id = m.contact_id
        LEFT JOIN mails ml ON ml.id = m.mail_id LEFT JOIN campaigns cp ON cp.id = m.campaign_id
        """;

    /// <summary>The same as <see cref="MessageId"/>.</summary>
    public required string Id { get; init; }
    public required string MessageId { get; init; }
    public required string Email { get; init; }
    public required string? CustomerId { get; init; }

    /// <summary>Null for a single mail.</summary>
    public required string? CampaignId { get; init; }

    /// <summary>As written, merge fields and all.</summary>
    public required string Subject { get; init; }
    public required MailSender From { get; init; }

    /// <summary>The strongest thing that happened.</summary>
    public required string Status { get; init; }

    /// <summary>gray, green (opened), blue (clicked) or red (did not arrive).</summary>
    public required string Indicator { get; init; }

    /// <summary>Whether the copy carries our pixel or links.</summary>
    public required bool Tracked { get; init; }
    public required MessageOpens Opens { get; init; }
    public required MessageClicks Clicks { get; init; }
    public required MessageBounce? Bounce { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public required DateTimeOffset? ProcessedAt { get; init; }
    public required DateTimeOffset? SentAt { get; init; }
    public required DateTimeOffset? DeliveredAt { get; init; }
    public required DateTimeOffset? DeferredAt { get; init; }
    public required DateTimeOffset? DroppedAt { get; init; }
    public required DateTimeOffset? ComplainedAt { get; init; }
    public required DateTimeOffset? UnsubscribedAt { get; init; }
    public required DateTimeOffset? RepliedAt { get; init; }

    /// <summary>When the latest of its events happened.</summary>
    public required DateTimeOffset? LastEventAt { get; init; }

    [JsonIgnore] public string? CampaignName { get; init; }

    [JsonIgnore] public long ContactId { get; init; }

    /// <summary>0 for a campaign's message.</summary>
    [JsonIgnore] public long MailId { get; init; }

    /// <summary>The same for somebody who sees no addresses.</summary>
    public MessageSummary WithoutAddresses() => this with
    {
        Email = ActivityWords.Mask(Email),
        CustomerId = null,
        Bounce = Bounce is null ? null : Bounce with { Reason = Bounce.Reason is null ? null : ActivityWords.Mask(Bounce.Reason) },
    };

    internal static MessageSummary Read(DbDataReader row)
    {
        var id = PublicId.Message(row.GetInt64(0));
        var status = (MessageStatus)row.GetInt32(9);
        return new MessageSummary
        {
            Id = id,
            MessageId = id,
            Email = row.GetString(1),
            CustomerId = Text(row, 2),
            CampaignId = row.IsDBNull(3) ? null : PublicId.Campaign(row.GetInt64(3)),
            CampaignName = Text(row, 4),
            MailId = row.IsDBNull(5) ? 0 : row.GetInt64(5),
            Subject = row.GetString(6),
            From = new MailSender(row.GetString(7), row.GetString(8)),
            Status = status.Name(),
            Indicator = MessageStatuses.Indicator(status, row.GetInt64(19) != 0, row.GetInt64(20) != 0),
            Tracked = row.GetInt64(10) != 0,
            CreatedAt = DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(11)),
            ProcessedAt = Time(row, 12),
            SentAt = Time(row, 13),
            DeliveredAt = Time(row, 14),
            DeferredAt = Time(row, 15),
            DroppedAt = Time(row, 16),
            Bounce = Time(row, 17) is { } bounced ? new MessageBounce(((BounceKind)row.GetInt32(18)).Name(), bounced, Text(row, 29)) : null,
            ComplainedAt = Time(row, 21),
            UnsubscribedAt = Time(row, 22),
            RepliedAt = Time(row, 23),
            Opens = new MessageOpens(row.GetInt64(24), row.GetInt64(25), Time(row, 19)),
            Clicks = new MessageClicks(row.GetInt64(26), row.GetInt64(28), Time(row, 20)),
            LastEventAt = Time(row, 27),
            ContactId = row.GetInt64(30),
        };
    }

    private static string? Text(DbDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);

    private static DateTimeOffset? Time(DbDataReader row, int column) =>
        row.GetInt64(column) is var at and not 0 ? DateTimeOffset.FromUnixTimeMilliseconds(at) : null;
}

/// <summary>A message with its events.</summary>
public sealed record MessageDetail : MessageSummary
{
    [System.Diagnostics.CodeAnalysis.SetsRequiredMembers]
    internal MessageDetail(MessageSummary summary)
        : base(summary)
    {
    }

    /// <summary>What happened, in the order it happened; the latest thousand where there are more.</summary>
    public IReadOnlyList<LoggedEvent> Events { get; init; } = [];

    /// <summary>How it stands where this server sends it; null once it was handed over, and for mail others send.</summary>
    public MessageDelivery? Delivery { get; init; }

    /// <summary>There are more than <see cref="Events"/> holds: all of them are in GET /events?message_id=.</summary>
    public bool HasMoreEvents { get; init; }
}
