using System.Collections.Concurrent;
using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using ScoreTracking.Connections;
using ScoreTracking.Data;
using ScoreTracking.Live;
using ScoreTracking.Settings;
using ScoreTracking.Suppressions;

namespace ScoreTracking.Delivery;

/// <summary>Hands off what waits: a line of its own for each enabled connection, so that a slow or dead server delays nobody else. Ends campaigns that have nothing left.</summary>
internal sealed partial class Dispatcher(
    KnownConnections connections, Transports transports, IEnumerable<IMailSource> sources, LetterWriter letters, SendQueue queue, Outbox outbox, InFlight inFlight, HandOffRelay relay, SendRates rates, SendingHold hold,
    SuppressionCheck suppressions, OrganizationSettings organization, SqliteFile file, IDbContextFactory<ScoreDb> databases, LiveUpdates live, TimeProvider time, ILogger<Dispatcher> logger)
    : BackgroundService
{
    private static readonly TimeSpan s_look = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_rest = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_lastWords = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<long, SendLine> _lines = [];
    private readonly SemaphoreSlim _bell = new(0, 1);
    private Task _relaying = Task.CompletedTask;
    private string? _heldBecause;

    /// <summary>How a connection is doing.</summary>
    public LineStanding StandingOf(long connectionId) => _lines.TryGetValue(connectionId, out var line) ? line.State.Standing : LineStanding.Off;

    /// <summary>Lines that stand as asked.</summary>
    public int Count(LineStatus status) => _lines.Values.Count(line => line.State.Standing.Status == status);

    /// <summary>Ends a rest or a stop of a connection: the server is tried at once.</summary>
    /// <returns>False where the connection does not send.</returns>
    public bool TryAgain(long connectionId)
    {
        if (!_lines.TryGetValue(connectionId, out var line))
        {
            return false;
        }

        line.State.TryAgain();
        line.Wake();
        return true;
    }

    /// <summary>After the lanes have ended, what they told is still carried into the log.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        outbox.Dispose();
        try
        {
            await _relaying.WaitAsync(s_lastWords, cancellationToken);
        }
        catch (Exception exception) when (exception is TimeoutException or OperationCanceledException)
        {
            // It is in the outbox, and the next start reads it.
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // The start of the server does not wait for what a stop left unfinished.
        await Task.Yield();
        queue.Grown += Wake;
        relay.Settled += Wake;
        try
        {
            await RecoverAsync(stoppingToken);
            _relaying = relay.RunAsync(CancellationToken.None); // Ends with the outbox.
            while (!stoppingToken.IsCancellationRequested)
            {
                await LookAsync(stoppingToken);

                // Batches are settled many times a second; one look serves several.
                await Task.Delay(s_rest, stoppingToken);
                await _bell.WaitAsync(s_look, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopping.
        }
        finally
        {
            queue.Grown -= Wake;
            relay.Settled -= Wake;
            await Task.WhenAll(_lines.Values.Select(line => line.DisposeAsync().AsTask()));
        }
    }

    private async Task RecoverAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            try
            {
                await hold.ReadAsync(stoppingToken);
                await relay.RecoverAsync(stoppingToken);
                return;
            }
            catch (DbException exception)
            {
                LogRetry(exception);
                await Task.Delay(s_look, time, stoppingToken);
            }
        }
    }

    private void Wake()
    {
        foreach (var line in _lines.Values)
        {
            line.Wake();
        }

        Look();
    }

    private void Look()
    {
        try
        {
            _bell.Release();
        }
        catch (SemaphoreFullException)
        {
            // It has been rung already.
        }
    }

    private async Task LookAsync(CancellationToken stoppingToken)
    {
        try
        {
            await AlignAsync(stoppingToken);
            await CompleteAsync(stoppingToken);
            live.Signal(rates.Moving());
            if (_heldBecause != (_heldBecause = hold.Because))
            {
                live.Signal([LiveTopic.Settings]);
            }
        }
        catch (DbException exception)
        {
            LogRetry(exception);
        }
    }

    // A line holds its connection as it was: one that changed gets another line, once the first has ended.
    private async Task AlignAsync(CancellationToken stoppingToken)
    {
        var enabled = (await connections.SendersAsync(stoppingToken)).Where(connection => connection.Enabled).ToDictionary(connection => connection.Id);
        foreach (var (id, line) in _lines)
        {
            if (!enabled.TryGetValue(id, out var connection) || connection.Revision != line.Connection.Revision)
            {
                _lines.TryRemove(id, out _);
                await line.DisposeAsync();
                live.Signal([LiveTopic.Connection(id), LiveTopic.Connections]);
            }
        }

        var tools = new SendTools(transports, [.. sources], letters, outbox, inFlight, hold, suppressions, organization, file, live, time, logger);
        foreach (var (id, connection) in enabled)
        {
            if (!_lines.ContainsKey(id))
            {
                _lines[id] = new SendLine(connection, tools, stoppingToken);
                live.Signal([LiveTopic.Connection(id), LiveTopic.Connections]);
            }
        }
    }

    // Asked again in the statement that writes: somebody may have been added in between.
    private async Task CompleteAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var done = db.Campaigns.Where(campaign => campaign.Delivery == "smtp" && campaign.Status == CampaignStatus.Running && !campaign.Ongoing
            && !db.Deliveries.Any(delivery => delivery.CampaignId == campaign.Id && delivery.State == DeliveryState.Waiting));
        foreach (var campaignId in await done.Select(campaign => campaign.Id).ToListAsync(cancellationToken))
        {
            var now = time.GetUtcNow().ToUnixTimeMilliseconds();
            if (await done.Where(campaign => campaign.Id == campaignId).ExecuteUpdateAsync(
                set => set.SetProperty(campaign => campaign.Status, CampaignStatus.Completed).SetProperty(campaign => campaign.CompletedAt, now), cancellationToken) > 0)
            {
                live.Signal([LiveTopic.Campaign(campaignId), LiveTopic.Campaigns]);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Sending could not read or write the database and tries again")]
    private partial void LogRetry(Exception exception);
}
