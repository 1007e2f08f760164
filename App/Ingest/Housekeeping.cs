using System.Diagnostics;
using ScoreTracking.Data;

namespace ScoreTracking.Ingest;

/// <summary>What the writer does when it has nothing to store: hands in unmatched events whose message has appeared, forgets what may be forgotten.</summary>
internal sealed class Housekeeping(WriteConnection connection, Inbox inbox, TimeProvider time, IngestOptions options)
{
    private const int Page = 1_000;
    private const string OldNotifications = "SELECT id FROM notifications WHERE created_at < ?1 ORDER BY created_at, id LIMIT 5000";

    private static readonly TimeSpan s_every = TimeSpan.FromSeconds(5);

    private readonly UnmatchedRows _unmatched = new(connection);

    // Keys lie in random order, so they are swept in 256 slices, one a run: no single sweep holds the write lock for long.
    private readonly Statement _forgetKeys = connection.Prepare("DELETE FROM event_keys WHERE key >= ?1 AND key < ?2 AND day < ?3");
    private readonly Statement _forgetReceived = connection.Prepare(
        "DELETE FROM received_events WHERE id IN (SELECT id FROM received_events WHERE received_at < ?1 ORDER BY id LIMIT 5000)");
    private readonly Statement _forgetTokens = connection.Prepare("DELETE FROM webhook_tokens WHERE token >= ?1 AND token < ?2 AND received_at < ?3");
    private readonly Statement _forgetAgents = connection.Prepare(
        "DELETE FROM user_agents WHERE id IN (SELECT id FROM user_agents WHERE period < ?1 ORDER BY period LIMIT 5000)");
    private readonly Statement _forgetTold = connection.Prepare($"DELETE FROM notification_readers WHERE notification_id IN ({OldNotifications})");
    private readonly Statement _forgetNotifications = connection.Prepare($"DELETE FROM notifications WHERE id IN ({OldNotifications})");
    private readonly Statement _forgetDeliveries = connection.Prepare(
        "DELETE FROM hook_deliveries WHERE id IN (SELECT id FROM hook_deliveries WHERE created_at < ?1 AND next_at = 0 ORDER BY created_at LIMIT 5000)");
    private readonly ClockGuard _clock = new(time);
    private long _lastRun;
    private long _after;
    private byte _slice;

    public void Run()
    {
        if (_lastRun != 0 && Stopwatch.GetElapsedTime(_lastRun) < s_every)
        {
            return;
        }

        _lastRun = Stopwatch.GetTimestamp();
        HandInMatches();
        if (_clock.IsSane)
        {
            Forget();
        }
    }

    private void HandInMatches()
    {
        var (found, last) = _unmatched.FindMatches(_after, Page);
        _after = last;
        foreach (var waiting in found)
        {
            // First on disk in the inbox, then gone here: in between it lies in both, and its key makes the second a no-op.
            inbox.AppendAsync([EventCodec.Write(waiting.Reported)], Lane.Report).GetAwaiter().GetResult();
            _unmatched.Delete(waiting.Position);
        }
    }

    private void Forget()
    {
        var now = time.GetUtcNow();
        _unmatched.Purge(now - options.KeepUnmatched);
        _forgetReceived.Bind(1, (now - options.KeepUnmatched).ToUnixTimeMilliseconds()).Run();
        byte[] from = [_slice];
        byte[] to = _slice == byte.MaxValue ? [.. Enumerable.Repeat(byte.MaxValue, 33)] : [(byte)(_slice + 1)];
        _forgetKeys.Bind(1, from).Bind(2, to).Bind(3, (now - options.KeepKeys).ToUnixTimeSeconds() / 86_400).Run();
        _forgetTokens.Bind(1, from).Bind(2, to).Bind(3, (now - options.KeepUnmatched).ToUnixTimeMilliseconds()).Run();
        _forgetAgents.Bind(1, UserAgent.PeriodOf((now - options.KeepUserAgents).ToUnixTimeMilliseconds()) + 1).Run();
        var told = (now - options.KeepNotifications).ToUnixTimeMilliseconds();
        _forgetTold.Bind(1, told).Run();
        _forgetNotifications.Bind(1, told).Run();
        _forgetDeliveries.Bind(1, (now - options.KeepDeliveries).ToUnixTimeMilliseconds()).Run();
        _slice++;
    }
}
