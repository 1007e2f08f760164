using ScoreTracking.Domains;
using ScoreTracking.Mail;

namespace ScoreTracking.Delivery;

/// <summary>Makes a letter of a mail: written as it travels, and signed with the keys of its From domain.</summary>
public sealed class LetterWriter(SigningKeys keys, TimeProvider time)
{
    /// <param name="messageId">0 for a mail that is no message of ours.</param>
    /// <param name="envelopeFrom">Where bounces go; null: to the From address.</param>
    /// <exception cref="ArgumentException">An address, a header or an id of the mail cannot be written: see <see cref="MimeWriter.Write"/>.</exception>
    public async ValueTask<Letter> WriteAsync(long messageId, string recipient, string? envelopeFrom, OutgoingMail mail, CancellationToken cancellationToken)
    {
        var mime = MimeWriter.Write(mail);
        foreach (var signer in await keys.ForAsync(mail.From.Address, cancellationToken))
        {
            mime = signer.Sign(mime, time.GetUtcNow());
        }

        return new Letter(messageId, recipient, envelopeFrom ?? mail.From.Address, mail, mime);
    }
}
