using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using ScoreTracking.Data;
using ScoreTracking.Events;

namespace ScoreTracking.Ingest;

/// <summary>A message deferred for 72 hours without delivery or bounce counts as blocked, once. A delivery that still arrives takes it back.</summary>
internal sealed partial class DeferralRule(
    IDbContextFactory<ScoreDb> databases, EventIntake intake, TimeProvider time, IOptions<IngestOptions> options, ILogger<DeferralRule> logger) : BackgroundService
{
    private const int Page = 1_000;

    private static readonly TimeSpan s_every = TimeSpan.FromMinutes(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var clock = new ClockGuard(time);
        using var timer = new PeriodicTimer(s_every);

        // Not every host is stopped before it is disposed of: one whose start failed is not, and an end is no failure.
        using var end = stoppingToken.Register(timer.Dispose);
        do
        {
            try
            {
                if (clock.IsSane)
                {
                    await RunAsync(stoppingToken);
                }
            }
            catch (Exception exception) when (exception is EventNotStoredException or Microsoft.Data.Sqlite.SqliteException)
            {
                LogRetry(logger, exception);
            }
        }
        while (await timer.WaitForNextTickAsync(CancellationToken.None)); // Disposed at the end, it says false.
    }

    /// <summary>Looks once.</summary>
    internal async Task RunAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var before = (now - options.Value.DeferralLimit).ToUnixTimeMilliseconds();
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var overdue = await db.MessageStates.Where(state => state.Status == MessageStatus.Deferred && state.DeferredAt <= before && !state.Erased

                // What waits in our own queue is tried until it is given up there, at the same time and as a soft bounce.
                && !db.Deliveries.Any(delivery => delivery.MessageId == state.MessageId && delivery.State == DeliveryState.Waiting))
            .OrderBy(state => state.DeferredAt).Take(Page).Select(state => new { state.MessageId, state.DeferredAt }).ToListAsync(cancellationToken);
        await intake.StoreAsync(
            [.. overdue.Select(message => new EmailEvent
            {
                Type = EventType.Bounced,
                Source = EventSource.Rule,
                Bounce = BounceKind.Block,
                Reason = string.Create(CultureInfo.InvariantCulture, $"deferred > {options.Value.DeferralLimit.TotalHours:0} h"),
                MessageId = message.MessageId,
                OccurredAt = DateTimeOffset.FromUnixTimeMilliseconds(message.DeferredAt) + options.Value.DeferralLimit,
                ReceivedAt = now,
                SourceKey = string.Create(CultureInfo.InvariantCulture, $"deferral:{message.MessageId}"),
            })],
            Lane.Report,
            cancellationToken);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Overdue deferrals could not be stored and will be tried again")]
    private static partial void LogRetry(ILogger logger, Exception exception);
}
