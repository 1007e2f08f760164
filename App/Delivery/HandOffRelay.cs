using ScoreTracking.Events;
using ScoreTracking.Ingest;
using ScoreTracking.Live;

namespace ScoreTracking.Delivery;

/// <summary>Carries what came of attempts from the outbox into the log, and then into the queue: in this order, so that whatever ends in between is done again and counts once.</summary>
internal sealed partial class HandOffRelay(
    Outbox outbox, EventIntake intake, EventWriter writer, Inbox inbox, Settlement settlement, InDoubt inDoubt, InFlight inFlight, SendRates rates, LiveUpdates live, TimeProvider time, ILogger<HandOffRelay> logger)
{
    private const int MaxBatch = 5_000;

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
        await FinishAsync([.. outbox.Left.Except(open)], cancellationToken);
    }

    /// <summary>Runs until the outbox ends.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var batch = new List<AttemptOutcome>();
        while (await outbox.Told.WaitToReadAsync(cancellationToken))
        {
            batch.Clear();
            while (batch.Count < MaxBatch && outbox.Told.TryRead(out var outcome))
            {
                batch.Add(outcome);
            }

            await FinishAsync(batch, cancellationToken);
            if (batch.Count < MaxBatch)
            {
                await Task.Delay(s_gather, cancellationToken);
            }
        }
    }

    private async Task FinishAsync(List<AttemptOutcome> outcomes, CancellationToken cancellationToken)
    {
        while (outcomes.Count > 0)
        {
            try
            {
                await StoreAsync(outcomes, cancellationToken);
                return;
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                // They are on disk: it is a matter of time, and nobody else would carry them.
                LogRetry(logger, exception, outcomes.Count);
                await Task.Delay(s_retry, time, cancellationToken);
            }
        }
    }

    private async Task StoreAsync(List<AttemptOutcome> outcomes, CancellationToken cancellationToken)
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

        if (events.Count > 0)
        {
            var position = await intake.StoreAsync(events, Lane.Report, cancellationToken);
            await writer.ReachedAsync(position).WaitAsync(cancellationToken);
        }

        await OwnThread.RunAsync(() => settlement.Run(settled));
        outbox.Remove(outcomes.Select(outcome => outcome.Attempt));
        foreach (var outcome in outcomes)
        {
            inFlight.Release(outcome.Attempt.MessageId);
            Interlocked.Increment(ref _ends[(int)outcome.End]);
        }

        Signal(outcomes);
        Settled?.Invoke();
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

    [LoggerMessage(Level = LogLevel.Warning, Message = "What came of {Outcomes} hand-offs could not be stored yet and will be tried again")]
    private static partial void LogRetry(ILogger logger, Exception exception, int outcomes);

    [LoggerMessage(Level = LogLevel.Warning, Message = "After the last stop: {Known} hand-offs whose end was not in the log yet, {Uncertain} mails of which nobody knows whether they were sent")]
    private static partial void LogRecovered(ILogger logger, int known, int uncertain);
}
