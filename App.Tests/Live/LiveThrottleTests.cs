using System.Threading.Channels;
using ScoreTracking.Live;

namespace ScoreTracking.Tests.Live;

public sealed class LiveThrottleTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Channel<Step> _reads = Channel.CreateUnbounded<Step>();
    private readonly Channel<Step> _rests = Channel.CreateUnbounded<Step>();

    [Fact]
    public async Task The_first_signal_reads_at_once()
    {
        using var throttle = Throttle();

        throttle.Signal();
        (await NextAsync(_reads)).Finish();

        await throttle.FirstRead.WaitAsync(Patience, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Signals_during_a_read_lead_to_exactly_one_more_read_after_the_rest()
    {
        using var throttle = Throttle();
        throttle.Signal();
        var firstRead = await NextAsync(_reads);
        var firstRest = await NextAsync(_rests);

        throttle.Signal();
        throttle.Signal();
        throttle.Signal();
        firstRead.Finish();
        await throttle.FirstRead.WaitAsync(Patience, TestContext.Current.CancellationToken);
        var readBeforeRested = _reads.Reader.TryRead(out _);
        firstRest.Finish();
        var secondRead = await NextAsync(_reads);
        var secondRest = await NextAsync(_rests);
        secondRead.Finish();
        secondRest.Finish();

        Assert.False(readBeforeRested);
        Assert.False(_reads.Reader.TryRead(out _));
    }

    [Fact]
    public async Task A_signal_while_resting_is_not_lost()
    {
        using var throttle = Throttle();
        throttle.Signal();
        (await NextAsync(_reads)).Finish();
        await throttle.FirstRead.WaitAsync(Patience, TestContext.Current.CancellationToken);

        throttle.Signal();
        (await NextAsync(_rests)).Finish();

        (await NextAsync(_reads)).Finish();
    }

    [Fact]
    public async Task Whatever_the_timing_the_last_read_begins_after_the_last_signal()
    {
        var written = 0;
        var seen = 0;
        var readsAtOnce = 0;
        var overlapped = false;
        using var throttle = new LiveThrottle(
            async _ =>
            {
                overlapped |= Interlocked.Increment(ref readsAtOnce) > 1;
                var now = Volatile.Read(ref written);
                await Task.Yield();
                Volatile.Write(ref seen, now);
                Interlocked.Decrement(ref readsAtOnce);
            },
            _ => Task.CompletedTask);

        await Parallel.ForAsync(0, 20_000, TestContext.Current.CancellationToken, (_, _) =>
        {
            Interlocked.Increment(ref written);
            throttle.Signal();
            return ValueTask.CompletedTask;
        });

        Assert.True(SpinWait.SpinUntil(() => Volatile.Read(ref seen) == 20_000, Patience), $"The last read saw {seen} of 20,000.");
        Assert.False(overlapped);
    }

    [Fact]
    public async Task Leaving_cancels_the_read_and_ends_the_waiting()
    {
        var throttle = Throttle();
        throttle.Signal();
        var read = await NextAsync(_reads);

        throttle.Dispose();
        await throttle.FirstRead.WaitAsync(Patience, TestContext.Current.CancellationToken);
        throttle.Signal();

        Assert.True(read.Token.IsCancellationRequested);
        Assert.False(_reads.Reader.TryRead(out _));
    }

    private LiveThrottle Throttle() => new(token => BeginAsync(_reads, token), token => BeginAsync(_rests, token));

    private static async Task BeginAsync(Channel<Step> channel, CancellationToken token)
    {
        var step = new Step(token);
        channel.Writer.TryWrite(step);
        await step.Finished.WaitAsync(token);
    }

    private static async Task<Step> NextAsync(Channel<Step> channel)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(Patience);
        return await channel.Reader.ReadAsync(patience.Token);
    }

    private sealed class Step(CancellationToken token)
    {
        private readonly TaskCompletionSource _finished = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public CancellationToken Token { get; } = token;

        public Task Finished => _finished.Task;

        public void Finish() => _finished.SetResult();
    }
}
