namespace ScoreTracking.Campaigns;

/// <summary>One change of a campaign at a time: a start deals recipients in many short transactions, and nobody may edit the content in between.</summary>
public sealed class CampaignLocks : IDisposable
{
    // Two campaigns may share a lock; that only makes one wait for the other.
    private readonly SemaphoreSlim[] _locks = [.. Enumerable.Range(0, 64).Select(_ => new SemaphoreSlim(1))];

    /// <summary>Waits for the campaign's lock and holds it until disposed.</summary>
    internal async Task<IDisposable> HoldAsync(long campaignId, CancellationToken cancellationToken)
    {
        var gate = _locks[campaignId % _locks.Length];
        await gate.WaitAsync(cancellationToken);
        return new Held(gate);
    }

    public void Dispose()
    {
        foreach (var gate in _locks)
        {
            gate.Dispose();
        }
    }

    private sealed class Held(SemaphoreSlim gate) : IDisposable
    {
        public void Dispose() => gate.Release();
    }
}
