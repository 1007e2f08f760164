using System.Collections.Concurrent;
using ScoreTracking.Live;

namespace ScoreTracking.Connections;

/// <summary>A request that was refused, or an event of it that could not be read.</summary>
public sealed record RejectedWebhook(DateTimeOffset At, string Reason, string Peer);

/// <summary>The last hundred refusals of each connection, in memory: what anybody on the internet can cause must not fill a database.</summary>
public sealed class RejectedWebhooks(LiveUpdates live, TimeProvider time)
{
    public const int Kept = 100;

    private readonly ConcurrentDictionary<long, Queue<RejectedWebhook>> _rejected = new();

    public void Add(long connectionId, string reason, string peer)
    {
        var queue = _rejected.GetOrAdd(connectionId, _ => new Queue<RejectedWebhook>(Kept));
        lock (queue)
        {
            if (queue.Count == Kept)
            {
                queue.Dequeue();
            }

            queue.Enqueue(new RejectedWebhook(time.GetUtcNow(), reason, peer));
        }

        live.Signal([LiveTopic.Connection(connectionId), LiveTopic.Connections]);
    }

    /// <summary>Newest first.</summary>
    public IReadOnlyList<RejectedWebhook> Of(long connectionId)
    {
        if (!_rejected.TryGetValue(connectionId, out var queue))
        {
            return [];
        }

        lock (queue)
        {
            return [.. queue.Reverse()];
        }
    }
}
