using System.Diagnostics;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using ScoreTracking.Live;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Live;

/// <summary>Many viewers of one thing cost the database what one costs.</summary>
public sealed class LiveFeedsTests : IAsyncDisposable
{
    private static readonly LiveTopic s_topic = LiveTopic.Campaign(7);

    private readonly TestApp _app = new();
    private int _reads;
    private int _value;

    private LiveFeeds Feeds => _app.Services.GetRequiredService<LiveFeeds>();

    private LiveUpdates Updates => _app.Services.GetRequiredService<LiveUpdates>();

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Fact]
    public async Task Fifty_viewers_share_at_most_two_reads_a_second_and_all_see_the_last_change()
    {
        var started = Stopwatch.GetTimestamp();
        var watches = Enumerable.Range(0, 50).Select(_ => Feeds.Watch(Query("all"), () => { })).ToList();

        for (var change = 1; change <= 3_000; change++)
        {
            Volatile.Write(ref _value, change);
            Updates.Signal(s_topic);
            if (change % 1_000 == 0)
            {
                await Task.WhenAll(watches.Select(watch => SeesAsync(watch, change)));
            }
        }

        var allowed = 2 + (2 * Stopwatch.GetElapsedTime(started).TotalSeconds);
        Assert.InRange(_reads, 2, allowed);
        Assert.Equal(1, Feeds.Shared);
        watches.ForEach(watch => watch.Dispose());
        Assert.Equal((0, 0, 0), (Feeds.Shared, Feeds.Watching, Updates.Watchers));
    }

    [Fact]
    public async Task What_is_being_read_ends_before_the_server_has_stopped_and_nothing_is_read_afterwards()
    {
        var (begun, ended, reads) = (new TaskCompletionSource(), false, 0);
        await using var app = new TestApp();
        var feeds = app.Services.GetRequiredService<LiveFeeds>();
        using var watch = feeds.Watch(
            s_topic,
            async (_, token) =>
            {
                reads++;
                begun.SetResult();
                await Task.WhenAny(Task.Delay(Timeout.Infinite, token));
                await Task.Delay(TimeSpan.FromMilliseconds(200), CancellationToken.None);
                ended = true;
                return 0;
            },
            () => { });
        await begun.Task;

        await app.StopKeepingDataAsync();
        watch.Retry();

        Assert.True(ended);
        Assert.Equal(1, reads);
    }

    [Fact]
    public async Task Who_looks_at_it_differently_is_read_for_apart()
    {
        using var all = Feeds.Watch(Query("all"), () => { });
        using var confirmed = Feeds.Watch(Query("confirmed"), () => { });

        await Task.WhenAll(all.First, confirmed.First);

        Assert.Equal(2, Feeds.Shared);
        Assert.Equal(2, _reads);
    }

    [Fact]
    public async Task Who_comes_a_moment_later_is_shown_the_same_at_once_and_the_next_change_with_everybody()
    {
        using var first = Feeds.Watch(Query("all"), () => { });
        await first.First;

        using var second = Feeds.Watch(Query("all"), () => { });
        var atOnce = second.Current;
        Volatile.Write(ref _value, 5);
        Updates.Signal(s_topic);

        // On a machine that pauses for half a second here, the second was shown a read of its own instead.
        Assert.True(atOnce is null or { Value: 0 });
        await SeesAsync(second, 5);
        await SeesAsync(first, 5);
    }

    [Fact]
    public async Task The_last_to_leave_cancels_the_read_nobody_waits_for()
    {
        var begun = new TaskCompletionSource<CancellationToken>(TaskCreationOptions.RunContinuationsAsynchronously);
        var query = new LiveQuery<int>(s_topic, "slow", async (_, token) =>
        {
            begun.TrySetResult(token);
            await Task.Delay(Timeout.Infinite, token);
            return 0;
        });
        var first = Feeds.Watch(query, () => { });
        var second = Feeds.Watch(query, () => { });
        var token = await begun.Task.WaitAsync(TimeSpan.FromSeconds(60));

        first.Dispose();
        first.Dispose();
        var afterFirst = token.IsCancellationRequested;
        second.Dispose();

        Assert.False(afterFirst);
        Assert.True(token.IsCancellationRequested);
        Assert.Equal(0, Feeds.Watching);
    }

    [Fact]
    public async Task Trouble_keeps_the_last_figures_says_so_and_ends_with_another_try()
    {
        var failing = false;
        using var watch = Feeds.Watch(
            new LiveQuery<int>(s_topic, "troubled", (_, _) => Volatile.Read(ref failing) ? throw new SqliteException("database is locked", 5) : Task.FromResult(Volatile.Read(ref _value))), () => { });
        await watch.First;

        Volatile.Write(ref failing, true);
        Updates.Signal(s_topic);
        await Eventually.TrueAsync(() => watch.Current?.Failure is SqliteException);
        var troubled = watch.Current!;
        Volatile.Write(ref failing, false);
        Volatile.Write(ref _value, 3);
        watch.Retry();

        Assert.True(troubled is { HasValue: true, Value: 0 });
        await SeesAsync(watch, 3);
        Assert.Null(watch.Current!.Failure);
    }

    private LiveQuery<int> Query(string view) => new(s_topic, ("test", view), (_, _) =>
    {
        Interlocked.Increment(ref _reads);
        return Task.FromResult(Volatile.Read(ref _value));
    });

    private static Task SeesAsync(LiveWatch<int> watch, int value) => Eventually.TrueAsync(() => watch.Current?.Value == value);
}
