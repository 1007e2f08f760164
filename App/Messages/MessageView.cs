using ScoreTracking.Api;
using ScoreTracking.Data;
using ScoreTracking.EventLog;
using ScoreTracking.Live;

namespace ScoreTracking.Messages;

/// <summary>A link of a message's copy and how often it was followed.</summary>
public sealed record MessageLink(string Id, int Position, string Label, string Url, long Clicks, DateTimeOffset? FirstAt);

/// <summary>Everything its page shows of a message.</summary>
/// <param name="Events">The latest, newest arrival first.</param>
/// <param name="Delivery">How it stands where this server sends it and it is not handed over yet.</param>
/// <param name="Links">Of a single mail, in order; of a campaign's message only those that were followed.</param>
public sealed record MessageView(MessageSummary Message, IReadOnlyList<LoggedEvent> Events, bool HasMoreEvents, IReadOnlyList<MessageLink> Links, MessageDelivery? Delivery)
{
    /// <summary>Most events a page shows.</summary>
    public const int MaxEvents = 500;

    // The links of its own copy, and those it followed: a campaign's belong to all of its messages.
    private const string LinksOf = """
        SELECT l.id, l.position, l.label, l.url, coalesce(k.clicks, 0), coalesce(k.first_at, 0)
        FROM (SELECT id FROM links WHERE message_id = $message UNION SELECT link_id FROM events WHERE message_id = $message AND link_id <> 0) i
        CROSS JOIN links l ON l.id = i.id LEFT JOIN link_clicks k ON k.link_id = l.id AND k.message_id = $message
        ORDER BY l.content, l.position, l.id
        """;

    /// <summary>Null where there is no such message.</summary>
    internal static LiveQuery<MessageView?> Live(long messageId) => new(LiveTopic.Message(messageId), ("message", messageId), (db, token) => ReadAsync(db, messageId, token));

    internal static async Task<MessageView?> ReadAsync(ScoreDb db, long messageId, CancellationToken cancellationToken)
    {
        if (await MessageListQuery.FindAsync(db, messageId, cancellationToken) is not { } message)
        {
            return null;
        }

        var log = await EventLogQuery.RunAsync(db, EventFilter.OfMessage(messageId), null, MaxEvents, cancellationToken);
        var links = new List<MessageLink>();
        await Sql.ReadAsync(
            db,
            LinksOf,
            [("$message", messageId)],
            row => links.Add(new MessageLink(
                PublicId.Link(row.GetInt64(0)), row.GetInt32(1), row.GetString(2), row.GetString(3), row.GetInt64(4),
                row.GetInt64(5) == 0 ? null : DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(5)))),
            cancellationToken);
        return new MessageView(message, log.Rows, log.Next is not null, links, await MessageDelivery.FindAsync(db, messageId, cancellationToken));
    }

    /// <summary>The same for somebody who sees no addresses.</summary>
    public MessageView WithoutAddresses() => this with { Message = Message.WithoutAddresses(), Delivery = Delivery?.WithoutAddresses() };
}
