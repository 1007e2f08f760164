using Microsoft.Data.Sqlite;
using ScoreTracking.Data;
using ScoreTracking.Delivery;
using ScoreTracking.Events;

namespace ScoreTracking.Messages;

/// <summary>
/// Forgets what single mails said, as soon as nobody can need it: once a mail has arrived or bounced for good, 72 hours after it was handed over, since
/// no soft bounce sends it again then, and seven days after it was given up, for somebody to try it again.
/// </summary>
internal sealed partial class MailContentPurge(SqliteFile file, TimeProvider time, ILogger<MailContentPurge> logger) : BackgroundService
{
    private static readonly TimeSpan s_every = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan s_givenUp = TimeSpan.FromDays(7);

    // With files a mail may have ten megabytes, each of which is overwritten: a short hold of the write lock.
    private const int Page = 20;

    private static readonly string s_purge = $"""
        DELETE FROM mail_contents WHERE message_id IN (
            SELECT w.message_id FROM mail_contents w JOIN message_state s ON s.message_id = w.message_id LEFT JOIN deliveries d ON d.message_id = w.message_id
            WHERE (d.state IN ({(int)DeliveryState.Failed}, {(int)DeliveryState.Withdrawn}) AND d.tried_at < ?1)
                OR (d.message_id IS NULL AND s.sent_at > 0 AND (s.sent_at <= ?2 OR s.bounce IN ({(int)BounceKind.Hard}, {(int)BounceKind.Block})
                    OR s.delivered_at + s.confirmed_at + s.clicked_at + s.complained_at + s.unsubscribed_at + s.replied_at > 0))
            LIMIT {Page})
        """;

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
                // A clock that jumped ahead must not take from anybody what may still be sent again.
                if (clock.IsSane)
                {
                    await Task.Run(Run, CancellationToken.None); // Short, and wanted however soon the end comes.
                }
            }
            catch (SqliteException exception)
            {
                LogRetry(logger, exception);
            }
        }
        while (await timer.WaitForNextTickAsync(CancellationToken.None)); // Disposed at the end, it says false.
    }

    /// <summary>Looks once.</summary>
    internal void Run()
    {
        var now = time.GetUtcNow();

        // Only the event writer checkpoints; what is deleted is overwritten.
        using var connection = new WriteConnection(file, "synchronous=NORMAL", "wal_autocheckpoint=0", "secure_delete=ON");
        using var purge = connection.Prepare(s_purge);
        do
        {
            purge.Bind(1, (now - s_givenUp).ToUnixTimeMilliseconds()).Bind(2, (now - RetrySchedule.GiveUpAfter).ToUnixTimeMilliseconds()).Run();
        }
        while (connection.Changes == Page);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "What single mails said could not be forgotten yet; it is tried again")]
    private static partial void LogRetry(ILogger logger, Exception exception);
}
