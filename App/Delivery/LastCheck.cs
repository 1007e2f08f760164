using Microsoft.Data.Sqlite;
using ScoreTracking.Data;
using ScoreTracking.Suppressions;

namespace ScoreTracking.Delivery;

/// <summary>
/// What is asked of a letter in the moment before it is handed over. All lanes of a line ask on one connection: what it has read stays read
/// until somebody commits, and that happens less often than a mail leaves.
/// </summary>
internal sealed class LastCheck(SqliteFile file, SuppressionCheck suppressions) : IDisposable
{
    private readonly Lock _lock = new();
    private WriteConnection? _connection;
    private readonly SuppressionColumn _suppressions = suppressions.Column;
    private Statement _row = null!;

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
    /// <exception cref="SqliteException">It could not be read.</exception>
    public (Answer Answer, string Reason) Ask(long messageId, long campaignId, int attempts, string recipient)
    {
        lock (_lock)
        {
            try
            {
                Open();
                var held = _suppressions.HeldReason(recipient);
                var (mayLeave, listed) = Look(messageId, campaignId, attempts, recipient);
                return !mayLeave ? (Answer.Leave, "")
                    : (held ?? listed) is { } reason ? (Answer.Drop, $"suppressed: {reason}")
                    : (Answer.Go, "");
            }
            catch (SqliteException)
            {
                Close();
                throw;
            }
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            Close();
        }
    }

    private (bool MayLeave, string? Suppressed) Look(long messageId, long campaignId, int attempts, string recipient)
    {
        var isWaiting = _suppressions.Bind(_row, recipient).Bind(3, messageId).Step() && _row.Number(0) == (long)DeliveryState.Waiting && _row.Number(1) == attempts
            && (campaignId == 0 || (!_row.IsNull(2) && SendPlan.Sends(_row.Text(2)) && _row.Text(3).Length == 0));
        var suppressed = isWaiting && !_row.IsNull(4) ? _row.Text(4) : null;
        _row.Reset();
        return (isWaiting, suppressed);
    }

    private void Open()
    {
        if (_connection is not null)
        {
            return;
        }

        _connection = new WriteConnection(file.Path, "query_only=1", "wal_autocheckpoint=0", "cache_size=-2000");
        _row = _connection.Prepare($"""
            SELECT d.state, d.attempts, c.status, c.held_because, {SuppressionColumn.Sql} FROM deliveries d LEFT JOIN campaigns c ON c.id = d.campaign_id WHERE d.message_id = ?3
            """);
    }

    private void Close()
    {
        _connection?.Dispose();
        _connection = null;
    }
}
