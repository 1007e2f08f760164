using Microsoft.EntityFrameworkCore;
using ScoreTracking.Data;
using ScoreTracking.Delivery;
using ScoreTracking.Ingest;
using ScoreTracking.Live;

namespace ScoreTracking.Campaigns;

/// <summary>
/// Starts campaigns at their time. One that is more than an hour late waits for a person's word instead: what was urgent yesterday may
/// be wrong today. While the clock is not to be trusted, or all mail is held back, nothing starts.
/// </summary>
internal sealed partial class ScheduledStarts(
    IDbContextFactory<ScoreDb> databases, CampaignStart starts, CampaignControl control, SendQueue queue, LiveUpdates live, TimeProvider clock, ILogger<ScheduledStarts> logger) : BackgroundService
{
    /// <summary>How late a start may be without asking.</summary>
    public static readonly TimeSpan MaxDelay = TimeSpan.FromHours(1);

    internal const string Late = "Its time was more than an hour ago: this server was not running then, or held all mail back.";

    private static readonly TimeSpan s_every = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_again = TimeSpan.FromSeconds(30);

    // When there is something to do, in Unix milliseconds.
    private long _next;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var guard = new ClockGuard(clock);
        using var timer = new PeriodicTimer(s_every);

        // Not every host is stopped before it is disposed of: one whose start failed is not, and an end is no failure.
        using var end = stoppingToken.Register(timer.Dispose);
        control.Rescheduled += LookAgain;
        try
        {
            var cleared = false;
            do
            {
                try
                {
                    cleared = cleared || await ClearAsync(stoppingToken);
                    await LookAsync(guard, stoppingToken);
                }
                catch (Exception exception) when (exception is Microsoft.Data.Sqlite.SqliteException or DbUpdateException)
                {
                    LogRetry(exception);
                    LookAgain();
                }
            }
            while (await timer.WaitForNextTickAsync(CancellationToken.None)); // Disposed at the end, it says false.
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // A start that the end interrupts is made anew.
        }
        finally
        {
            control.Rescheduled -= LookAgain;
        }
    }

    /// <summary>Looks if there is something to do and the clock is to be trusted.</summary>
    internal async Task LookAsync(ClockGuard guard, CancellationToken cancellationToken)
    {
        if (guard.IsSane && clock.GetUtcNow().ToUnixTimeMilliseconds() >= Volatile.Read(ref _next))
        {
            // Before it looks: what is rescheduled meanwhile makes it look again.
            Volatile.Write(ref _next, long.MaxValue);
            var next = await RunAsync(cancellationToken);
            Interlocked.CompareExchange(ref _next, next, long.MaxValue);
        }
    }

    /// <summary>Looks once.</summary>
    /// <returns>When to look again, in Unix milliseconds.</returns>
    internal async Task<long> RunAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var waiting = await db.Campaigns.Where(c => c.Status == CampaignStatus.Scheduled && c.HeldBecause == "").OrderBy(c => c.ScheduledAt)
            .Select(c => new { c.Id, c.ScheduledAt }).ToListAsync(cancellationToken);
        if (waiting.Count > 0 && await db.Organization.AnyAsync(o => o.SendingHeld != "", cancellationToken))
        {
            return (clock.GetUtcNow() + s_again).ToUnixTimeMilliseconds();
        }

        foreach (var campaign in waiting)
        {
            // Read anew for each: the start of a large one takes a while.
            var now = clock.GetUtcNow().ToUnixTimeMilliseconds();
            if (campaign.ScheduledAt > now)
            {
                return campaign.ScheduledAt;
            }

            if (now - campaign.ScheduledAt > MaxDelay.TotalMilliseconds)
            {
                await HoldAsync(db, campaign.Id, campaign.ScheduledAt, Late, cancellationToken);
            }
            else if (await starts.RunAsync(campaign.Id, campaign.ScheduledAt, cancellationToken) is { } refused)
            {
                await HoldAsync(db, campaign.Id, campaign.ScheduledAt, $"It could not start: {refused.Words}", cancellationToken);
            }
        }

        return long.MaxValue;
    }

    private void LookAgain() => Volatile.Write(ref _next, 0);

    private async Task HoldAsync(ScoreDb db, long id, long scheduledAt, string because, CancellationToken cancellationToken)
    {
        await db.Campaigns.Where(c => c.Id == id && c.Status == CampaignStatus.Scheduled && c.ScheduledAt == scheduledAt)
            .ExecuteUpdateAsync(set => set.SetProperty(c => c.HeldBecause, because), cancellationToken);
        LogHeld(id);
        live.Signal([LiveTopic.Campaign(id), LiveTopic.Campaigns]);
    }

    // A crash between the two halves of a cancellation leaves mail that waits for nothing.
    private async Task<bool> ClearAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var left = await db.Campaigns.Where(c => c.Status == CampaignStatus.Cancelled && db.Deliveries.Any(d => d.CampaignId == c.Id && d.State == DeliveryState.Waiting))
            .Select(c => c.Id).ToListAsync(cancellationToken);
        foreach (var id in left)
        {
            await queue.WithdrawAsync(id, CampaignControl.Cancelled, cancellationToken);
        }

        return true;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Scheduled campaign {CampaignId} did not start at its time and waits for a person's word")]
    private partial void LogHeld(long campaignId);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Scheduled starts could not be looked at and will be tried again")]
    private partial void LogRetry(Exception exception);
}
