using ScoreTracking.Api;

namespace ScoreTracking.Campaigns;

/// <summary>Where a campaign's pages are. They carry the id the API uses, so that it can be copied from the address.</summary>
internal static class CampaignAddress
{
    public const string List = "/campaigns";
    public const string New = "/campaigns/new";

    public static string Report(long id) => $"/campaigns/{PublicId.Campaign(id)}";

    public static string Content(long id) => $"{Report(id)}/edit";

    public static string Recipients(long id) => $"{Report(id)}/recipients";

    public static string Sending(long id) => $"{Report(id)}/send";

    /// <summary>CSV of the rows an import could not take.</summary>
    public static string ImportErrors(long id, long jobId) => $"{Report(id)}/imports/{PublicId.Job(jobId)}/errors.csv";
}
