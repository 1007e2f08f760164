using Microsoft.Extensions.Logging.Abstractions;
using ScoreTracking.Live;

namespace ScoreTracking.Tests.Live;

public sealed class LiveUpdatesTests
{
    private readonly LiveUpdates _updates = new(NullLogger<LiveUpdates>.Instance);

    [Fact]
    public void A_signal_wakes_those_who_watch_its_topic_and_nobody_else()
    {
        var (seven, eight) = (0, 0);
        using var first = _updates.Subscribe(LiveTopic.Campaign(7), () => seven++);
        using var second = _updates.Subscribe(LiveTopic.Campaign(7), () => seven++);
        using var other = _updates.Subscribe(LiveTopic.Campaign(8), () => eight++);
        using var message = _updates.Subscribe(LiveTopic.Message(7), () => eight++);

        _updates.Signal([LiveTopic.Campaign(7), LiveTopic.Contact(7)]);

        Assert.Equal((2, 0), (seven, eight));
    }

    [Fact]
    public void A_batch_that_touched_far_more_than_is_watched_wakes_each_watcher_once()
    {
        var woken = new List<int>();
        using var message = _updates.Subscribe(LiveTopic.Message(500), () => woken.Add(500));
        using var untouched = _updates.Subscribe(LiveTopic.Message(5000), () => woken.Add(5000));

        _updates.Signal(Enumerable.Range(1, 1000).Select(id => LiveTopic.Message(id)).ToHashSet());

        Assert.Equal([500], woken);
    }

    [Fact]
    public void Who_left_is_not_woken_and_leaving_twice_is_harmless()
    {
        var woken = 0;
        var subscription = _updates.Subscribe(LiveTopic.Campaigns, () => woken++);
        using var stays = _updates.Subscribe(LiveTopic.Campaigns, () => woken += 10);

        subscription.Dispose();
        subscription.Dispose();
        _updates.Signal(LiveTopic.Campaigns);

        Assert.Equal((10, 1), (woken, _updates.Watchers));
    }

    [Fact]
    public void A_watcher_that_fails_keeps_the_signal_neither_from_others_nor_breaks_the_writer()
    {
        var woken = 0;
        using var broken = _updates.Subscribe(LiveTopic.Campaigns, () => throw new InvalidOperationException("broken page"));
        using var sound = _updates.Subscribe(LiveTopic.Campaigns, () => woken++);

        _updates.Signal([LiveTopic.Campaigns]);

        Assert.Equal(1, woken);
    }

    [Fact]
    public void Signals_cost_no_memory_while_nobody_watches()
    {
        IReadOnlyCollection<LiveTopic> topics = Enumerable.Range(1, 1000).Select(id => LiveTopic.Message(id)).ToHashSet();
        _updates.Subscribe(LiveTopic.Campaigns, () => { }).Dispose();
        _updates.Signal(topics);

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
        {
            _updates.Signal(topics);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void Viewers_who_come_and_go_at_once_leave_nothing_behind()
    {
        var woken = 0;

        Parallel.For(0, 2000, i =>
        {
            using var subscription = _updates.Subscribe(LiveTopic.Campaign(i % 3), () => Interlocked.Increment(ref woken));
            _updates.Signal(LiveTopic.Campaign(i % 3));
        });
        var during = woken;
        _updates.Signal([LiveTopic.Campaign(0), LiveTopic.Campaign(1), LiveTopic.Campaign(2)]);

        Assert.Equal(0, _updates.Watchers);
        Assert.True(during >= 2000);
        Assert.Equal(during, woken);
    }
}
