using Microsoft.EntityFrameworkCore;
using ScoreTracking.Data;
using ScoreTracking.Live;

namespace ScoreTracking.Settings;

/// <summary>When a campaign this server hands off pauses by itself.</summary>
/// <param name="ComplaintsPercent">Of the messages handed over; 0: never.</param>
/// <param name="ComplaintsAfter">Messages below which that percentage says nothing.</param>
/// <param name="HardBouncesPercent">Of the messages handed over, refused ones included; 0: never.</param>
/// <param name="HardBouncesAfter">Messages below which that percentage says nothing.</param>
public sealed record PauseRates(double ComplaintsPercent, int ComplaintsAfter, double HardBouncesPercent, int HardBouncesAfter)
{
    private const int MaxMessages = 1_000_000;

    /// <summary>Every fault by the field's name in the API; empty when it is fine.</summary>
    public Dictionary<string, string[]> Errors()
    {
        var errors = new Dictionary<string, string[]>();
        foreach (var (field, percent) in new[] { ("pause_complaints_percent", ComplaintsPercent), ("pause_hard_bounces_percent", HardBouncesPercent) })
        {
            if (percent is not (>= 0 and <= 100))
            {
                errors[field] = ["must be 0 to 100"];
            }
        }

        foreach (var (field, messages) in new[] { ("pause_complaints_after", ComplaintsAfter), ("pause_hard_bounces_after", HardBouncesAfter) })
        {
            if (messages is < 1 or > MaxMessages)
            {
                errors[field] = ["must be 1 to 1000000"];
            }
        }

        return errors;
    }
}

/// <summary>The limits at which a campaign pauses by itself, for all campaigns and from the next event on.</summary>
public sealed class PauseLimits(IDbContextFactory<ScoreDb> databases, LiveUpdates live)
{
    public static Task<PauseRates> ReadAsync(ScoreDb db, CancellationToken cancellationToken) =>
        db.Organization.Select(o => new PauseRates(o.PauseComplaints, o.PauseComplaintsAfter, o.PauseHardBounces, o.PauseHardBouncesAfter)).SingleAsync(cancellationToken);

    public async Task<PauseRates> ReadAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await ReadAsync(db, cancellationToken);
    }

    /// <summary>Sets the limits; the caller has checked them.</summary>
    public async Task ChangeAsync(PauseRates limits, CancellationToken cancellationToken)
    {
        await using (var db = await databases.CreateDbContextAsync(cancellationToken))
        {
            await db.Organization.ExecuteUpdateAsync(
                set => set
                    .SetProperty(o => o.PauseComplaints, limits.ComplaintsPercent)
                    .SetProperty(o => o.PauseComplaintsAfter, limits.ComplaintsAfter)
                    .SetProperty(o => o.PauseHardBounces, limits.HardBouncesPercent)
                    .SetProperty(o => o.PauseHardBouncesAfter, limits.HardBouncesAfter),
                cancellationToken);
        }

        live.Signal(LiveTopic.Settings);
    }
}
