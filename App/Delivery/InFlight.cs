using System.Collections.Concurrent;

namespace ScoreTracking.Delivery;

/// <summary>Messages taken from the queue whose row there does not say yet what became of them: nobody takes them a second time.</summary>
internal sealed class InFlight
{
    private readonly ConcurrentDictionary<long, byte> _messages = new();

    public int Count => _messages.Count;

    /// <returns>False where somebody has it already.</returns>
    public bool Take(long messageId) => _messages.TryAdd(messageId, 0);

    public bool Has(long messageId) => _messages.ContainsKey(messageId);

    /// <summary>Its row says all there is to say, or it goes back to the queue as it was.</summary>
    public void Release(long messageId) => _messages.TryRemove(messageId, out _);
}
