using ScoreTracking.Mail;

namespace ScoreTracking.Delivery;

/// <summary>A message whose turn has come.</summary>
/// <param name="CampaignId">0 for a single mail.</param>
public readonly record struct QueuedMail(long MessageId, long CampaignId, long ConnectionId, int Attempts);

/// <summary>What to hand over for a queued message, or why it is not to be.</summary>
/// <param name="MimeId">The mail's Message-ID; empty where it is dropped.</param>
/// <param name="Write">Writes the mail in the moment its turn comes, so that those that wait are not a pile of texts; null where it is dropped.</param>
/// <param name="DropReason">For people and the log: suppressed, no consent, content gone.</param>
public sealed record ComposedMail(long MessageId, string Recipient, string? EnvelopeFrom, string MimeId, Func<OutgoingMail>? Write, string? DropReason = null)
{
    public static ComposedMail Dropped(long messageId, string recipient, string because) => new(messageId, recipient, null, "", null, because);
}

/// <summary>Who writes queued mail: campaigns write theirs from template and recipient, single mails were written when they were made.</summary>
public interface IMailSource
{
    /// <summary>Whether this source writes the mail of campaigns, or single mails.</summary>
    bool WritesCampaigns { get; }

    /// <summary>Prepares mails of one campaign, or single mails, in the order given. The same message always gets the same content.</summary>
    ValueTask<IReadOnlyList<ComposedMail>> ComposeAsync(IReadOnlyList<QueuedMail> mails, CancellationToken cancellationToken);
}
