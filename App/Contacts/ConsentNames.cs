using ScoreTracking.Data;

namespace ScoreTracking.Contacts;

/// <summary>Answers about tracking as the API writes them.</summary>
internal static class ConsentNames
{
    public static string Name(this TrackingConsent consent) => consent switch
    {
        TrackingConsent.Unknown => "unknown",
        TrackingConsent.Granted => "granted",
        TrackingConsent.Denied => "denied",
    };
}
