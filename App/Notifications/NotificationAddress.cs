using ScoreTracking.Api;
using ScoreTracking.Data;

namespace ScoreTracking.Notifications;

/// <summary>Where pages about notifications are, and the mail each tells of.</summary>
public static class NotificationAddress
{
    public const string List = "/notifications";
    public const string Preferences = "/settings/notifications";

    /// <summary>The message itself; of a campaign, its row among the recipients; of a pause, where the campaign is let go on.</summary>
    public static string Of(NotificationRow row) => row.Kind == NotificationKinds.CampaignPaused ? $"/campaigns/{PublicId.Campaign(row.CampaignId)}/send" : row.CampaignId == 0
        ? $"/messages/{PublicId.Message(row.MessageId)}"
        : $"/campaigns/{PublicId.Campaign(row.CampaignId)}?q={Uri.EscapeDataString(row.Email)}#recipients";
}
