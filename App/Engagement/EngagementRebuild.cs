using System.Diagnostics;
using System.Threading.Channels;
using Microsoft.Data.Sqlite;
using ScoreTracking.Data;
using ScoreTracking.Live;

namespace ScoreTracking.Engagement;

/// <summary>Ranks everybody again when the weights were changed, or when an older release has left a log without ranks. In short steps with pauses as long, so that events go on being stored.</summary>
public sealed partial class EngagementRebuild(SqliteFile main, LiveUpdates updates, TimeProvider time, ILogger<EngagementRebuild> logger) : BackgroundService
{
    private static readonly TimeSpan s_longestStep = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan s_beforeRetry = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_signalEvery = TimeSpan.FromMilliseconds(250);

    private readonly Channel<bool> _wanted = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>Looks whether there is something to do.</summary>
    public void Wake() => _wanted.Writer.TryWrite(true);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // The start of the server does not wait for it.
        await Task.Yield();
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await RunAsync(stoppingToken);
                await _wanted.Reader.ReadAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (SqliteException exception)
            {
                LogRetried(exception);
                await Task.Delay(s_beforeRetry, stoppingToken);
            }
        }
    }

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        using var ranking = new Ranking(new WriteConnection(main, "synchronous=NORMAL", "wal_autocheckpoint=0", "temp_store=MEMORY", "cache_size=-64000"));
        var (begun, signalled) = (Stopwatch.GetTimestamp(), 0L);
        while (true)
        {
            var started = Stopwatch.GetTimestamp();
            var step = ranking.Step(s_longestStep, time.GetUtcNow().ToUnixTimeMilliseconds());
            if (step == RankingStep.Nothing)
            {
                return;
            }

            if (step == RankingStep.Done || Stopwatch.GetElapsedTime(signalled) > s_signalEvery)
            {
                updates.Signal(step == RankingStep.Done ? [LiveTopic.Scores, LiveTopic.Contacts] : [LiveTopic.Scores]);
                signalled = Stopwatch.GetTimestamp();
            }

            if (step == RankingStep.Done)
            {
                var taken = Stopwatch.GetElapsedTime(begun);
                LogRanked(taken);
            }

            await Task.Delay(Stopwatch.GetElapsedTime(started), cancellationToken);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Ranking contacts was interrupted and goes on where it was.")]
    private partial void LogRetried(Exception exception);

    [LoggerMessage(Level = LogLevel.Information, Message = "All contacts are ranked by the newest weights, in {Taken}.")]
    private partial void LogRanked(TimeSpan taken);
}
