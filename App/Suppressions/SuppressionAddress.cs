using ScoreTracking.Api;

namespace ScoreTracking.Suppressions;

/// <summary>Addresses of the pages about the list.</summary>
internal static class SuppressionAddress
{
    public const string List = "/suppressions";
    public const string Import = "/suppressions/import";
    public const string Csv = "/suppressions/export.csv";

    /// <summary>The list, with one address alone.</summary>
    public static string Of(string email) => $"{List}?q={Uri.EscapeDataString(email)}";

    public static string ImportErrors(long jobId) => $"{List}/imports/{PublicId.Job(jobId)}/errors.csv";
}
