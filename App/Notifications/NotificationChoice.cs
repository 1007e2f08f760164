using ScoreTracking.Data;

namespace ScoreTracking.Notifications;

/// <summary>A mail as far as telling people of it depends on it.</summary>
/// <param name="CampaignId">0 for a single mail.</param>
/// <param name="WrittenBy">The user who wrote it; 0 where a program did.</param>
/// <param name="AsksForFirstOpen">Whoever made it wants its first open told.</param>
public readonly record struct ToldMail(long CampaignId, long WrittenBy, bool AsksForFirstOpen);

/// <summary>What a person wants to be told of. Nothing, until they say so, but the first open of mail that asks for it.</summary>
/// <param name="EveryMail">Single mails of everybody, not only their own.</param>
/// <param name="OfMails">Of single mails.</param>
/// <param name="OfCampaigns">Of campaigns.</param>
/// <param name="Requested">The first open of mail a program made and asked to be told of. What they wrote themselves and asked for is always told.</param>
public sealed record NotificationChoice(bool EveryMail, NotificationKinds OfMails, NotificationKinds OfCampaigns, bool Requested)
{
    public static NotificationChoice Default { get; } = new(false, NotificationKinds.None, NotificationKinds.None, Requested: true);

    /// <summary>Whether this person is told.</summary>
    public bool Wants(NotificationKinds kind, long userId, in ToldMail mail)
    {
        if (mail.CampaignId != 0)
        {
            return OfCampaigns.HasFlag(kind);
        }

        var own = mail.WrittenBy == userId;
        return (OfMails.HasFlag(kind) && (own || EveryMail))
            || (kind == NotificationKinds.FirstOpen && mail.AsksForFirstOpen && (own || (mail.WrittenBy == 0 && Requested)));
    }

    internal static NotificationChoice Of(NotificationPreference? stored) =>
        stored is null ? Default : new(stored.EveryMail, stored.MailKinds, stored.CampaignKinds, stored.Requested);
}
