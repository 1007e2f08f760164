using ScoreTracking.Mail;

namespace ScoreTracking.Delivery;

/// <summary>A message whose turn has come.</summary>
/// <param name="CampaignId">0 for a single mail.</param>
public readonly record struct QueuedMail(long MessageId, long CampaignId, long ConnectionId, int Attempts);

/// <summary>What to hand over for a queued message, or why it is not to be.</summary>
/// <param name="Mail">Null where it is dropped.</param>
/// <param name="DropReason">For people and the log: suppressed, no consent, content gone.</param>
public sealed record ComposedMail(long MessageId, string Recipient, string? EnvelopeFrom, OutgoingMail? Mail, string? DropReason = null);

/// <summary>Who writes queued mail: campaigns write theirs from template and recipient, single mails were written when they were made.</summary>
public interface IMailSource
{
    /// <summary>Whether this source writes the mail of campaigns, or single mails.</summary>
    bool WritesCampaigns { get; }

    /// <summary>Writes mails of one campaign, or single mails, in the order given. The same message always gets the same content.</summary>
    ValueTask<IReadOnlyList<ComposedMail>> ComposeAsync(IReadOnlyList<QueuedMail> mails, CancellationToken cancellationToken);
}
