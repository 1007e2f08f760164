using System.Threading.Channels;
using Microsoft.Data.Sqlite;
using ScoreTracking.Data;
using ScoreTracking.Live;

namespace ScoreTracking.Journeys;

/// <summary>
/// The one who moves people: begins journeys for those who arrived, and looks at whoever's time has come or whom something
/// happened to, themselves or the campaign they wait at. A move and what it did are one transaction, of at most <see cref="MaxPeople"/> people; after a crash whoever
/// was not moved is found due again. Nobody begins or moves while the clock is not to be trusted.
/// </summary>
internal sealed partial class JourneyRunner(
    JourneyFollower follower, IEnumerable<IStepAction> actions, SqliteFile file, LiveUpdates live, TimeProvider clock, ILogger<JourneyRunner> logger) : BackgroundService
{
    /// <summary>The write lock is shared with the event writer: about 30 ms.</summary>
    public const int MaxPeople = 200;

    private static readonly TimeSpan s_tick = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_breath = TimeSpan.FromMilliseconds(10);

    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly IReadOnlyList<IStepAction> _actions = [.. actions];
    private readonly ClockGuard _guard = new(clock);

    /// <summary>Whether the clock is to be trusted: else nobody begins or moves.</summary>
    public bool TrustsClock => _guard.IsSane;

    /// <summary>Looks again at once.</summary>
    public void Wake() => _wake.Writer.TryWrite(true);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        follower.Found += Wake;
        await Task.Yield();
        JourneyRound? round = null;
        try
        {
            while (!stoppingToken.IsCancellationRequested)
            {
                var wait = s_tick;
                try
                {
                    round ??= new JourneyRound(file, _actions, clock, logger);
                    wait = Look(round) ? s_breath : s_tick;
                }
                catch (SqliteException exception)
                {
                    // What was not committed is found again.
                    LogRetry(exception);
                    round?.Dispose();
                    round = null;
                }

                await SleepAsync(wait, stoppingToken);
            }
        }
        finally
        {
            follower.Found -= Wake;
            round?.Dispose();
        }
    }

    /// <summary>Moves one transaction's worth of people.</summary>
    /// <returns>Whether there may be more.</returns>
    private bool Look(JourneyRound round)
    {
        if (!TrustsClock)
        {
            return false;
        }

        // Before the transaction: what it sees of the log is at least this old.
        var followed = follower.Position;
        if (followed < 0 || !round.HasWork())
        {
            return false;
        }

        round.Run(followed, MaxPeople);
        foreach (var journey in round.Touched)
        {
            live.Signal(LiveTopic.Journey(journey));
        }

        if (round.Touched.Count > 0)
        {
            live.Signal(LiveTopic.Journeys);
        }

        return round.HasMore;
    }

    private async Task SleepAsync(TimeSpan longest, CancellationToken stoppingToken)
    {
        try
        {
            if (longest == s_breath)
            {
                // The writer of events gets its turn.
                await Task.Delay(s_breath, stoppingToken);
                return;
            }

            using var enough = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
            enough.CancelAfter(longest);
            await _wake.Reader.ReadAsync(enough.Token);
        }
        catch (OperationCanceledException)
        {
            // Slept enough, or stopping.
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Journeys could not read or write the database and go on where they were")]
    private partial void LogRetry(Exception exception);
}
