using ScoreTracking.Api;
using ScoreTracking.Data;
using ScoreTracking.Events;

namespace ScoreTracking.Messages;

/// <summary>A page of messages, newest first.</summary>
/// <param name="Next">Where the page after begins; null on the last.</param>
public sealed record MessageListPage(IReadOnlyList<MessageSummary> Rows, string? Next);

/// <summary>
/// Messages of campaigns and single mails, newest first, in pages by key. One read looks at a bounded number of them, so a
/// filter that few of very many fit ends a page early, and the next goes on behind it.
/// </summary>
internal static class MessageListQuery
{
    /// <summary>The list's name in its cursors; the key is the message the page begins behind.</summary>
    public const string List = "messages";

    /// <summary>Most messages looked at in one read.</summary>
    public const int Visits = 20_000;

    private const string Everything = "SELECT id AS message_id FROM messages WHERE id < $from ORDER BY id DESC LIMIT $visits";

    private const string OfCampaign =
        "SELECT message_id FROM message_state INDEXED BY message_state_campaign WHERE campaign_id = $campaign AND message_id < $from ORDER BY message_id DESC LIMIT $visits";

    private const string OfCustomer = """
        SELECT id AS message_id FROM messages WHERE contact_id = (SELECT id FROM contacts WHERE customer_id = $customer) AND id < $from
            AND ($campaign IS NULL OR coalesce(campaign_id, 0) = $campaign) ORDER BY id DESC LIMIT $visits
        """;

    public static bool IsCursor(MessageFilter filter, string? cursor) => SealedCursor.TryRead(List, filter.Scope, cursor, 1, out _);

    /// <param name="cursor">From a page before; null or unreadable begins with the newest.</param>
    public static async Task<MessageListPage> RunAsync(ScoreDb db, MessageFilter filter, string? cursor, int limit, CancellationToken cancellationToken)
    {
        _ = SealedCursor.TryRead(List, filter.Scope, cursor, 1, out var from);
        await using var snapshot = await Sql.SnapshotAsync(db, cancellationToken);
        var parameters = Parameters(filter, from?[0] ?? long.MaxValue, limit + 1);
        var rows = new List<(long Id, MessageSummary Row)>(limit + 1);
        await Sql.ReadAsync(db, Statement(filter), parameters, row => rows.Add((row.GetInt64(0), MessageSummary.Read(row))), cancellationToken);
        if (rows.Count > limit)
        {
            rows.RemoveAt(limit);
            return new MessageListPage(Rows(), SealedCursor.Write(List, filter.Scope, rows[^1].Id));
        }

        long? end = null;
        await Sql.ReadAsync(db, $"SELECT message_id FROM ({Walk(filter)}) LIMIT 1 OFFSET $visits - 1", parameters, row => end = row.GetInt64(0), cancellationToken);
        return new MessageListPage(Rows(), end is { } last ? SealedCursor.Write(List, filter.Scope, last) : null);

        IReadOnlyList<MessageSummary> Rows() => rows.ConvertAll(row => row.Row);
    }

    /// <summary>One message; null where there is none.</summary>
    public static async Task<MessageSummary?> FindAsync(ScoreDb db, long messageId, CancellationToken cancellationToken)
    {
        MessageSummary? found = null;
        await Sql.ReadAsync(
            db,
            $"SELECT {MessageSummary.Columns} FROM (SELECT * FROM message_state WHERE message_id = $message) s {MessageSummary.Joins}",
            [("$message", messageId), ("$bounced", (int)EventType.Bounced)],
            row => found = MessageSummary.Read(row),
            cancellationToken);
        return found;
    }

    internal static (string Name, object Value)[] Parameters(MessageFilter filter, long from, int limit) =>
    [
        ("$customer", filter.CustomerId ?? (object)DBNull.Value), ("$campaign", filter.CampaignId ?? (object)DBNull.Value), ("$status", (int?)filter.Status ?? (object)DBNull.Value),
        ("$indicator", filter.Indicator ?? (object)DBNull.Value), ("$from", from), ("$limit", limit), ("$visits", filter is { Status: null, Indicator: null } ? limit : Visits),
        ("$bounced", (int)EventType.Bounced),
    ];

    internal static string Statement(MessageFilter filter) => $"""
        SELECT {MessageSummary.Columns} FROM ({Walk(filter)}) w CROSS JOIN message_state s ON s.message_id = w.message_id {MessageSummary.Joins}
        WHERE ($status IS NULL OR s.status = $status) AND ($indicator IS NULL OR {MessageFilter.IndicatorSql} = $indicator)
        LIMIT $limit
        """;

    // Only constants of this file come together here; values travel as parameters.
    private static string Walk(MessageFilter filter) => filter switch
    {
        { CustomerId: not null } => OfCustomer,
        { CampaignId: not null } => OfCampaign,
        _ => Everything,
    };
}
