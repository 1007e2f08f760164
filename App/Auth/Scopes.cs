namespace ScoreTracking.Auth;

/// <summary>What an API key may do.</summary>
public static class Scopes
{
    public const string EventsWrite = "events:write";
    public const string ReportsRead = "reports:read";
    public const string ContactsRead = "contacts:read";
    public const string ContactsWrite = "contacts:write";
    public const string CampaignsRead = "campaigns:read";
    public const string CampaignsWrite = "campaigns:write";
    public const string CampaignsSend = "campaigns:send";
    public const string ExportsRead = "exports:read";
    public const string SuppressionRead = "suppression:read";
    public const string SuppressionWrite = "suppression:write";

    /// <summary>Not a scope of its own: what one of contacts:read, campaigns:read and suppression:read opens. Whose jobs are shown is for the endpoint to say.</summary>
    internal const string JobsRead = "campaigns:read or contacts:read or suppression:read";

    /// <summary>Everything, settings included.</summary>
    public const string Admin = "admin";

    public static readonly IReadOnlyList<string> All =
    [
        EventsWrite, ReportsRead, ContactsRead, ContactsWrite, CampaignsRead, CampaignsWrite, CampaignsSend,
        ExportsRead, SuppressionRead, SuppressionWrite, Admin,
    ];

    /// <summary>Opens an endpoint to API keys with this scope (or admin), and to nothing else: cookies never authenticate the API.</summary>
    public static TBuilder RequireScope<TBuilder>(this TBuilder builder, string scope)
        where TBuilder : IEndpointConventionBuilder =>
        builder.RequireAuthorization(PolicyOf(scope));

    /// <summary>The name of the policy that asks for a scope.</summary>
    public static string PolicyOf(string scope) => $"scope:{scope}";
}
