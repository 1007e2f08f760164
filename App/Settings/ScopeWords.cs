using ScoreTracking.Auth;

namespace ScoreTracking.Settings;

/// <summary>What a scope lets a program do, for those who choose it.</summary>
internal static class ScopeWords
{
    private static readonly Dictionary<string, string> s_words = new(StringComparer.Ordinal)
    {
        [Scopes.EventsWrite] = "Report events",
        [Scopes.ReportsRead] = "Read reports and the event log",
        [Scopes.ContactsRead] = "Read contacts",
        [Scopes.ContactsWrite] = "Change contacts",
        [Scopes.CampaignsRead] = "Read campaigns",
        [Scopes.CampaignsWrite] = "Create campaigns, add recipients, instrument messages",
        [Scopes.CampaignsSend] = "Start and send campaigns",
        [Scopes.ExportsRead] = "Download exports",
        [Scopes.SuppressionRead] = "Read the suppression list",
        [Scopes.SuppressionWrite] = "Change the suppression list",
        [Scopes.Admin] = "Everything, settings, users and keys included",
    };

    public static string Of(string scope) => s_words[scope];
}
