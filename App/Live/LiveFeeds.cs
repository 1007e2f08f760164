using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using ScoreTracking.Data;

namespace ScoreTracking.Live;

/// <summary>
/// Reads again whenever a topic is signalled, at most twice a second, and tells whoever watches. Watchers of the same
/// <see cref="LiveQuery{T}"/> share one read, so fifty viewers of a busy campaign cost the database what one does.
/// </summary>
public sealed class LiveFeeds(LiveUpdates updates, IDbContextFactory<ScoreDb> database, TimeProvider time) : IAsyncDisposable, IDisposable
{
    /// <summary>The shortest time between the starts of two reads.</summary>
    public static readonly TimeSpan MinInterval = TimeSpan.FromMilliseconds(500);

    private readonly Lock _lock = new();
    private readonly Dictionary<object, object> _shared = [];
    private readonly CancellationTokenSource _closing = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _reads;
    private int _reading;
    private int _watching;

    /// <summary>Reads made since the start, shared or not.</summary>
    public long Reads => Interlocked.Read(ref _reads);

    /// <summary>Sections, streams and hub connections that watch at the moment.</summary>
    public int Watching => Volatile.Read(ref _watching);

    /// <summary>Feeds that are read for them.</summary>
    public int Shared
    {
        get
        {
            lock (_lock)
            {
                return _shared.Count;
            }
        }
    }

    /// <summary>Watches a read that others may share. What they were shown less than <see cref="MinInterval"/> ago is there at once.</summary>
    /// <param name="changed">Called after each read, from any thread. Must return quickly and not throw.</param>
    public LiveWatch<T> Watch<T>(LiveQuery<T> query, Action changed)
    {
        LiveFeed<T> feed;
        LiveWatch<T> watch;
        LiveReading<T>? fresh;
        lock (_lock)
        {
            if (_shared.TryGetValue(query, out var open))
            {
                feed = (LiveFeed<T>)open;
            }
            else
            {
                feed = new LiveFeed<T>(this, updates, query.Topic, query.Load, time);
                _shared[query] = feed;
            }

            watch = new LiveWatch<T>(feed, changed, left => Leave(query, feed, left));
            fresh = feed.Add(watch);
        }

        Interlocked.Increment(ref _watching);
        if (fresh is not null)
        {
            watch.Tell(fresh);
        }

        // Also behind a fresh reading: what was committed since, however little, is shown within half a second.
        feed.Read();
        return watch;
    }

    /// <summary>Watches a read nobody shares, such as one list's page.</summary>
    /// <inheritdoc cref="Watch{T}(LiveQuery{T}, Action)"/>
    public LiveWatch<T> Watch<T>(LiveTopic topic, Func<ScoreDb, CancellationToken, Task<T>> load, Action changed)
    {
        var feed = new LiveFeed<T>(this, updates, topic, load, time);
        var watch = new LiveWatch<T>(feed, changed, _ =>
        {
            Interlocked.Decrement(ref _watching);
            feed.Dispose();
        });
        Interlocked.Increment(ref _watching);
        feed.Add(watch);
        feed.Read();
        return watch;
    }

    /// <summary>True once the server stops: nothing is read any more.</summary>
    internal bool IsClosed => _closing.IsCancellationRequested;

    // A page that went away stays known for minutes and watches on: what it reads ends before the database is put away.
    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        if (Volatile.Read(ref _reading) > 0)
        {
            await _ended.Task;
        }
    }

    public void Dispose() => _closing.Cancel();

    /// <summary>Reads once, with a context of its own.</summary>
    internal async Task<T> ReadAsync<T>(Func<ScoreDb, CancellationToken, Task<T>> load, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _reading);
        try
        {
            using var until = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _closing.Token);
            until.Token.ThrowIfCancellationRequested();
            Interlocked.Increment(ref _reads);
            await using var db = await database.CreateDbContextAsync(until.Token);
            return await load(db, until.Token);
        }
        finally
        {
            if (Interlocked.Decrement(ref _reading) == 0 && IsClosed)
            {
                _ended.TrySetResult();
            }
        }
    }

    /// <summary>Trouble that passes: the last figures stay, and are said to be the last.</summary>
    internal static bool IsPassing(Exception exception) => exception is DbException or IOException or TimeoutException;

    private void Leave<T>(LiveQuery<T> query, LiveFeed<T> feed, LiveWatch<T> watch)
    {
        Interlocked.Decrement(ref _watching);
        lock (_lock)
        {
            if (!feed.Remove(watch))
            {
                return;
            }

            _shared.Remove(query);
        }

        feed.Dispose();
    }
}
