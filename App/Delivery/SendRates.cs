using System.Collections.Concurrent;
using ScoreTracking.Live;

namespace ScoreTracking.Delivery;

/// <summary>Messages handed over in the last ten seconds, by campaign and by connection: in memory only.</summary>
internal sealed class SendRates(TimeProvider time)
{
    private const int Seconds = 10;

    private readonly ConcurrentDictionary<LiveTopic, Ring> _rings = new();
    private readonly long _started = time.GetTimestamp();

    private long Now => (long)time.GetElapsedTime(_started).TotalSeconds;

    public void Count(LiveTopic of, int messages) => _rings.GetOrAdd(of, _ => new Ring()).Add(Now, messages);

    /// <summary>Messages a second.</summary>
    public double Of(LiveTopic of) => _rings.TryGetValue(of, out var ring) ? ring.Sum(Now) / (double)Seconds : 0;

    /// <summary>Whose rate is not 0, or has just become 0: it changes though nothing happens.</summary>
    public IReadOnlyList<LiveTopic> Moving()
    {
        var now = Now;
        return [.. _rings.Where(ring => ring.Value.Last >= now - Seconds - 3).Select(ring => ring.Key)];
    }

    private sealed class Ring
    {
        private readonly long[] _counts = new long[Seconds];
        private long _last;

        /// <summary>The second something was last counted in.</summary>
        public long Last { get; private set; } = long.MinValue / 2;

        public void Add(long now, int messages)
        {
            lock (_counts)
            {
                Forget(now);
                _counts[now % Seconds] += messages;
                Last = messages > 0 ? now : Last;
            }
        }

        public long Sum(long now)
        {
            lock (_counts)
            {
                Forget(now);
                return _counts.Sum();
            }
        }

        private void Forget(long now)
        {
            for (var second = Math.Max(_last + 1, now - Seconds + 1); second <= now; second++)
            {
                _counts[second % Seconds] = 0;
            }

            _last = Math.Max(_last, now);
        }
    }
}
