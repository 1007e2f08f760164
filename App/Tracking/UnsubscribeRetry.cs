using System.Collections.Concurrent;
using ScoreTracking.Events;
using ScoreTracking.Ingest;
using ScoreTracking.Suppressions;

namespace ScoreTracking.Tracking;

/// <summary>Unsubscribes that could not be written: their addresses get no mail from that moment on, and they are handed over again each second until they are stored. In memory only, so the person was asked to press once more.</summary>
internal sealed partial class UnsubscribeRetry(EventIntake intake, EventWriter writer, HeldUnsubscribes held, ILogger<UnsubscribeRetry> logger) : BackgroundService
{
    // About 600 bytes each.
    private const int Capacity = 100_000;

    private static readonly TimeSpan s_every = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<string, (EmailEvent Unsubscribed, string? Email)> _waiting = new(StringComparer.Ordinal);

    /// <param name="email">Null where it is not known: the event is retried all the same.</param>
    public void Hold(EmailEvent unsubscribed, string? email)
    {
        if (_waiting.Count < Capacity && _waiting.TryAdd(unsubscribed.SourceKey!, (unsubscribed, email)) && email is not null)
        {
            held.Hold(email);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(s_every);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                await RunAsync();
            }
        }
        catch (OperationCanceledException)
        {
            await RunAsync();
        }
    }

    private async Task RunAsync()
    {
        foreach (var (key, (unsubscribed, email)) in _waiting)
        {
            try
            {
                // Not to be cut short by the stop: it is what the stop waits for.
                var position = await intake.StoreAsync(unsubscribed, Lane.Unsubscribe, CancellationToken.None);
                _ = ReleaseAsync(position, key, email);
            }
            catch (EventNotStoredException exception)
            {
                LogWaiting(logger, exception, _waiting.Count);
                return;
            }
        }
    }

    // The address is free only once the suppression list has it.
    private async Task ReleaseAsync(long position, string key, string? email)
    {
        if (!_waiting.TryRemove(key, out _))
        {
            return;
        }

        await writer.ReachedAsync(position);
        if (email is not null)
        {
            held.Release(email);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Count} unsubscribes could not be stored yet and will be tried again; their addresses get no mail meanwhile")]
    private static partial void LogWaiting(ILogger logger, Exception exception, int count);
}
