using ScoreTracking.Api;
using ScoreTracking.Data;

namespace ScoreTracking.Reports;

/// <summary>Somebody who clicked a link.</summary>
/// <param name="Email">The address the message went to.</param>
/// <param name="Clicks">Counted clicks on this link; machines' are not among them.</param>
public sealed record Clicker(string MessageId, string? CustomerId, string Email, long Clicks, DateTimeOffset FirstAt, DateTimeOffset LastAt);

/// <summary>Who clicked a link: most clicks first, then in the order of the messages.</summary>
public static class ClickersQuery
{
    private const string List = "clickers";
    private const int KeyParts = 3;

    private const string IsOfCampaign = "SELECT 1 FROM links WHERE id = $link AND campaign_id = $campaign";

    // The page is cut before the joins, so that a look-up of an address is paid for each row shown and not for each click.
    // Who clicked more than once has an index of their own; who clicked once is already in the order of the messages.
    private const string Page = """
        SELECT k.message_id, k.clicks, k.first_at, k.last_at, c.customer_id, m.email
        FROM (
            SELECT * FROM (
                SELECT message_id, clicks, first_at, last_at FROM link_clicks INDEXED BY link_clicks_repeat
                WHERE link_id = $link AND clicks NOT IN (0, 1) AND clicks = $clicks AND message_id > $message
                ORDER BY message_id LIMIT $limit)
            UNION ALL
            SELECT * FROM (
                SELECT message_id, clicks, first_at, last_at FROM link_clicks INDEXED BY link_clicks_repeat
                WHERE link_id = $link AND clicks NOT IN (0, 1) AND clicks < $clicks
                ORDER BY clicks DESC, message_id LIMIT $limit)
            UNION ALL
            SELECT * FROM (
                SELECT message_id, clicks, first_at, last_at FROM link_clicks NOT INDEXED
                WHERE link_id = $link AND clicks = 1 AND message_id > iif($clicks > 1, 0, $message)
                ORDER BY message_id LIMIT $limit)
            ORDER BY clicks DESC, message_id LIMIT $limit) k
        JOIN messages m ON m.id = k.message_id JOIN contacts c ON c.id = m.contact_id
        ORDER BY k.clicks DESC, k.message_id
        """;

    /// <summary>Reads a cursor of this link's list; one of another link's is refused as well.</summary>
    public static bool TryReadCursor(long linkId, string? cursor, out (long Clicks, long MessageId)? after)
    {
        after = null;
        if (!PageCursor.TryRead(List, cursor, KeyParts, out var key) || key is not (null or [_, > 0, > 0]) || (key is not null && key[0] != linkId))
        {
            return false;
        }

        after = key is null ? null : (key[1], key[2]);
        return true;
    }

    /// <param name="after">Where the page before ended; null for the first.</param>
    /// <returns>Null when the campaign has no such link.</returns>
    public static async Task<Listing<Clicker>?> RunAsync(
        ScoreDb db, long campaignId, long linkId, (long Clicks, long MessageId)? after, int limit, CancellationToken cancellationToken)
    {
        var exists = false;
        var clickers = new List<Clicker>();
        (long Clicks, long MessageId) last = default;
        var isMore = false;

        await using var snapshot = await Sql.SnapshotAsync(db, cancellationToken);
        await Sql.ReadAsync(db, IsOfCampaign, [("$link", linkId), ("$campaign", campaignId)], _ => exists = true, cancellationToken);
        if (!exists)
        {
            return null;
        }

        // One row more than asked for says that there is a next page.
        await Sql.ReadAsync(
            db,
            Page,
            [("$link", linkId), ("$clicks", after?.Clicks ?? long.MaxValue), ("$message", after?.MessageId ?? 0), ("$limit", limit + 1)],
            row =>
            {
                if (clickers.Count == limit)
                {
                    isMore = true;
                    return;
                }

                last = (row.GetInt64(1), row.GetInt64(0));
                clickers.Add(new Clicker(
                    PublicId.Message(row.GetInt64(0)),
                    row.IsDBNull(4) ? null : row.GetString(4),
                    row.GetString(5),
                    row.GetInt64(1),
                    DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(2)),
                    DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(3))));
            },
            cancellationToken);
        return new Listing<Clicker>(clickers, isMore ? PageCursor.Write(List, linkId, last.Clicks, last.MessageId) : null);
    }
}
