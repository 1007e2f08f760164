using System.Text.Json;
using Microsoft.Data.Sqlite;
using ScoreTracking.Data;
using ScoreTracking.Live;

namespace ScoreTracking.Delivery;

/// <summary>
/// Mail that waits to be handed off. It is added within the transaction that decides on it, so that a crash neither loses nor doubles
/// any, and sent as soon as whoever committed says so, or a few seconds later by itself.
/// </summary>
public sealed class SendQueue(SqliteFile file, LiveUpdates live)
{
    // About 50 ms of the write lock.
    private const int MaxRows = 2_000;

    /// <summary>Called by <see cref="Wake"/>.</summary>
    internal event Action? Grown;

    /// <summary>Queues messages within the caller's transaction; one that has been queued before is left as it is. At most 2,000 at a time, since the event writer waits for the lock.</summary>
    /// <param name="campaignId">0 for single mails.</param>
    /// <param name="at">Not before.</param>
    public static void Enqueue(
        SqliteConnection connection, SqliteTransaction transaction, long campaignId, long connectionId, DateTimeOffset at, IEnumerable<long> messageIds)
    {
        using var insert = connection.CreateCommand();
        insert.Transaction = transaction;
        insert.CommandText = """
            INSERT INTO deliveries (message_id, campaign_id, connection_id, state, next_at) SELECT value, $campaign, $connection, 1, $at FROM json_each($messages) WHERE true
            ON CONFLICT (message_id) DO NOTHING
            """; // WHERE, or ON would belong to the SELECT
        insert.Parameters.AddWithValue("$messages", JsonSerializer.Serialize(messageIds.Order()));
        insert.Parameters.AddWithValue("$campaign", campaignId);
        insert.Parameters.AddWithValue("$connection", connectionId);
        insert.Parameters.AddWithValue("$at", at.ToUnixTimeMilliseconds());
        insert.ExecuteNonQuery();
    }

    /// <summary>Something was queued, or a campaign may go on: after the commit. Otherwise it is seen within seconds.</summary>
    public void Wake() => Grown?.Invoke();

    /// <summary>Takes back what still waits of a campaign, in short transactions. What is being handed over at this moment goes out.</summary>
    /// <param name="because">Why, as a sentence for people.</param>
    /// <returns>How many.</returns>
    public async Task<int> WithdrawAsync(long campaignId, string because, CancellationToken cancellationToken)
    {
        await using var connection = file.Open();
        await using var withdraw = connection.CreateCommand();
        withdraw.CommandText = """
            UPDATE deliveries SET state = 4, code = 0, status = '', text = $because
            WHERE message_id IN (SELECT message_id FROM deliveries WHERE campaign_id = $campaign AND state = 1 ORDER BY next_at, message_id LIMIT $most)
            """;
        withdraw.Parameters.AddWithValue("$campaign", campaignId);
        withdraw.Parameters.AddWithValue("$because", because);
        withdraw.Parameters.AddWithValue("$most", MaxRows);
        var total = 0;
        for (var changed = MaxRows; changed == MaxRows; total += changed)
        {
            changed = await withdraw.ExecuteNonQueryAsync(cancellationToken);
        }

        Wake();
        live.Signal([LiveTopic.Campaign(campaignId), LiveTopic.Campaigns]);
        return total;
    }
}
