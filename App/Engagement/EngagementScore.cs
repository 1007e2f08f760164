using ScoreTracking.Data;

namespace ScoreTracking.Engagement;

/// <summary>
/// How engaged a person is: opens, clicks and replies by weight, each worth half after a half-life. What is stored is the rank,
/// <c>log2(Σ weight · 2^(t / half-life))</c> with t in days since <see cref="Epoch"/>: it changes only when something happens,
/// and sorting by it is sorting by the score at any time. Half-lives are in days.
/// </summary>
public static class EngagementScore
{
    private const double MillisecondsPerDay = 24 * 60 * 60 * 1000;

    // Half of the last digit shown.
    private const double HalfStep = 0.05;

    private static readonly long s_epoch = Epoch.ToUnixTimeMilliseconds();

    /// <summary>Day 0 of every rank; part of what is stored, so it never changes.</summary>
    public static DateTimeOffset Epoch => new(2025, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>The rank with one more event in it. Any order gives the same up to rounding; folded by <see cref="EngagingEvent.InTime"/> it is the same to the last bit.</summary>
    /// <param name="rank">Null without events.</param>
    /// <param name="weight">0 changes nothing.</param>
    /// <param name="at">Unix milliseconds.</param>
    public static double? Fold(double? rank, double weight, long at, double halfLife)
    {
        if (weight <= 0)
        {
            return rank;
        }

        var added = Math.Log2(weight) + ((at - s_epoch) / MillisecondsPerDay / halfLife);
        return rank is { } before ? Math.Max(before, added) + Math.Log2(1 + Math.Pow(2, -Math.Abs(before - added))) : added;
    }

    /// <summary>The score at a time; 0 without events. One open is worth 1 when it happens.</summary>
    public static double ScoreAt(double? rank, DateTimeOffset now, double halfLife) => rank is { } known ? Math.Pow(2, known - Now(now, halfLife)) : 0;

    /// <summary>A score as people see it: 0 to 100 with one decimal.</summary>
    public static double Shown(double score) => Math.Round(100 * (1 - Math.Pow(2, -score / 10)), 1, MidpointRounding.AwayFromZero);

    /// <summary>What a contact's rank shows as at a time, 0 to 100.</summary>
    public static double ShownAt(double? rank, DateTimeOffset now, double halfLife) => Shown(ScoreAt(rank, now, halfLife));

    /// <summary>The lowest rank that has at least this score at a time.</summary>
    public static double RankFor(double score, DateTimeOffset now, double halfLife) => Math.Log2(score) + Now(now, halfLife);

    /// <summary>The lowest rank that shows as at least this, 0 to 100, at a time; negative infinity where any does.</summary>
    public static double RankForShown(double shown, DateTimeOffset now, double halfLife) =>
        shown <= HalfStep ? double.NegativeInfinity : RankFor(-10 * Math.Log2(1 - ((shown - HalfStep) / 100)), now, halfLife);

    /// <summary>The rank of everything a person did, and the time of the last of it; null and 0 of nothing.</summary>
    /// <param name="done">Sorted here.</param>
    public static (double? Rank, long At) Of(List<EngagingEvent> done, ScoreWeights weights)
    {
        done.Sort(EngagingEvent.InTime);
        var (rank, at) = ((double?)null, 0L);
        foreach (var engaging in done)
        {
            (rank, at) = (Fold(rank, engaging.Weight(weights), engaging.At, weights.HalfLifeDays), engaging.At);
        }

        return (rank, at);
    }

    private static double Now(DateTimeOffset now, double halfLife) => (now.ToUnixTimeMilliseconds() - s_epoch) / MillisecondsPerDay / halfLife;
}
