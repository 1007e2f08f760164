using Microsoft.EntityFrameworkCore;
using ScoreTracking.Data;
using ScoreTracking.Live;

namespace ScoreTracking.Engagement;

/// <summary>The weights and the half-life the organization wants. A change starts ranking everybody again in the background; until that is done scores go by the weights before. Wakes <see cref="LiveTopic.Scores"/>.</summary>
public sealed class EngagementSettings(IDbContextFactory<ScoreDb> databases, EngagementRebuild rebuild, LiveUpdates updates)
{
    public async Task<ScoringState> ReadAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await ReadAsync(db, cancellationToken);
    }

    public static async Task<ScoringState> ReadAsync(ScoreDb db, CancellationToken cancellationToken)
    {
        var newest = await NewestAsync(db, cancellationToken);
        return new ScoringState(Scoring.Of(newest), newest.RankedAt == 0 ? new RankingProgress(newest.Processed, newest.Total) : null);
    }

    /// <summary>The caller has checked it.</summary>
    public async Task ChangeAsync(Scoring wanted, CancellationToken cancellationToken)
    {
        await using (var db = await databases.CreateDbContextAsync(cancellationToken))
        {
            await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
            if (Scoring.Of(await NewestAsync(db, cancellationToken)) == wanted)
            {
                return;
            }

            // Weights on their way are overtaken; back to those in effect there is nothing to do.
            await db.ScoreWeights.Where(weights => weights.RankedAt == 0).ExecuteDeleteAsync(cancellationToken);
            if (!await db.ScoreWeights.AnyAsync(cancellationToken) || Scoring.Of(await NewestAsync(db, cancellationToken)) != wanted)
            {
                db.ScoreWeights.Add(new ScoreWeights { HalfLifeDays = wanted.HalfLifeDays, Opened = wanted.Open, Clicked = wanted.Click, Replied = wanted.Reply });
                await db.SaveChangesAsync(cancellationToken);
            }

            await transaction.CommitAsync(cancellationToken);
        }

        rebuild.Wake();
        updates.Signal(LiveTopic.Scores);
    }

    private static Task<ScoreWeights> NewestAsync(ScoreDb db, CancellationToken cancellationToken) =>
        db.ScoreWeights.OrderByDescending(weights => weights.Id).FirstAsync(cancellationToken);
}
