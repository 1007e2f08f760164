using System.Collections.Concurrent;
using System.Collections.Immutable;

namespace ScoreTracking.Live;

/// <summary>
/// Who watches what. The write path calls <see cref="Signal(IReadOnlyCollection{LiveTopic})"/> after its commit, thousands of
/// times a second: that costs one look-up per topic and nothing at all while nobody watches. A signal carries no data, so a
/// lost or doubled one cannot show a wrong number.
/// </summary>
public sealed partial class LiveUpdates(ILogger<LiveUpdates> logger)
{
    private readonly ConcurrentDictionary<LiveTopic, ImmutableArray<Subscription>> _watchers = new();

    private ImmutableArray<Action> _followers = [];
    private int _open;

    /// <summary>Subscriptions now open. While it is 0, a writer need not even collect what it touched.</summary>
    public int Watchers => Volatile.Read(ref _open);

    /// <summary>Contacts somebody looks at: few, so whose mail a batch touched is asked of these and not of every message.</summary>
    public IEnumerable<long> WatchedContacts()
    {
        foreach (var (topic, watchers) in _watchers)
        {
            if (watchers.Length > 0 && topic.TryContact(out var id))
            {
                yield return id;
            }
        }
    }

    /// <summary>Wakes everyone who watches any of these, on the caller's thread. Never throws: the commit it tells of has happened.</summary>
    public void Signal(IReadOnlyCollection<LiveTopic> topics)
    {
        if (Watchers == 0)
        {
            return;
        }

        // A set built by a large batch may name far more topics than anyone watches: walk the shorter side.
        if (topics is HashSet<LiveTopic> set && set.Count > Watchers)
        {
            foreach (var (topic, watchers) in _watchers)
            {
                if (set.Contains(topic))
                {
                    Wake(watchers);
                }
            }

            return;
        }

        foreach (var topic in topics)
        {
            Signal(topic);
        }
    }

    /// <inheritdoc cref="Signal(IReadOnlyCollection{LiveTopic})"/>
    public void Signal(LiveTopic topic)
    {
        if (_watchers.TryGetValue(topic, out var watchers))
        {
            Wake(watchers);
        }
    }

    /// <summary>Calls <paramref name="changed"/> after every commit that touched the topic, until disposed. It runs on the writer's thread: note the signal and return.</summary>
    public IDisposable Subscribe(LiveTopic topic, Action changed)
    {
        var subscription = new Subscription(this, topic, changed);
        _watchers.AddOrUpdate(topic, static (_, added) => [added], static (_, watchers, added) => watchers.Add(added), subscription);
        Interlocked.Increment(ref _open);
        return subscription;
    }

    /// <summary>Calls <paramref name="grown"/> after every commit that may have added to the log, until disposed: for background work, which counts as no watcher. It runs on the writer's thread: note the signal and return.</summary>
    public IDisposable FollowLog(Action grown)
    {
        ImmutableInterlocked.Update(ref _followers, static (followers, added) => followers.Add(added), grown);
        return new Follower(this, grown);
    }

    /// <summary>The log has grown. Costs nothing while nobody follows it.</summary>
    public void SignalLog()
    {
        foreach (var grown in _followers)
        {
            grown();
        }
    }

    private void Wake(ImmutableArray<Subscription> watchers)
    {
        foreach (var watcher in watchers)
        {
            try
            {
                watcher.Changed();
            }
            catch (Exception exception)
            {
                // One viewer's mistake must not keep the signal from the others, nor reach the writer.
                LogWatcherFailed(exception, watcher.Topic);
            }
        }
    }

    private void Remove(Subscription subscription)
    {
        while (_watchers.TryGetValue(subscription.Topic, out var watchers))
        {
            var left = watchers.Remove(subscription);
            var done = left.IsEmpty
                ? _watchers.TryRemove(KeyValuePair.Create(subscription.Topic, watchers))
                : _watchers.TryUpdate(subscription.Topic, left, watchers);
            if (done)
            {
                Interlocked.Decrement(ref _open);
                return;
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A page could not read {Topic}; it shows its last figures and offers to try again.")]
    internal partial void ReadFailed(Exception exception, LiveTopic topic);

    [LoggerMessage(Level = LogLevel.Error, Message = "A watcher of {Topic} failed on a signal; others were woken.")]
    private partial void LogWatcherFailed(Exception exception, LiveTopic topic);

    private sealed class Follower(LiveUpdates updates, Action grown) : IDisposable
    {
        public void Dispose() => ImmutableInterlocked.Update(ref updates._followers, static (followers, left) => followers.Remove(left), grown);
    }

    private sealed class Subscription(LiveUpdates updates, LiveTopic topic, Action changed) : IDisposable
    {
        private int _disposed;

        public LiveTopic Topic { get; } = topic;

        public Action Changed { get; } = changed;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _disposed, 1) == 0)
            {
                updates.Remove(this);
            }
        }
    }
}
