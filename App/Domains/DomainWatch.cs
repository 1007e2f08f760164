using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using ScoreTracking.Data;

namespace ScoreTracking.Domains;

/// <summary>Looks every sending domain over from time to time: records vanish when somebody moves a zone, and keys that wait begin to sign.</summary>
internal sealed partial class DomainWatch(DomainChecks checks, IDbContextFactory<ScoreDb> databases, IOptions<DnsOptions> options, TimeProvider time, ILogger<DomainWatch> logger) : BackgroundService
{
    private const int WaitingOftener = 100;

    private static readonly TimeSpan s_rest = TimeSpan.FromMinutes(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(s_rest, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                await LookAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException)
        {
            // Stopping.
        }
    }

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        try
        {
            foreach (var id in await DueAsync(cancellationToken))
            {
                await checks.RunAsync(id, cancellationToken);
            }
        }
        catch (System.Data.Common.DbException exception)
        {
            LogRetry(exception);
        }
    }

    internal async Task<IReadOnlyList<long>> DueAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var (old, oldWaiting) = ((now - options.Value.CheckEvery).ToUnixTimeMilliseconds(), (now - (options.Value.CheckEvery / WaitingOftener)).ToUnixTimeMilliseconds());
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.SendingDomains
            .Where(d => d.CheckedAt <= old || (d.CheckedAt <= oldWaiting && db.DkimKeys.Any(k => k.DomainId == d.Id && k.Status == DkimKeyStatus.Waiting)))
            .OrderBy(d => d.CheckedAt)
            .Select(d => d.Id)
            .ToListAsync(cancellationToken);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Sending domains could not be checked: the database is busy. It is tried again in a minute")]
    private partial void LogRetry(Exception exception);
}
