using Microsoft.EntityFrameworkCore;
using ScoreTracking.Data;

namespace ScoreTracking.Engagement;

/// <summary>What engagement is worth: the first open of a message, the first click on each of its links, a reply; and how many days take half of that away.</summary>
public sealed record Scoring(double HalfLifeDays, double Open, double Click, double Reply)
{
    public const double ShortestHalfLife = 1;
    public const double LongestHalfLife = 3650;
    public const double HighestWeight = 1000;

    /// <summary>What is wrong with a half-life, to stand behind its field's name; null if nothing is.</summary>
    public static string? HalfLifeError(double days) => days is >= ShortestHalfLife and <= LongestHalfLife ? null : $"must be {ShortestHalfLife} to {LongestHalfLife} days";

    /// <summary>The same for a weight.</summary>
    public static string? WeightError(double weight) => weight is >= 0 and <= HighestWeight ? null : $"must be 0 to {HighestWeight}";

    /// <summary>Somebody must be able to have a score.</summary>
    public bool IsNothing => Open + Click + Reply == 0;

    /// <summary>What the ranks now stored are by: read it together with them.</summary>
    public static async Task<Scoring> InEffectAsync(ScoreDb db, CancellationToken cancellationToken) =>
        Of(await db.ScoreWeights.OrderByDescending(weights => weights.RankedAt > 0).ThenByDescending(weights => weights.Id).FirstAsync(cancellationToken));

    public static Scoring Of(ScoreWeights weights) => new(weights.HalfLifeDays, weights.Opened, weights.Clicked, weights.Replied);
}

/// <summary>How far ranking by new weights is.</summary>
public sealed record RankingProgress(long Processed, long Total);

/// <param name="Ranking">Null when every contact is ranked by these weights.</param>
public sealed record ScoringState(Scoring Wanted, RankingProgress? Ranking);
