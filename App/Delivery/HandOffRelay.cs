using System.Threading.Channels;
using ScoreTracking.Events;
using ScoreTracking.Ingest;
using ScoreTracking.Live;

namespace ScoreTracking.Delivery;

/// <summary>Carries what came of attempts from the outbox into the log, and then into the queue: in this order, so that whatever ends in between is done again and counts once.</summary>
internal sealed partial class HandOffRelay(
    Outbox outbox, EventIntake intake, EventWriter writer, Inbox inbox, Settlement settlement, InDoubt inDoubt, InFlight inFlight, SendRates rates, LiveUpdates live, TimeProvider time, ILogger<HandOffRelay> logger)
{
    private const int MaxBatch = 5_000;

    // Batches on their way to the log: what is in flight is bounded elsewhere.
    private const int MaxAhead = 4;

    // Under load a batch costs little more than a single end: two syncs and a few pages.
    private static readonly TimeSpan s_gather = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_retry = TimeSpan.FromSeconds(1);

    private readonly long[] _ends = new long[Enum.GetValues<AttemptEnd>().Length];

    /// <summary>A batch is settled: campaigns may have ended, messages may be due again.</summary>
    public event Action? Settled;

    /// <summary>Attempts with this end since the start.</summary>
    public long Ended(AttemptEnd end) => Interlocked.Read(ref _ends[(int)end]);

    /// <summary>What the last process left: ends are stored again, and who was on the way is uncertain unless the log knows better. Before anything is taken from the queue.</summary>
    public async Task RecoverAsync(CancellationToken cancellationToken)
    {
        if (outbox.Left.Count == 0)
        {
            return;
        }

        await writer.ReachedAsync(inbox.Last).WaitAsync(cancellationToken);
        var open = outbox.Left.Where(left => left.End == AttemptEnd.Open).ToList();
        foreach (var left in outbox.Left)
        {
            inFlight.Take(left.Attempt.MessageId);
        }

        foreach (var left in open)
        {
            outbox.Tell(left with { End = AttemptEnd.Uncertain, Text = "The server of ScoreTracking stopped while this mail was being handed over." });
        }

        LogRecovered(logger, outbox.Left.Count - open.Count, open.Count);
        List<AttemptOutcome> known = [.. outbox.Left.Except(open)];
        var batch = await UntilDoneAsync(known.Count, () => StoreAsync(known, cancellationToken), cancellationToken);
        await UntilDoneAsync(known.Count, () => SettleAsync(batch, cancellationToken), cancellationToken);
    }

    /// <summary>Runs until the outbox ends. While the event writer stores one batch, the next is on its way to it.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var stored = Channel.CreateBounded<StoredBatch>(MaxAhead);
        var settling = SettleAsync(stored.Reader, cancellationToken);
        while (await outbox.Told.WaitToReadAsync(cancellationToken))
        {
            var batch = new List<AttemptOutcome>();
            while (batch.Count < MaxBatch && outbox.Told.TryRead(out var outcome))
            {
                batch.Add(outcome);
            }

            await stored.Writer.WriteAsync(await UntilDoneAsync(batch.Count, () => StoreAsync(batch, cancellationToken), cancellationToken), cancellationToken);
            if (batch.Count < MaxBatch)
            {
                await Task.Delay(s_gather, cancellationToken);
            }
        }

        stored.Writer.Complete();
        await settling;
    }

    private async Task SettleAsync(ChannelReader<StoredBatch> stored, CancellationToken cancellationToken)
    {
        await foreach (var first in stored.ReadAllAsync(cancellationToken))
        {
            // Settling waits for the event writer's lock: once for all that are there.
            var batch = first;
            while (stored.TryRead(out var next))
            {
                batch = new StoredBatch([.. batch.Outcomes, .. next.Outcomes], [.. batch.Settled, .. next.Settled], Math.Max(batch.Position, next.Position));
            }

            await UntilDoneAsync(batch.Outcomes.Count, () => SettleAsync(batch, cancellationToken), cancellationToken);
        }
    }

    private async Task<T> UntilDoneAsync<T>(int outcomes, Func<Task<T>> work, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return await work();
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                // They are on disk: it is a matter of time, and nobody else would carry them.
                LogRetry(logger, exception, outcomes);
                await Task.Delay(s_retry, time, cancellationToken);
            }
        }
    }

    private async Task<StoredBatch> StoreAsync(List<AttemptOutcome> outcomes, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var events = new List<EmailEvent>();
        var settled = new List<AttemptOutcome>(outcomes.Count);
        foreach (var outcome in outcomes)
        {
            // A report may be faster than the end of a conversation that never ended.
            var reported = outcome.End == AttemptEnd.Uncertain ? settlement.Reported(outcome) : null;
            settled.Add(reported is null ? outcome : outcome with { End = AttemptEnd.Accepted });
            inDoubt.Any |= settled[^1].End == AttemptEnd.Uncertain;
            if (reported != EventType.Sent && HandOffEvents.Of(settled[^1], now) is { } happened)
            {
                events.Add(happened);
            }
        }

        return new StoredBatch(outcomes, settled, events.Count > 0 ? await intake.StoreAsync(events, Lane.Report, cancellationToken) : 0);
    }

    private async Task<bool> SettleAsync(StoredBatch batch, CancellationToken cancellationToken)
    {
        await writer.LoggedAsync(batch.Position).WaitAsync(cancellationToken);
        await OwnThread.RunAsync(() => settlement.Run(batch.Settled));
        outbox.Remove(batch.Outcomes.Select(outcome => outcome.Attempt));
        foreach (var outcome in batch.Outcomes)
        {
            inFlight.Release(outcome.Attempt.MessageId);
            Interlocked.Increment(ref _ends[(int)outcome.End]);
        }

        Signal(batch.Outcomes);
        Settled?.Invoke();
        return true;
    }

    private void Signal(List<AttemptOutcome> outcomes)
    {
        var topics = new HashSet<LiveTopic>();
        foreach (var connection in outcomes.GroupBy(outcome => outcome.Attempt.ConnectionId))
        {
            var topic = LiveTopic.Connection(connection.Key);
            topics.Add(topic);
            rates.Count(topic, connection.Count(outcome => outcome.End == AttemptEnd.Accepted));
        }

        foreach (var campaign in outcomes.GroupBy(outcome => outcome.Attempt.CampaignId))
        {
            var topic = campaign.Key == 0 ? LiveTopic.Mails : LiveTopic.Campaign(campaign.Key);
            topics.Add(topic);
            rates.Count(topic, campaign.Count(outcome => outcome.End == AttemptEnd.Accepted));
        }

        if (live.Watchers > 0)
        {
            topics.UnionWith(outcomes.Select(outcome => LiveTopic.Message(outcome.Attempt.MessageId)));
            live.Signal(topics);
        }
    }

    /// <param name="Settled">The outcomes as the queue is told of them: with what reports said meanwhile.</param>
    /// <param name="Position">Their events' last in the inbox; 0 where there are none.</param>
    private sealed record StoredBatch(List<AttemptOutcome> Outcomes, List<AttemptOutcome> Settled, long Position);

    [LoggerMessage(Level = LogLevel.Warning, Message = "What came of {Outcomes} hand-offs could not be stored yet and will be tried again")]
    private static partial void LogRetry(ILogger logger, Exception exception, int outcomes);

    [LoggerMessage(Level = LogLevel.Warning, Message = "After the last stop: {Known} hand-offs whose end was not in the log yet, {Uncertain} mails of which nobody knows whether they were sent")]
    private static partial void LogRecovered(ILogger logger, int known, int uncertain);
}
