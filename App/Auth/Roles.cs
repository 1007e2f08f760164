using System.Security.Claims;
using Microsoft.AspNetCore.Authorization;

namespace ScoreTracking.Auth;

/// <summary>What a person may do: a viewer sees reports, a marketer runs campaigns, an administrator does everything.</summary>
public static class Roles
{
    public const string Viewer = "viewer";
    public const string Marketer = "marketer";
    public const string Admin = "admin";

    public static readonly IReadOnlyList<string> All = [Viewer, Marketer, Admin];

    /// <summary>Whether a person sees recipients' addresses, and may take them away in files.</summary>
    public static bool SeesAddresses(ClaimsPrincipal person) => person.IsInRole(Marketer) || person.IsInRole(Admin);
}

/// <summary>Names for <c>[Authorize(Policy = …)]</c> on pages and endpoints. Without one, every signed-in person may enter.</summary>
public static class Policies
{
    /// <summary>Marketers and administrators.</summary>
    public const string Marketer = "Marketer";

    /// <summary>Administrators.</summary>
    public const string Admin = "Admin";

    /// <summary>Whoever may see reports: every person who signs in, and API keys with the scope reports:read.</summary>
    public const string LiveReports = "LiveReports";

    internal static void Add(AuthorizationOptions options)
    {
        // Every endpoint is closed unless it opens itself.
        options.DefaultPolicy = options.FallbackPolicy = new AuthorizationPolicyBuilder().AddRequirements(new SignedInPerson()).Build();
        options.AddPolicy(Marketer, policy => policy.AddRequirements(new SignedInPerson()).RequireRole(Roles.Marketer, Roles.Admin));
        options.AddPolicy(Admin, policy => policy.AddRequirements(new SignedInPerson()).RequireRole(Roles.Admin));
        options.AddPolicy(LiveReports, policy => policy.RequireAssertion(context =>
            context.User.HasClaim(claim => claim.Type == AuthClaims.Session)
            || context.User.HasClaim(claim => claim.Type == AuthClaims.Scope && claim.Value is Scopes.ReportsRead or Scopes.Admin)));
        foreach (var scope in Scopes.All)
        {
            AddScope(options, scope, scope);
        }

        AddScope(options, Scopes.JobsRead, Scopes.CampaignsRead, Scopes.ContactsRead, Scopes.SuppressionRead);
    }

    private static void AddScope(AuthorizationOptions options, string name, params string[] scopes) =>
        options.AddPolicy(Scopes.PolicyOf(name), policy => policy
            .AddAuthenticationSchemes(AuthSchemes.ApiKey)
            .RequireAuthenticatedUser()
            .RequireClaim(AuthClaims.Scope, [.. scopes, Scopes.Admin]));
}

/// <summary>A person with a session. An API key is nobody: an endpoint without a scope stays closed to it.</summary>
internal sealed class SignedInPerson : AuthorizationHandler<SignedInPerson>, IAuthorizationRequirement
{
    protected override Task HandleRequirementAsync(AuthorizationHandlerContext context, SignedInPerson requirement)
    {
        if (context.User.HasClaim(claim => claim.Type == AuthClaims.Session) || (context.Resource is HttpContext http && LeadsNowhere(http, context)))
        {
            context.Succeed(requirement);
        }

        return Task.CompletedTask;
    }

    // A wrong verb keeps its 405, a wrong content type its 415, and a key holder's unknown address its 404: nothing lies behind either.
    private static bool LeadsNowhere(HttpContext http, AuthorizationHandlerContext context) => http.GetEndpoint() switch
    {
        null => context.User.HasClaim(claim => claim.Type == AuthClaims.Scope),
        { Metadata.Count: 0, DisplayName: "405 HTTP Method Not Supported" or "415 HTTP Unsupported Media Type" } => true,
        _ => false,
    };
}

internal static class AuthSchemes
{
    /// <summary>Looks at the path: API keys below /api, sessions everywhere else; the live hub takes both, but only one at a time.</summary>
    public const string ByPath = "ByPath";
    public const string Session = "Session";
    public const string ApiKey = "ApiKey";
}

internal static class AuthClaims
{
    public const string Session = "session";
    public const string SecurityStamp = "stamp";

    /// <summary>The password was set by someone else; it opens nothing but the page that changes it.</summary>
    public const string TemporaryPassword = "temporary_password";
    public const string ApiKeyId = "api_key";
    public const string Scope = "scope";
}
