using System.Data.Common;
using System.Threading.Channels;
using ScoreTracking.Api;
using ScoreTracking.Connections;
using ScoreTracking.Data;
using ScoreTracking.Live;
using ScoreTracking.Settings;
using ScoreTracking.Suppressions;

namespace ScoreTracking.Delivery;

/// <summary>What every line needs.</summary>
internal sealed record SendTools(
    Transports Transports, IReadOnlyList<IMailSource> Sources, LetterWriter Writer, Outbox Outbox, InFlight InFlight, SendingHold Hold,
    SuppressionCheck Suppressions, OrganizationSettings Organization, SqliteFile File, LiveUpdates Live, TimeProvider Time, ILogger<Dispatcher> Logger);

/// <summary>A mail that was written and waits for a lane.</summary>
internal sealed record WrittenMail(TakenMail Taken, ComposedMail Composed);

/// <summary>One connection: takes mail from its queues, has it written, and hands it over on so many lanes.</summary>
internal sealed partial class SendLine : IAsyncDisposable
{
    // Writing a chunk may wait for the event writer, so there is always another one ready.
    private const int MaxChunk = 400;

    // While the log cannot keep up, or cannot be written, no more goes out than is good to have in doubt.
    private const int MaxInFlight = 20_000;

    private static readonly TimeSpan s_nap = TimeSpan.FromSeconds(1);

    private readonly SendTools _tools;
    private readonly SendPlan _plan;
    private readonly LastCheck _check;
    private readonly Channel<WrittenMail> _written;
    private readonly CancellationTokenSource _stop;
    private readonly Channel<bool> _bell = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly int _chunk;
    private readonly Task _run;

    public SendLine(SendingConnection connection, SendTools tools, CancellationToken stoppingToken)
    {
        Connection = connection;
        _tools = tools;
        _plan = new SendPlan(connection.Id, tools.File, tools.Organization, tools.InFlight, tools.Time);
        _check = new LastCheck(tools.File, tools.Suppressions);

        // About a second of mail: what was written long ago says what was true long ago.
        _chunk = connection.PerSecond is { } rate ? (int)Math.Clamp(rate, 1, MaxChunk) : MaxChunk;
        _written = Channel.CreateBounded<WrittenMail>(new BoundedChannelOptions(2 * _chunk) { SingleWriter = true });
        _stop = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        State = new LineState(connection.Connections, tools.Time, () => tools.Live.Signal([LiveTopic.Connection(connection.Id), LiveTopic.Connections]));
        var pace = new SendPace(connection.PerSecond ?? 0, tools.Time);
        var lanes = Enumerable.Range(0, connection.Connections).Select(_ =>
            new SendLane(connection, tools, State, pace, _plan, _written.Reader, new HeldMail(connection, tools, _check, _written.Reader, Wake)));
        _run = Task.WhenAll([Task.Run(() => RunAsync(_stop.Token), CancellationToken.None), .. lanes.Select(lane => Task.Run(() => lane.RunAsync(_stop.Token), CancellationToken.None))]);
    }

    public SendingConnection Connection { get; }

    public LineState State { get; }

    /// <summary>Looks at the queues again.</summary>
    public void Wake() => _bell.Writer.TryWrite(true);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _run;
        _check.Dispose();
        while (_written.Reader.TryRead(out var left))
        {
            _tools.InFlight.Release(left.Taken.MessageId);
        }

        _stop.Dispose();
    }

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                await FeedAsync(cancellationToken);
                using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
                enough.CancelAfter(s_nap);
                try
                {
                    await _bell.Reader.ReadAsync(enough.Token);
                }
                catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
                {
                    // Something may have become due by itself.
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Stopping.
        }
    }

    // By turns until nothing is due.
    private async Task FeedAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (_tools.Hold.Because is null && State.Standing.Status != LineStatus.Stopped && _tools.InFlight.Count < MaxInFlight)
            {
                var any = false;
                foreach (var campaignId in _plan.Queues())
                {
                    any |= await FeedAsync(campaignId, cancellationToken);
                }

                if (!any)
                {
                    return;
                }
            }
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            LogRetry(_tools.Logger, exception, PublicId.Connection(Connection.Id));
        }
    }

    private async Task<bool> FeedAsync(long campaignId, CancellationToken cancellationToken)
    {
        if (_tools.Sources.FirstOrDefault(source => source.WritesCampaigns == (campaignId != 0)) is not { } source)
        {
            return false;
        }

        var taken = _plan.Take(campaignId, _chunk);
        var fed = 0;
        try
        {
            foreach (var (mail, composed) in await OwnThread.RunAsync(() => ComposeAsync(source, taken, cancellationToken)))
            {
                if (composed.Write is null)
                {
                    _tools.Outbox.Tell(new AttemptOutcome(AttemptOf(mail, ""), AttemptEnd.Dropped, Now, Text: composed.DropReason ?? "There is nothing to send."));
                }
                else
                {
                    await _written.Writer.WriteAsync(new WrittenMail(mail, composed), cancellationToken);
                }

                fed++;
            }
        }
        finally
        {
            for (; fed < taken.Count; fed++)
            {
                _tools.InFlight.Release(taken[fed].MessageId);
            }
        }

        return taken.Count > 0;
    }

    private long Now => _tools.Time.GetUtcNow().ToUnixTimeMilliseconds();

    private Attempt AttemptOf(TakenMail mail, string mimeId) => new(mail.MessageId, mail.CampaignId, Connection.Id, mail.Attempts + 1, mail.FirstTriedAt, mimeId);

    // One mail that cannot be written must not hold up the others.
    private async Task<IReadOnlyList<(TakenMail Mail, ComposedMail Composed)>> ComposeAsync(IMailSource source, IReadOnlyList<TakenMail> taken, CancellationToken cancellationToken)
    {
        if (taken.Count == 0)
        {
            return [];
        }

        try
        {
            var composed = await source.ComposeAsync([.. taken.Select(Queued)], cancellationToken);
            return composed.Count == taken.Count
                ? [.. taken.Zip(composed)]
                : throw new InvalidOperationException($"{taken.Count} mails were to be written and {composed.Count} came back.");
        }
        catch (Exception exception) when (exception is not (OperationCanceledException or DbException or IOException))
        {
            LogNotWritten(_tools.Logger, exception, taken.Count);
            if (taken.Count == 1)
            {
                return [(taken[0], ComposedMail.Dropped(taken[0].MessageId, "", "This mail could not be written: the server's log says why."))];
            }
        }

        var one = new List<(TakenMail, ComposedMail)>(taken.Count);
        foreach (var mail in taken)
        {
            one.AddRange(await ComposeAsync(source, [mail], cancellationToken));
        }

        return one;
    }

    private QueuedMail Queued(TakenMail mail) => new(mail.MessageId, mail.CampaignId, Connection.Id, mail.Attempts);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The queue of connection {Id} could not be read and is read again")]
    private static partial void LogRetry(ILogger logger, Exception exception, string id);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Mails} mails could not be written")]
    private static partial void LogNotWritten(ILogger logger, Exception exception, int mails);
}
