using Microsoft.EntityFrameworkCore;
using ScoreTracking.Data;
using ScoreTracking.Live;

namespace ScoreTracking.Delivery;

/// <summary>Whether anything at all may be handed off: not in a restored copy until an administrator agrees, and not on the word of a clock that jumped.</summary>
public sealed class SendingHold(IDbContextFactory<ScoreDb> databases, LiveUpdates live, TimeProvider time)
{
    /// <summary>What is said of a clock that jumped.</summary>
    public const string ClockJumped = "The clock of this server was moved by more than five minutes. Nothing is sent until it is right again or somebody confirms it.";

    private ClockGuard _clock = new(time);
    private string _held = "";

    /// <summary>Why nothing may leave now, as a sentence; null where it may.</summary>
    public string? Because => _held.Length > 0 ? _held : _clock.IsSane ? null : ClockJumped;

    /// <summary>Agrees that mail leaves again, and takes the clock for right as it is.</summary>
    /// <returns>False where nothing was held.</returns>
    public async Task<bool> ReleaseAsync(CancellationToken cancellationToken)
    {
        if (Because is null)
        {
            return false;
        }

        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await db.Organization.ExecuteUpdateAsync(set => set.SetProperty(organization => organization.SendingHeld, ""), cancellationToken);
        _held = "";
        _clock = new ClockGuard(time);
        live.Signal([LiveTopic.Settings]);
        return true;
    }

    /// <summary>Reads what the database says; before anything is sent.</summary>
    internal async Task ReadAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        _held = await db.Organization.Select(organization => organization.SendingHeld).SingleAsync(cancellationToken);
    }
}
