using Microsoft.EntityFrameworkCore;
using ScoreTracking.Data;
using ScoreTracking.Suppressions;

namespace ScoreTracking.Tracking;

/// <summary>Whose unsubscribe page it is, and what they chose so far.</summary>
/// <param name="Sender">Name the mail came from, "" without one.</param>
/// <param name="Topics">What the campaign says it is about.</param>
/// <param name="Unsubscribed">They already are.</param>
/// <param name="Before">They were once through this message, whether or not it still holds.</param>
internal sealed record UnsubscribeRecipient(
    long ContactId, string Email, string Sender, IReadOnlyList<string> Topics, IReadOnlyList<string> Refused, TrackingConsent Consent, bool Unsubscribed, bool Before)
{
    public bool Refuses(string topic) => Refused.Contain(topic);

    /// <summary>A few rows by their keys.</summary>
    /// <returns>Null for a message this database does not have, or no longer.</returns>
    public static async Task<UnsubscribeRecipient?> FindAsync(ScoreDb db, long messageId, CancellationToken cancellationToken)
    {
        var found = await (
            from message in db.Messages
            where message.Id == messageId
            join contact in db.Contacts on message.ContactId equals contact.Id
            join state in db.MessageStates on message.Id equals state.MessageId
            join campaign in db.Campaigns on message.CampaignId equals campaign.Id into campaigns
            from campaign in campaigns.DefaultIfEmpty()
            join mail in db.Mails on message.MailId equals mail.Id into mails
            from mail in mails.DefaultIfEmpty()
            select new
            {
                message.ContactId,
                message.Email,
                Sender = campaign != null ? campaign.FromName : mail != null ? mail.FromName : "",
                Topics = campaign == null ? Data.Topics.None : campaign.Topics,
                contact.RefusedTopics,
                contact.TrackingConsent,
                state.UnsubscribedAt,
                Suppressed = db.Suppressions.Any(suppression => suppression.Email == message.Email && suppression.Reason == SuppressionReason.Unsubscribed),
            }).FirstOrDefaultAsync(cancellationToken);
        return found is null
            ? null
            : new UnsubscribeRecipient(
                found.ContactId, found.Email, found.Sender, Data.Topics.Read(found.Topics), Data.Topics.Read(found.RefusedTopics),
                found.TrackingConsent, found.Suppressed, found.UnsubscribedAt != 0);
    }
}
