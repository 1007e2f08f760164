using ScoreTracking.Api;

namespace ScoreTracking.Contacts;

/// <summary>Addresses of the pages about people. They carry the id the API uses, so that it can be copied from the address.</summary>
internal static class ContactAddress
{
    public const string List = "/contacts";

    public static string Of(long id) => $"/contacts/{PublicId.Contact(id)}";

    /// <summary>A single mail, by the id of one of its messages.</summary>
    public static string Message(string messageId) => $"/messages/{messageId}";

    public static string Report(string campaignId) => $"/campaigns/{campaignId}";
}
