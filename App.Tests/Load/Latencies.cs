using System.Diagnostics;
using System.Numerics;

namespace ScoreTracking.Tests.Load;

/// <summary>How long answers took, in buckets 3 % wide: constant memory and a few nanoseconds per answer.</summary>
public sealed class Latencies
{
    private const int StepBits = 5;
    private const int Steps = 1 << StepBits;

    private readonly long[] _buckets = new long[64 * Steps];
    private long _count;

    /// <param name="ticks">Of <see cref="Stopwatch"/>.</param>
    public void Add(long ticks)
    {
        var value = (ulong)Math.Max(ticks, Steps);
        var shift = BitOperations.Log2(value) - StepBits;
        _buckets[(shift << StepBits) + (int)(value >> shift) - Steps]++;
        _count++;
    }

    /// <summary>The latency that this share of the answers did not exceed, in milliseconds.</summary>
    public double Quantile(double share)
    {
        var rank = (long)Math.Ceiling(_count * share);
        for (var bucket = 0; bucket < _buckets.Length; bucket++)
        {
            rank -= _buckets[bucket];
            if (rank <= 0)
            {
                return ((long)(Steps + (bucket & (Steps - 1))) << (bucket >> StepBits)) * 1000.0 / Stopwatch.Frequency;
            }
        }

        return 0;
    }
}
