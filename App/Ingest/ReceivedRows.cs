using ScoreTracking.Data;
using ScoreTracking.Events;

namespace ScoreTracking.Ingest;

/// <summary>The log of what ESPs sent, written with the events themselves: matched or not, each once.</summary>
internal sealed class ReceivedRows(WriteConnection connection)
{
    private readonly Statement _insert = connection.Prepare("""
        INSERT INTO received_events (id, connection_id, source_key, received_at, type, message_id, normalised) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
        ON CONFLICT (source_key) DO UPDATE SET message_id = excluded.message_id WHERE received_events.message_id = 0
        """);
    private readonly Statement _touch = connection.Prepare("UPDATE connections SET last_received_at = max(last_received_at, ?2) WHERE id = ?1");
    private readonly Dictionary<long, long> _touched = [];

    /// <summary>Connections of the batch.</summary>
    public IReadOnlyCollection<long> Connections => _touched.Keys;

    public void Keep(long position, EmailEvent reported, long messageId)
    {
        if (reported is not { ConnectionId: > 0, SourceKey: { } key, Normalised: { } normalised })
        {
            return;
        }

        var receivedAt = reported.ReceivedAt.ToUnixTimeMilliseconds();
        _insert.Bind(1, position).Bind(2, reported.ConnectionId).Bind(3, key).Bind(4, receivedAt)
            .Bind(5, (long)reported.Type).Bind(6, messageId).Bind(7, normalised).Run();
        _touched[reported.ConnectionId] = Math.Max(_touched.GetValueOrDefault(reported.ConnectionId), receivedAt);
    }

    /// <summary>Notes when each connection of the batch last sent something.</summary>
    public void Touch()
    {
        foreach (var (connectionId, receivedAt) in _touched)
        {
            _touch.Bind(1, connectionId).Bind(2, receivedAt).Run();
        }
    }

    /// <summary>Starts a new batch.</summary>
    public void Discard() => _touched.Clear();
}
