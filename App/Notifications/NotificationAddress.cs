using ScoreTracking.Api;
using ScoreTracking.Data;

namespace ScoreTracking.Notifications;

/// <summary>Where pages about notifications are, and the mail each tells of.</summary>
public static class NotificationAddress
{
    public const string List = "/notifications";
    public const string Preferences = "/settings/notifications";

    /// <summary>The message itself; of a campaign, its row among the recipients; of a pause or an open test, where a person decides.</summary>
    public static string Of(NotificationRow row) => row.Kind switch
    {
        NotificationKinds.CampaignPaused => $"/campaigns/{PublicId.Campaign(row.CampaignId)}/send",
        NotificationKinds.TestUndecided => $"/campaigns/{PublicId.Campaign(row.CampaignId)}/recipients#test",
        _ => Of(row.CampaignId, row.MessageId, row.Email),
    };

    private static string Of(long campaignId, long messageId, string email) => campaignId == 0
        ? $"/messages/{PublicId.Message(messageId)}"
        : $"/campaigns/{PublicId.Campaign(campaignId)}?q={Uri.EscapeDataString(email)}#recipients";
}
