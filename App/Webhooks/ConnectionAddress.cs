using ScoreTracking.Api;

namespace ScoreTracking.Webhooks;

/// <summary>Addresses of the pages about connections.</summary>
internal static class ConnectionAddress
{
    public const string List = "/connections";
    public const string New = "/connections/new";

    public static string NewAt(string provider) => $"{New}?provider={provider}";

    public static string Of(string publicId) => $"/connections/{publicId}";

    public static string Report(long campaignId) => $"/campaigns/{PublicId.Campaign(campaignId)}";
}
