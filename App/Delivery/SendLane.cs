using System.Threading.Channels;
using ScoreTracking.Api;
using ScoreTracking.Connections;
using ScoreTracking.Mail;

namespace ScoreTracking.Delivery;

/// <summary>One transport of a connection and what goes over it. Asks everything once more before a mail leaves, and notes it before the first byte of its content does.</summary>
internal sealed partial class SendLane(SendingConnection connection, SendTools tools, LineState state, SendPace pace, SendPlan plan, ChannelReader<WrittenMail> written, HeldMail held)
{
    private static readonly TimeSpan s_heldNap = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_rest = TimeSpan.FromSeconds(5);

    // What was asked longer ago is asked again: a server may take its time with the mail before.
    private static readonly TimeSpan s_fresh = TimeSpan.FromMilliseconds(100);

    private ITransport? _transport;

    // The server may have been asked about it, behind the end of the mail before.
    private ReadyMail? _next;

    private bool MayLeave => tools.Hold.Because is null && state.Standing.Status == LineStatus.Ready;

    /// <summary>Runs until cancelled; what it holds then goes back to the queue.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                if (_next is null)
                {
                    await state.ReadyAsync(cancellationToken);
                    if (!await written.WaitToReadAsync(cancellationToken))
                    {
                        return;
                    }

                    while (tools.Hold.Because is not null)
                    {
                        await Task.Delay(s_heldNap, tools.Time, cancellationToken);
                    }
                }

                try
                {
                    await HandOverAsync(_transport ??= tools.Transports.Open(connection), cancellationToken);
                }
                catch (Exception exception) when (exception is not OperationCanceledException)
                {
                    LogRetry(tools.Logger, exception, PublicId.Connection(connection.Id));
                    await CloseAsync();
                    await Task.Delay(s_rest, tools.Time, cancellationToken);
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Stopping.
        }
        finally
        {
            await CloseAsync();
        }
    }

    private async Task HandOverAsync(ITransport transport, CancellationToken cancellationToken)
    {
        try
        {
            IReadOnlyList<ReadyMail> ready;
            if (_next is not { } next)
            {
                ready = await TakeAsync(Math.Max(1, transport.MaxBatch), cancellationToken);
            }
            else if (MayLeave && (tools.Time.GetElapsedTime(next.AskedAt) <= s_fresh || held.MayGo(next.Mail)))
            {
                (_next, ready) = (null, [next]);
            }
            else
            {
                await CloseAsync();
                return;
            }

            if (ready.Count > 0)
            {
                await SendAsync(transport, ready, cancellationToken);
            }
        }
        finally
        {
            held.Release(but: _next?.Mail);
        }
    }

    private async Task<IReadOnlyList<ReadyMail>> TakeAsync(int most, CancellationToken cancellationToken)
    {
        var taken = held.Take(most);
        if (taken.Count > 0)
        {
            await pace.TurnAsync(taken.Count, cancellationToken);
        }

        var ready = new List<ReadyMail>(taken.Count);
        foreach (var mail in MayLeave ? taken : [])
        {
            if (await held.ReadyAsync(mail, cancellationToken) is { } one)
            {
                ready.Add(one);
            }
        }

        return ready;
    }

    // In the time the note of the mail before needs to get to the disk. What goes wrong here goes wrong again in its turn.
    private async Task<ReadyMail?> NextAsync(CancellationToken cancellationToken)
    {
        if (!pace.IsFree || !MayLeave || held.Take(1) is not [var mail])
        {
            return null;
        }

        try
        {
            return await held.ReadyAsync(mail, cancellationToken);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            LogRetry(tools.Logger, exception, PublicId.Connection(connection.Id));
            return null;
        }
    }

    private async Task SendAsync(ITransport transport, IReadOnlyList<ReadyMail> ready, CancellationToken cancellationToken)
    {
        var began = state.Begin();
        var isNoted = false;
        IReadOnlyList<HandOff> results;
        try
        {
            results = await transport.SendAsync(
                [.. ready.Select(one => one.Letter)],
                async token =>
                {
                    // Not cancelled: it is on disk in a moment, and we must know that it is.
                    var noting = tools.Outbox.NoteAsync(ready.Select(one => held.AttemptOf(one.Mail)), tools.Time.GetUtcNow().ToUnixTimeMilliseconds());
                    try
                    {
                        _next = await NextAsync(token);
                    }
                    finally
                    {
                        await noting;
                        isNoted = true;
                    }
                },
                () => _next?.Letter,
                cancellationToken);
            if (results.Count != ready.Count)
            {
                throw new InvalidOperationException($"{ready.Count} letters were handed over and {results.Count} answers came back.");
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException)
        {
            Unnote(isNoted, ready.Select(one => one.Mail));
            throw;
        }
        catch (ArgumentException exception) when (!isNoted)
        {
            // The envelope cannot be written; alone, or it would not be known whose.
            foreach (var (mail, _, _) in ready)
            {
                held.Drop(mail, $"This mail cannot be sent: {exception.Message}");
            }

            return;
        }
        catch (Exception exception)
        {
            // A mistake of ours: what was noted may be with the server.
            LogFailed(tools.Logger, exception, PublicId.Connection(connection.Id));
            results = [.. ready.Select(_ => new HandOff(isNoted ? SmtpVerdict.Uncertain : SmtpVerdict.Unreachable, null, null, "Something went wrong here; the server's log says what."))];
        }

        for (var index = 0; index < ready.Count; index++)
        {
            Conclude(ready[index].Mail, results[index], began, isNoted);
        }
    }

    private void Conclude(WrittenMail mail, HandOff result, TimeSpan began, bool isNoted)
    {
        if (result.NeedsOperator && result.Verdict != SmtpVerdict.Accepted && result.Verdict != SmtpVerdict.Uncertain)
        {
            Unnote(isNoted, [mail]);
            state.Stop(result.Text);
            return;
        }

        AttemptEnd? end = result.Verdict switch
        {
            SmtpVerdict.Accepted => AttemptEnd.Accepted,
            SmtpVerdict.Refused => AttemptEnd.Refused,
            SmtpVerdict.Deferred => AttemptEnd.Deferred,
            SmtpVerdict.Uncertain => AttemptEnd.Uncertain,
            SmtpVerdict.Unreachable => null,
        };
        if (end is not { } known)
        {
            Unnote(isNoted, [mail]);
            plan.Broke(mail.Taken.MessageId);
            state.Failed(began, result.Text);
            return;
        }

        held.End(mail, known, result);
        if (known == AttemptEnd.Uncertain)
        {
            state.Unanswered(began, result.Text);
        }
        else
        {
            plan.Answered(mail.Taken.MessageId);
            state.Answered();
        }
    }

    private void Unnote(bool isNoted, IEnumerable<WrittenMail> mails)
    {
        if (isNoted)
        {
            tools.Outbox.Remove(mails.Select(held.AttemptOf));
        }
    }

    // A server that waits for the next mail's content can be told otherwise by hanging up alone.
    private async ValueTask CloseAsync()
    {
        _next = null;
        held.Release(but: null);
        if (_transport is { } transport)
        {
            _transport = null;
            await transport.DisposeAsync();
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A lane of connection {Id} failed and goes on in a moment")]
    private static partial void LogRetry(ILogger logger, Exception exception, string id);

    [LoggerMessage(Level = LogLevel.Error, Message = "Handing mail to connection {Id} failed unexpectedly")]
    private static partial void LogFailed(ILogger logger, Exception exception, string id);
}
