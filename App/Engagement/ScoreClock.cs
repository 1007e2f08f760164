using ScoreTracking.Data;

namespace ScoreTracking.Engagement;

/// <summary>Turns ranks into scores of one moment, and back.</summary>
/// <param name="Weights">What the ranks are by.</param>
public sealed record ScoreClock(DateTimeOffset Now, ScoreWeights Weights)
{
    // What holds before the first ranks are made: there is nothing to turn yet.
    private static readonly ScoreWeights s_none = new() { HalfLifeDays = 30 };

    /// <param name="halfLife">In days; null before the first ranks are made.</param>
    public static ScoreClock Of(DateTimeOffset now, double? halfLife) => new(now, halfLife is { } days ? new ScoreWeights { HalfLifeDays = days } : s_none);

    public static async Task<ScoreClock> ReadAsync(ScoreDb db, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var weights = s_none;
        await Sql.ReadAsync(
            db,
            "SELECT id, half_life_days, opened, clicked, replied FROM score_weights WHERE ranked_at > 0 ORDER BY id DESC LIMIT 1",
            [],
            row => weights = new ScoreWeights { Id = row.GetInt64(0), HalfLifeDays = row.GetDouble(1), Opened = row.GetDouble(2), Clicked = row.GetDouble(3), Replied = row.GetDouble(4) },
            cancellationToken);
        return new ScoreClock(now, weights);
    }

    /// <summary>0 to 100.</summary>
    public double Shown(double? rank) => EngagementScore.ShownAt(rank, Now, Weights.HalfLifeDays);

    /// <summary>The lowest rank that shows as at least this.</summary>
    public double RankFor(double shown) => EngagementScore.RankForShown(shown, Now, Weights.HalfLifeDays);
}
