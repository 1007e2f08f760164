using Microsoft.Data.Sqlite;
using ScoreTracking.Data;
using ScoreTracking.Suppressions;

namespace ScoreTracking.Delivery;

/// <summary>What is asked of a letter in the moment before it is handed over. For one caller at a time.</summary>
internal sealed class LastCheck : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly SuppressionLookup _suppressions;
    private readonly SqliteCommand _row;

    public LastCheck(SqliteFile file, SuppressionCheck suppressions)
    {
        _connection = file.Open();
        _suppressions = suppressions.On(_connection);
        _row = _connection.CreateCommand();
        _row.CommandText = """
            SELECT d.state, d.attempts, c.status, c.held_because FROM deliveries d LEFT JOIN campaigns c ON c.id = d.campaign_id WHERE d.message_id = $message
            """;
        _row.Parameters.Add("$message", SqliteType.Integer);
    }

    public enum Answer
    {
        Go,

        /// <summary>Not now: it stays in the queue, or is no longer there.</summary>
        Leave,

        /// <summary>Never.</summary>
        Drop,
    }

    /// <param name="attempts">Made before, as the queue said when it was taken.</param>
    /// <returns>With the reason where it is dropped.</returns>
    public (Answer Answer, string Reason) Ask(long messageId, long campaignId, int attempts, string recipient)
    {
        _row.Parameters[0].Value = messageId;
        using (var row = _row.ExecuteReader())
        {
            if (!row.Read() || row.GetInt64(0) != (long)DeliveryState.Waiting || row.GetInt32(1) != attempts
                || (campaignId != 0 && (row.IsDBNull(2) || !SendPlan.Sends(row.GetString(2)) || row.GetString(3).Length > 0)))
            {
                return (Answer.Leave, "");
            }
        }

        return _suppressions.ReasonFor(recipient, transaction: null) is { } reason ? (Answer.Drop, $"suppressed: {reason}") : (Answer.Go, "");
    }

    public void Dispose()
    {
        _row.Dispose();
        _suppressions.Dispose();
        _connection.Dispose();
    }
}
