using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Options;

namespace ScoreTracking.Auth;

/// <summary>
/// Slows guessing without locking anyone out: a few attempts per minute from one address, and after ten in fifteen minutes
/// on one account a pause that doubles up to a minute. Measured on the monotonic clock; forgotten on restart.
/// </summary>
internal sealed class SignInThrottle(TimeProvider clock, IOptions<AuthOptions> options)
{
    private const int FreeAttempts = 10;
    private const int MaxKeys = 50_000;
    private static readonly TimeSpan AddressWindow = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan AccountWindow = TimeSpan.FromMinutes(15);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, List<long>> _attempts = new(StringComparer.Ordinal);

    /// <summary>Registers an attempt, or says how long to wait instead. Refused attempts do not count, so that waiting always ends.</summary>
    public TimeSpan? Enter(IPAddress? peer, string account)
    {
        var address = AddressKey(peer);
        account = "account " + account;
        lock (_lock)
        {
            var now = clock.GetTimestamp();
            var wait = AddressWait(address, now) ?? AccountWait(account, now);
            if (wait is null)
            {
                Add(address, options.Value.SignInsPerMinute, now);
                // Seven more than are free double the pause beyond its limit.
                Add(account, FreeAttempts + 7, now);
            }

            return wait;
        }
    }

    /// <summary>The attempts so far were the owner's own.</summary>
    public void Succeeded(string account)
    {
        lock (_lock)
        {
            _attempts.Remove("account " + account);
        }
    }

    private TimeSpan? AddressWait(string key, long now)
    {
        var attempts = Recent(key, AddressWindow, now);
        return attempts.Count < options.Value.SignInsPerMinute ? null : AddressWindow - clock.GetElapsedTime(attempts[^options.Value.SignInsPerMinute], now);
    }

    private TimeSpan? AccountWait(string key, long now)
    {
        var attempts = Recent(key, AccountWindow, now);
        if (attempts.Count < FreeAttempts)
        {
            return null;
        }

        var pause = TimeSpan.FromSeconds(Math.Min(LongestPause.TotalSeconds, 1 << (attempts.Count - FreeAttempts)));
        var rest = pause - clock.GetElapsedTime(attempts[^1], now);
        return rest > TimeSpan.Zero ? rest : null;
    }

    private List<long> Recent(string key, TimeSpan window, long now)
    {
        if (!_attempts.TryGetValue(key, out var attempts))
        {
            return [];
        }

        attempts.RemoveAll(at => clock.GetElapsedTime(at, now) >= window);
        return attempts;
    }

    private void Add(string key, int keep, long now)
    {
        if (!_attempts.TryGetValue(key, out var attempts))
        {
            MakeRoom(now);
            _attempts[key] = attempts = [];
        }

        attempts.Add(now);
        if (attempts.Count > keep)
        {
            attempts.RemoveAt(0);
        }
    }

    // Addresses and accounts are a stranger's to choose, so their number is bounded: what is over goes first, then the oldest half.
    private void MakeRoom(long now)
    {
        if (_attempts.Count < MaxKeys)
        {
            return;
        }

        foreach (var (key, _) in _attempts.Where(entry => entry.Value.Count == 0 || clock.GetElapsedTime(entry.Value[^1], now) >= AccountWindow).ToList())
        {
            _attempts.Remove(key);
        }

        if (_attempts.Count >= MaxKeys)
        {
            foreach (var (key, _) in _attempts.OrderBy(entry => entry.Value.Count == 0 ? 0 : entry.Value[^1]).Take(MaxKeys / 2).ToList())
            {
                _attempts.Remove(key);
            }
        }
    }

    // Whoever has one IPv6 address has a whole /64.
    private static string AddressKey(IPAddress? peer)
    {
        if (peer is null)
        {
            return "none";
        }

        peer = peer.IsIPv4MappedToIPv6 ? peer.MapToIPv4() : peer;
        return peer.AddressFamily == AddressFamily.InterNetworkV6 ? Convert.ToHexString(peer.GetAddressBytes().AsSpan(0, 8)) : peer.ToString();
    }
}
