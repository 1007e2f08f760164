using System.Threading.Channels;
using ScoreTracking.Api;
using ScoreTracking.Connections;
using ScoreTracking.Mail;

namespace ScoreTracking.Delivery;

/// <summary>A mail that was asked about and written.</summary>
/// <param name="AskedAt">By the monotonic clock.</param>
internal sealed record ReadyMail(WrittenMail Mail, Letter Letter, long AskedAt);

/// <summary>The mail one lane answers for: taken, asked about a last time, written, until it has ended or goes back to the queue.</summary>
internal sealed partial class HeldMail(SendingConnection connection, SendTools tools, LastCheck check, ChannelReader<WrittenMail> written, Action wake)
{
    private readonly List<WrittenMail> _held = [];

    /// <summary>Takes up to so many that wait.</summary>
    public IReadOnlyList<WrittenMail> Take(int most)
    {
        var taken = new List<WrittenMail>();
        while (taken.Count < most && written.TryRead(out var mail))
        {
            taken.Add(mail);
        }

        _held.AddRange(taken);
        return taken;
    }

    /// <summary>Asks about a mail and writes it.</summary>
    /// <returns>Null where it is not to leave now, or never.</returns>
    public async ValueTask<ReadyMail?> ReadyAsync(WrittenMail mail, CancellationToken cancellationToken)
    {
        var now = tools.Time.GetTimestamp();
        return MayGo(mail) && await WriteAsync(mail, cancellationToken) is { } letter ? new ReadyMail(mail, letter, now) : null;
    }

    /// <summary>Asks about a mail, and ends it where it is never to leave.</summary>
    /// <exception cref="Microsoft.Data.Sqlite.SqliteException">It could not be asked.</exception>
    public bool MayGo(WrittenMail mail)
    {
        var (answer, reason) = check.Ask(mail.Taken.MessageId, mail.Taken.CampaignId, mail.Taken.Attempts, mail.Composed.Recipient);
        if (answer == LastCheck.Answer.Drop)
        {
            Drop(mail, reason);
        }

        return answer == LastCheck.Answer.Go;
    }

    /// <summary>From here on the relay has it.</summary>
    public void End(WrittenMail mail, AttemptEnd end, HandOff said)
    {
        _held.Remove(mail);
        tools.Outbox.Tell(new AttemptOutcome(AttemptOf(mail), end, Now, said.Code ?? 0, said.EnhancedStatus ?? "", said.Text, said.EspMessageId ?? ""));
    }

    /// <summary>The same for a mail that never leaves.</summary>
    public void Drop(WrittenMail mail, string because)
    {
        _held.Remove(mail);
        tools.Outbox.Tell(new AttemptOutcome(AttemptOf(mail), AttemptEnd.Dropped, Now, Text: because));
    }

    /// <summary>What did not leave goes back to the queue.</summary>
    /// <param name="but">What stays.</param>
    public void Release(WrittenMail? but)
    {
        var left = _held.RemoveAll(mail =>
        {
            if (mail != but)
            {
                tools.InFlight.Release(mail.Taken.MessageId);
            }

            return mail != but;
        });
        if (left > 0)
        {
            wake();
        }
    }

    public Attempt AttemptOf(WrittenMail mail) =>
        new(mail.Taken.MessageId, mail.Taken.CampaignId, connection.Id, mail.Taken.Attempts + 1, mail.Taken.FirstTriedAt, mail.Composed.MimeId);

    private async ValueTask<Letter?> WriteAsync(WrittenMail mail, CancellationToken cancellationToken)
    {
        OutgoingMail outgoing;
        try
        {
            outgoing = mail.Composed.Write!();
        }
        catch (Exception exception)
        {
            LogNotWritten(tools.Logger, exception, PublicId.Message(mail.Taken.MessageId));
            Drop(mail, "This mail could not be written: the server's log says why.");
            return null;
        }

        try
        {
            return await tools.Writer.WriteAsync(mail.Taken.MessageId, mail.Composed.Recipient, mail.Composed.EnvelopeFrom, outgoing, cancellationToken);
        }
        catch (ArgumentException exception)
        {
            Drop(mail, $"This mail cannot be written: {exception.Message}");
            return null;
        }
    }

    private long Now => tools.Time.GetUtcNow().ToUnixTimeMilliseconds();

    [LoggerMessage(Level = LogLevel.Error, Message = "The mail {Message} could not be written")]
    private static partial void LogNotWritten(ILogger logger, Exception exception, string message);
}
