using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using ScoreTracking.Auth;
using ScoreTracking.Data;

namespace ScoreTracking.Reports.Shares;

/// <summary>Counts how often shared reports were opened, and writes it now and then: strangers' requests must not wait for the database's writer, nor keep it busy.</summary>
internal sealed partial class ShareViews(IDbContextFactory<ScoreDb> databases, IOptions<AuthOptions> options, TimeProvider clock, ILogger<ShareViews> log) : BackgroundService
{
    private readonly ConcurrentDictionary<long, Pending> _pending = new();

    public void Note(long shareId)
    {
        var now = clock.GetUtcNow().ToUnixTimeMilliseconds();
        _pending.AddOrUpdate(shareId, _ => new Pending(1, now), (_, pending) => new Pending(pending.Views + 1, now));
    }

    /// <summary>Adds what is not written yet.</summary>
    public void Complete(Share share)
    {
        if (_pending.TryGetValue(share.Id, out var pending))
        {
            share.Views += pending.Views;
            share.LastViewedAt = Math.Max(share.LastViewedAt, pending.LastAt);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.LastUsedInterval);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                await WriteAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException)
        {
            await WriteAsync(CancellationToken.None); // Stopping waits for this: the last minute's views.
        }
    }

    private async Task WriteAsync(CancellationToken cancellationToken)
    {
        foreach (var id in _pending.Keys)
        {
            if (!_pending.TryRemove(id, out var pending))
            {
                continue;
            }

            try
            {
                await using var db = await databases.CreateDbContextAsync(cancellationToken);
                await db.Shares.Where(share => share.Id == id).ExecuteUpdateAsync(
                    set => set.SetProperty(share => share.Views, share => share.Views + pending.Views).SetProperty(share => share.LastViewedAt, pending.LastAt), cancellationToken);
            }
            catch (Exception exception) when (exception is SqliteException or OperationCanceledException)
            {
                _pending.AddOrUpdate(id, _ => pending, (_, later) => new Pending(later.Views + pending.Views, later.LastAt));
                if (exception is OperationCanceledException)
                {
                    throw;
                }

                NotWritten(exception);
                return;
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "How often shared reports were opened could not be written; tried again later")]
    private partial void NotWritten(Exception exception);

    private sealed record Pending(long Views, long LastAt);
}
