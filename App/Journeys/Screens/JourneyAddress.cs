using ScoreTracking.Api;

namespace ScoreTracking.Journeys.Screens;

/// <summary>Where pages about journeys are. They carry the id the API uses.</summary>
internal static class JourneyAddress
{
    public const string List = "/journeys";

    public static string Of(long id) => $"{List}/{PublicId.Journey(id)}";

    public static string Draft(long id) => $"{Of(id)}?show=draft";

    /// <summary>A person's way.</summary>
    public static string Person(long id, long enrollmentId) => $"{Of(id)}/people/{PublicId.Enrollment(enrollmentId)}";
}
