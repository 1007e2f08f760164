using System.Threading.Channels;
using ScoreTracking.Api;
using ScoreTracking.Connections;
using ScoreTracking.Mail;

namespace ScoreTracking.Delivery;

/// <summary>One transport of a connection and what goes over it. Asks everything once more before a mail leaves, and notes it before its first byte does.</summary>
internal sealed partial class SendLane(SendingConnection connection, SendTools tools, LineState state, SendPace pace, SendPlan plan, LastCheck check, ChannelReader<WrittenMail> written, Action wake)
{
    private static readonly TimeSpan s_heldNap = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_rest = TimeSpan.FromSeconds(5);

    /// <summary>Runs until cancelled; what it holds then goes back to the queue.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        ITransport? transport = null;
        try
        {
            while (true)
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

                try
                {
                    transport ??= tools.Transports.Open(connection);
                    await HandOverAsync(transport, cancellationToken);
                }
                catch (Exception exception) when (exception is not OperationCanceledException)
                {
                    LogRetry(tools.Logger, exception, PublicId.Connection(connection.Id));
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
            if (transport is not null)
            {
                await transport.DisposeAsync();
            }
        }
    }

    private async Task HandOverAsync(ITransport transport, CancellationToken cancellationToken)
    {
        var held = new List<WrittenMail>();
        try
        {
            while (held.Count < Math.Max(1, transport.MaxBatch) && written.TryRead(out var mail))
            {
                held.Add(mail);
            }

            if (held.Count == 0)
            {
                return;
            }

            await pace.TurnAsync(held.Count, cancellationToken);
            if (tools.Hold.Because is not null || state.Standing.Status != LineStatus.Ready)
            {
                return;
            }

            var letters = new List<(WrittenMail Mail, Letter Letter)>();
            foreach (var mail in held.ToArray())
            {
                var (answer, reason) = check.Ask(mail.Taken.MessageId, mail.Taken.CampaignId, mail.Taken.Attempts, mail.Composed.Recipient);
                if (answer == LastCheck.Answer.Drop)
                {
                    End(held, mail, new AttemptOutcome(AttemptOf(mail), AttemptEnd.Dropped, Now, Text: reason));
                }
                else if (answer == LastCheck.Answer.Go && await WriteAsync(held, mail, cancellationToken) is { } letter)
                {
                    letters.Add((mail, letter));
                }
            }

            if (letters.Count > 0)
            {
                await SendAsync(transport, held, letters, cancellationToken);
            }
        }
        finally
        {
            foreach (var mail in held)
            {
                tools.InFlight.Release(mail.Taken.MessageId);
            }

            if (held.Count > 0)
            {
                wake();
            }
        }
    }

    private async Task<Letter?> WriteAsync(List<WrittenMail> held, WrittenMail mail, CancellationToken cancellationToken)
    {
        OutgoingMail written;
        try
        {
            written = mail.Composed.Write!();
        }
        catch (Exception exception)
        {
            LogNotWritten(tools.Logger, exception, PublicId.Message(mail.Taken.MessageId));
            End(held, mail, new AttemptOutcome(AttemptOf(mail), AttemptEnd.Dropped, Now, Text: "This mail could not be written: the server's log says why."));
            return null;
        }

        try
        {
            return await tools.Writer.WriteAsync(mail.Taken.MessageId, mail.Composed.Recipient, mail.Composed.EnvelopeFrom, written, cancellationToken);
        }
        catch (ArgumentException exception)
        {
            End(held, mail, new AttemptOutcome(AttemptOf(mail), AttemptEnd.Dropped, Now, Text: $"This mail cannot be written: {exception.Message}"));
            return null;
        }
    }

    private async Task SendAsync(ITransport transport, List<WrittenMail> held, List<(WrittenMail Mail, Letter Letter)> letters, CancellationToken cancellationToken)
    {
        var began = state.Begin();
        var isNoted = false;
        IReadOnlyList<HandOff> results;
        try
        {
            results = await transport.SendAsync(
                [.. letters.Select(one => one.Letter)],
                async _ =>
                {
                    // Not cancelled: it is on disk in a moment, and we must know that it is.
                    await tools.Outbox.NoteAsync(letters.Select(one => AttemptOf(one.Mail)), Now);
                    isNoted = true;
                },
                cancellationToken);
            if (results.Count != letters.Count)
            {
                throw new InvalidOperationException($"{letters.Count} letters were handed over and {results.Count} answers came back.");
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException)
        {
            Unnote(isNoted, letters.Select(one => one.Mail));
            throw;
        }
        catch (ArgumentException exception) when (!isNoted)
        {
            // The envelope cannot be written; alone, or it would not be known whose.
            foreach (var (mail, _) in letters)
            {
                End(held, mail, new AttemptOutcome(AttemptOf(mail), AttemptEnd.Dropped, Now, Text: $"This mail cannot be sent: {exception.Message}"));
            }

            return;
        }
        catch (Exception exception)
        {
            // A mistake of ours: what was noted may be with the server.
            LogFailed(tools.Logger, exception, PublicId.Connection(connection.Id));
            results = [.. letters.Select(_ => new HandOff(isNoted ? SmtpVerdict.Uncertain : SmtpVerdict.Unreachable, null, null, "Something went wrong here; the server's log says what."))];
        }

        for (var index = 0; index < letters.Count; index++)
        {
            Conclude(held, letters[index].Mail, results[index], began, isNoted);
        }
    }

    private void Conclude(List<WrittenMail> held, WrittenMail mail, HandOff result, TimeSpan began, bool isNoted)
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

        End(held, mail, new AttemptOutcome(AttemptOf(mail), known, Now, result.Code ?? 0, result.EnhancedStatus ?? "", result.Text, result.EspMessageId ?? ""));
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

    // From here on the relay has it.
    private void End(List<WrittenMail> held, WrittenMail mail, AttemptOutcome outcome)
    {
        held.Remove(mail);
        tools.Outbox.Tell(outcome);
    }

    private void Unnote(bool isNoted, IEnumerable<WrittenMail> mails)
    {
        if (isNoted)
        {
            tools.Outbox.Remove(mails.Select(AttemptOf));
        }
    }

    private long Now => tools.Time.GetUtcNow().ToUnixTimeMilliseconds();

    private Attempt AttemptOf(WrittenMail mail) =>
        new(mail.Taken.MessageId, mail.Taken.CampaignId, connection.Id, mail.Taken.Attempts + 1, mail.Taken.FirstTriedAt, mail.Composed.MimeId);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A lane of connection {Id} failed and goes on in a moment")]
    private static partial void LogRetry(ILogger logger, Exception exception, string id);

    [LoggerMessage(Level = LogLevel.Error, Message = "The mail {Message} could not be written")]
    private static partial void LogNotWritten(ILogger logger, Exception exception, string message);

    [LoggerMessage(Level = LogLevel.Error, Message = "Handing mail to connection {Id} failed unexpectedly")]
    private static partial void LogFailed(ILogger logger, Exception exception, string id);
}
