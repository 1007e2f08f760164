using System.Threading.Channels;
using Microsoft.Data.Sqlite;
using ScoreTracking.Data;

namespace ScoreTracking.Journeys;

/// <summary>
/// Deletes what is kept of removed journeys: people's ways may be millions of rows, so they go in short transactions, and others write
/// in between. After a restart it goes on where it was.
/// </summary>
internal sealed partial class JourneyRemoval(SqliteFile file, ILogger<JourneyRemoval> logger) : BackgroundService
{
    /// <summary>Ways deleted in one transaction; the write lock is shared with the event writer.</summary>
    internal const int MaxWays = 200;

    private const int MaxRows = 5_000;

    private static readonly TimeSpan s_breath = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan s_retry = TimeSpan.FromSeconds(5);

    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>A journey was removed.</summary>
    public void Wake() => _wake.Writer.TryWrite(true);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        try
        {
            while (true)
            {
                try
                {
                    while (DeletePiece())
                    {
                        await Task.Delay(s_breath, stoppingToken);
                    }
                }
                catch (SqliteException exception)
                {
                    LogRetry(exception);
                    await Task.Delay(s_retry, stoppingToken);
                    continue;
                }

                await _wake.Reader.ReadAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // What is left is found at the next start.
        }
    }

    /// <summary>Deletes some of what is left, and the journey itself with the last of it.</summary>
    /// <returns>False where nothing was left.</returns>
    internal bool DeletePiece()
    {
        using var connection = file.Open();
        using var commands = new PreparedCommands(connection);
        if (commands.Command("SELECT min(id) FROM journeys WHERE status = $1", JourneyStatus.Removed).ExecuteScalar() is not long journey)
        {
            return false;
        }

        // Steps and calls go with their way.
        _ = commands.Command("DELETE FROM enrollments WHERE id IN (SELECT id FROM enrollments WHERE journey_id = $1 LIMIT $2)", journey, MaxWays).ExecuteNonQuery() > 0
            || commands.Command("DELETE FROM segment_watch WHERE journey_id = $1 AND contact_id IN (SELECT contact_id FROM segment_watch WHERE journey_id = $1 LIMIT $2)", journey, MaxRows).ExecuteNonQuery() > 0
            || commands.Command("DELETE FROM journey_arrivals WHERE id IN (SELECT id FROM journey_arrivals WHERE journey_id = $1 LIMIT $2)", journey, MaxRows).ExecuteNonQuery() > 0
            || commands.Command("DELETE FROM journeys WHERE id = $1", journey).ExecuteNonQuery() > 0;
        return true;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "What is kept of a removed journey could not be deleted yet and will be")]
    private partial void LogRetry(Exception exception);
}
