using System.Threading.Channels;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using ScoreTracking.Data;
using ScoreTracking.Live;

namespace ScoreTracking.Suppressions;

/// <summary>How the limit of soft bounces stands.</summary>
/// <param name="Settled">Whether every streak has been looked at by it.</param>
public sealed record SoftBounceSetting(int Limit, bool Settled);

/// <summary>
/// After how many soft bounces in a row an address is suppressed. A new limit holds for every event from then on at once,
/// and in the background for the streaks there are: lower, it suppresses more of them; higher, it takes those off the list
/// that have not reached it.
/// </summary>
public sealed partial class SoftBounceLimit(
    SuppressionList list, IDbContextFactory<ScoreDb> databases, LiveUpdates live, ILogger<SoftBounceLimit> logger) : BackgroundService
{
    // The write lock is shared with the event writer.
    private const int Page = 200;

    private static readonly TimeSpan s_beforeRetry = TimeSpan.FromSeconds(1);

    private readonly Channel<bool> _changed = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>What is wrong with a limit, to stand behind its field's name; null if nothing is.</summary>
    public static string? Error(int limit) =>
        limit is < SoftBounceStreak.MinLimit or > SoftBounceStreak.MaxLimit ? $"must be {SoftBounceStreak.MinLimit} to {SoftBounceStreak.MaxLimit}" : null;

    public async Task<SoftBounceSetting> ReadAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await ReadAsync(db, cancellationToken);
    }

    public static Task<SoftBounceSetting> ReadAsync(ScoreDb db, CancellationToken cancellationToken) =>
        db.Organization.Select(organization => new SoftBounceSetting(
            organization.SoftBounceLimit, organization.SoftBounceLimit == organization.SettledSoftBounceLimit)).SingleAsync(cancellationToken);

    /// <summary>Sets the limit; the caller has checked it.</summary>
    public async Task ChangeAsync(int limit, CancellationToken cancellationToken)
    {
        await using (var db = await databases.CreateDbContextAsync(cancellationToken))
        {
            await db.Organization.ExecuteUpdateAsync(set => set.SetProperty(organization => organization.SoftBounceLimit, limit), cancellationToken);
        }

        live.Signal(LiveTopic.Settings);
        _changed.Writer.TryWrite(true);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // The start of the server does not wait for what a stop left unfinished.
        await Task.Yield();
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await SettleAsync(stoppingToken);
                await _changed.Reader.ReadAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception) when (exception is SqliteException or DbUpdateException)
            {
                LogRetried(exception);
                await Task.Delay(s_beforeRetry, stoppingToken);
            }
        }
    }

    private async Task SettleAsync(CancellationToken cancellationToken)
    {
        while (await ReadAsync(cancellationToken) is { Settled: false, Limit: var limit })
        {
            using var connection = list.Open();
            var streaks = new StreakRows(connection, new SuppressionRows(connection));
            var page = connection.Prepare("SELECT contact_id FROM contact_state WHERE soft_bounced = 1 AND contact_id > ?1 ORDER BY contact_id LIMIT ?2");
            var settled = connection.Prepare("UPDATE organization SET settled_soft_bounce_limit = ?1 WHERE soft_bounce_limit = ?1");
            var after = 0L;
            while (NextPage(page, after) is { Count: > 0 } contacts)
            {
                cancellationToken.ThrowIfCancellationRequested();
                connection.Begin();
                try
                {
                    contacts.ForEach(contactId => streaks.Settle(contactId, limit));
                    connection.Commit();
                }
                catch
                {
                    connection.Rollback();
                    throw;
                }

                after = contacts[^1];
            }

            // Changed again meanwhile: once more.
            settled.Bind(1, limit).Run();
            live.Signal([LiveTopic.Settings, LiveTopic.Suppressions, LiveTopic.Contacts]);
        }
    }

    private static List<long> NextPage(Statement page, long after)
    {
        var contacts = new List<long>();
        page.Bind(1, after).Bind(2, Page);
        while (page.Step())
        {
            contacts.Add(page.Number(0));
        }

        page.Reset();
        return contacts;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Streaks of soft bounces could not be looked at by the new limit and will be tried again")]
    private partial void LogRetried(Exception exception);
}
