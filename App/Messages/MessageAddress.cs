namespace ScoreTracking.Messages;

/// <summary>Where the pages of single mails are. They carry the id the API uses, so that it can be copied from the address.</summary>
internal static class MessageAddress
{
    public const string List = "/messages";
    public const string New = "/messages/new";

    /// <param name="id">As the API has it.</param>
    public static string Of(string id) => $"{List}/{id}";
}
