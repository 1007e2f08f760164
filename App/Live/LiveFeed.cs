using System.Collections.Immutable;
using ScoreTracking.Data;

namespace ScoreTracking.Live;

/// <summary>What a feed read.</summary>
/// <param name="Number">Counts a feed's readings, so that an older one never replaces a newer.</param>
/// <param name="BegunAt">When it was begun, by the clock's timestamp: what was committed before is in it.</param>
/// <param name="Value">The last one there was; meaningless while <paramref name="HasValue"/> is false.</param>
/// <param name="Failure">Why this reading brought nothing new, or null.</param>
public sealed record LiveReading<T>(long Number, long BegunAt, T? Value, bool HasValue, Exception? Failure);

/// <summary>One read and those who watch it.</summary>
internal sealed class LiveFeed<T> : IDisposable
{
    private readonly LiveFeeds _feeds;
    private readonly LiveUpdates _updates;
    private readonly LiveTopic _topic;
    private readonly Func<ScoreDb, CancellationToken, Task<T>> _load;
    private readonly TimeProvider _time;
    private readonly LiveThrottle _throttle;
    private readonly IDisposable _subscription;
    private readonly Lock _lock = new();
    private ImmutableArray<LiveWatch<T>> _watchers = [];
    private LiveReading<T>? _last;

    public LiveFeed(LiveFeeds feeds, LiveUpdates updates, LiveTopic topic, Func<ScoreDb, CancellationToken, Task<T>> load, TimeProvider time)
    {
        (_feeds, _updates, _topic, _load, _time) = (feeds, updates, topic, load, time);
        _throttle = new LiveThrottle(ReadAsync, token => Task.Delay(LiveFeeds.MinInterval, time, token));

        // Listen first, read second: an event committed in between is read twice rather than never.
        _subscription = updates.Subscribe(topic, _throttle.Signal);
    }

    /// <summary>Asks for a read: at once, or as soon as the last has rested.</summary>
    public void Read() => _throttle.Signal();

    /// <returns>What was read a moment ago, if anything was.</returns>
    public LiveReading<T>? Add(LiveWatch<T> watch)
    {
        lock (_lock)
        {
            _watchers = _watchers.Add(watch);
            return _last is { Failure: null } last && _time.GetElapsedTime(last.BegunAt) < LiveFeeds.MinInterval ? last : null;
        }
    }

    /// <returns>True when nobody watches any more.</returns>
    public bool Remove(LiveWatch<T> watch)
    {
        lock (_lock)
        {
            _watchers = _watchers.Remove(watch);
            return _watchers.IsEmpty;
        }
    }

    public void Dispose()
    {
        _subscription.Dispose();
        _throttle.Dispose();
    }

    private async Task ReadAsync(CancellationToken token)
    {
        var last = _last;
        var number = (last?.Number ?? 0) + 1;
        LiveReading<T> reading;
        var begunAt = _time.GetTimestamp();
        try
        {
            reading = new LiveReading<T>(number, begunAt, await _feeds.ReadAsync(_load, token), HasValue: true, Failure: null);
        }
        catch (Exception) when (token.IsCancellationRequested || _feeds.IsClosed)
        {
            // The last viewer left, or the server stops: whatever this read met, nobody waits for it.
            return;
        }
        catch (Exception exception)
        {
            if (LiveFeeds.IsPassing(exception))
            {
                _updates.ReadFailed(exception, _topic);
            }

            reading = new LiveReading<T>(number, begunAt, last is null ? default : last.Value, last is { HasValue: true }, exception);
        }

        ImmutableArray<LiveWatch<T>> watchers;
        lock (_lock)
        {
            (_last, watchers) = (reading, _watchers);
        }

        foreach (var watch in watchers)
        {
            watch.Tell(reading);
        }
    }
}

/// <summary>One viewer of a feed. Disposing it stops watching; the last to leave ends the feed and cancels its read.</summary>
public sealed class LiveWatch<T> : IDisposable
{
    private readonly LiveFeed<T> _feed;
    private readonly Action _changed;
    private readonly Action<LiveWatch<T>> _leave;
    private readonly TaskCompletionSource _first = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _lock = new();
    private LiveReading<T>? _current;
    private bool _left;

    internal LiveWatch(LiveFeed<T> feed, Action changed, Action<LiveWatch<T>> leave) =>
        (_feed, _changed, _leave) = (feed, changed, leave);

    /// <summary>The newest reading; null before the first.</summary>
    public LiveReading<T>? Current => Volatile.Read(ref _current);

    /// <summary>Completes with the first reading, or when disposed before it.</summary>
    public Task First => _first.Task;

    /// <summary>Reads again, as after a signal.</summary>
    public void Retry() => _feed.Read();

    public void Dispose()
    {
        lock (_lock)
        {
            if (_left)
            {
                return;
            }

            _left = true;
        }

        _leave(this);
        _first.TrySetResult();
    }

    internal void Tell(LiveReading<T> reading)
    {
        lock (_lock)
        {
            if (_left || _current?.Number >= reading.Number)
            {
                return;
            }

            Volatile.Write(ref _current, reading);
        }

        _first.TrySetResult();
        _changed();
    }
}
