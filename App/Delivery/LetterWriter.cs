using ScoreTracking.Mail;

namespace ScoreTracking.Delivery;

/// <summary>Makes a letter of a mail: written as it travels.</summary>
public sealed class LetterWriter
{
    /// <param name="messageId">0 for a mail that is no message of ours.</param>
    /// <param name="envelopeFrom">Where bounces go; null: to the From address.</param>
    /// <exception cref="ArgumentException">An address, a header or an id of the mail cannot be written: see <see cref="MimeWriter.Write"/>.</exception>
    public ValueTask<Letter> WriteAsync(long messageId, string recipient, string? envelopeFrom, OutgoingMail mail, CancellationToken cancellationToken) =>
        ValueTask.FromResult(new Letter(messageId, recipient, envelopeFrom ?? mail.From.Address, mail, MimeWriter.Write(mail)));
}
