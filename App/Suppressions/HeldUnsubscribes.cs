using System.Collections.Concurrent;

namespace ScoreTracking.Suppressions;

/// <summary>Addresses whose unsubscribe could not be stored yet: suppressed in memory from the moment of the request until the list has them.</summary>
public sealed class HeldUnsubscribes
{
    // An address may leave by several messages at once.
    private readonly ConcurrentDictionary<string, int> _addresses = new(StringComparer.OrdinalIgnoreCase);

    public bool Contains(string email) => !_addresses.IsEmpty && _addresses.ContainsKey(email);

    /// <summary>The reason as the list will have it; null for an address that is not held.</summary>
    public string? ReasonFor(string email) => Contains(email) ? SuppressionReason.Unsubscribed : null;

    public void Hold(string email) => _addresses.AddOrUpdate(email, 1, (_, count) => count + 1);

    public void Release(string email)
    {
        if (_addresses.AddOrUpdate(email, 0, (_, count) => count - 1) <= 0)
        {
            _addresses.TryRemove(new KeyValuePair<string, int>(email, 0));
        }
    }
}
