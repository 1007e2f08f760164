using Microsoft.EntityFrameworkCore;
using ScoreTracking.Contacts;
using ScoreTracking.Data;
using ScoreTracking.Suppressions;

namespace ScoreTracking.Campaigns;

/// <summary>A recipient's copy that was made for others to hand over.</summary>
/// <param name="MadeAt">When the recipient came into the campaign.</param>
internal sealed record MadeCopy(long CampaignId, string Email, string? CustomerId, DateTimeOffset MadeAt, Instrumented Copy);

/// <summary>Writes copies of campaigns others hand over again, with what was decided when they were made; whoever may not be mailed any more gets none.</summary>
internal sealed class MadeCopies(IDbContextFactory<ScoreDb> databases, SuppressionCheck suppressions, CampaignContents contents, MailRenderer renderer)
{
    private const string Gone = "The message is no longer kept";

    /// <returns>The copy, or why there is none, without addresses.</returns>
    public async Task<(MadeCopy? Copy, string Because)> WriteAsync(long messageId, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var found = await (
            from message in db.Messages
            join state in db.MessageStates on message.Id equals state.MessageId
            join contact in db.Contacts on message.ContactId equals contact.Id
            join campaign in db.Campaigns on message.CampaignId equals campaign.Id
            where message.Id == messageId
            select new { Message = message, State = state, Contact = contact, campaign.Status, campaign.Delivery }).FirstOrDefaultAsync(cancellationToken);
        if (found is null || found.State.Erased || found.Contact.DeletedAt != 0 || found.State.Variant < 0 || found.Delivery != CampaignDelivery.External)
        {
            return (null, Gone);
        }

        if (found.Status == CampaignStatus.Cancelled)
        {
            return (null, "The campaign was cancelled");
        }

        var email = found.Message.Email;
        if ((await suppressions.ReasonsAsync([email], cancellationToken)).TryGetValue(email, out var reason))
        {
            return (null, $"The address is suppressed: {reason}");
        }

        var content = await contents.GetAsync(found.Message.CampaignId!.Value, cancellationToken);
        if (Topics.AllRefused(content.Topics, Topics.Read(found.Contact.RefusedTopics)))
        {
            return (null, "The recipient wants no mail on the campaign’s topics");
        }

        var row = new ContactRow(found.Contact.CustomerId, email, ContactRow.NoData, null);
        var written = new Written(
            null, Added: false, messageId, found.State.Variant, found.Contact.Attributes, found.Contact.TrackingConsent, found.Contact.CustomerId, found.State.Withheld);
        return (new MadeCopy(content.Id, email, found.Contact.CustomerId, found.Message.CreatedAt, renderer.Render(content, row, written, own: null)), "");
    }
}
