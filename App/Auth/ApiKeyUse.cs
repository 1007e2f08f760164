using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using ScoreTracking.Data;

namespace ScoreTracking.Auth;

/// <summary>Notes when keys were last used, and writes it now and then: no request waits for it.</summary>
internal sealed partial class ApiKeyUse(IDbContextFactory<ScoreDb> factory, IOptions<AuthOptions> options, TimeProvider clock, ILogger<ApiKeyUse> log) : BackgroundService
{
    private readonly ConcurrentDictionary<long, long> _usedAt = new();

    public void Note(long apiKeyId) => _usedAt[apiKeyId] = clock.GetUtcNow().ToUnixTimeMilliseconds();

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
            await WriteAsync(CancellationToken.None); // Stopping waits for this: the last minute's uses.
        }
    }

    private async Task WriteAsync(CancellationToken cancellationToken)
    {
        foreach (var (id, usedAt) in _usedAt.ToArray())
        {
            try
            {
                await using var db = await factory.CreateDbContextAsync(cancellationToken);
                await db.ApiKeys.Where(key => key.Id == id && key.LastUsedAt < usedAt)
                    .ExecuteUpdateAsync(update => update.SetProperty(key => key.LastUsedAt, usedAt), cancellationToken);
                _usedAt.TryRemove(KeyValuePair.Create(id, usedAt));
            }
            catch (SqliteException exception)
            {
                NotWritten(exception);
                return;
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "When API keys were last used could not be written; tried again later")]
    private partial void NotWritten(Exception exception);
}
