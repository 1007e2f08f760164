using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.Extensions.Options;

namespace ScoreTracking.Auth;

/// <summary>Reads <c>Authorization: Bearer …</c> and nothing else, but for the live hub; says why in problem+json.</summary>
internal sealed class ApiKeyHandler(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory loggers, UrlEncoder encoder, KnownApiKeys keys, ApiKeyUse use)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, loggers, encoder)
{
    /// <summary>Where live connections of programs begin.</summary>
    public const string Hubs = "/hubs";

    private const string Bearer = "Bearer ";
    private const string QueryKey = "access_token";

    // Longer than any key: not worth hashing.
    private const int MaxLength = 512;

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var header = Request.Headers.Authorization.ToString();

        // A browser's WebSocket cannot send headers, so SignalR's clients put the key into the address; nowhere else is it taken from there.
        if (header.Length == 0 && Request.Path.StartsWithSegments(Hubs) && Request.Query[QueryKey].ToString() is { Length: > 0 } inQuery)
        {
            header = Bearer + inQuery;
        }

        if (header.Length == 0)
        {
            return AuthenticateResult.NoResult();
        }

        if (!header.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase))
        {
            return AuthenticateResult.Fail("The Authorization header must read: Bearer, a space, and an API key.");
        }

        var text = header[Bearer.Length..].Trim();
        var key = text.Length is > 0 and <= MaxLength ? await keys.FindAsync(text, Context.RequestAborted) : null;
        if (key is null)
        {
            return AuthenticateResult.Fail(text.StartsWith("st_live_", StringComparison.Ordinal) && !ApiKeyText.IsWellFormed(text)
                ? "This is no API key of this server: part of it is missing or mistyped."
                : "This API key is unknown or was revoked.");
        }

        if (key.ExpiresAt != 0 && key.ExpiresAt <= TimeProvider.GetUtcNow().ToUnixTimeMilliseconds())
        {
            return AuthenticateResult.Fail("This API key has expired.");
        }

        use.Note(key.Id);
        return AuthenticateResult.Success(new AuthenticationTicket(key.Principal, Scheme.Name));
    }

    /// <summary>Whether this request asks the live hub in with a key. A cookie beside it then counts for nothing: who may use the one must not borrow the other.</summary>
    internal static bool IsForHub(HttpRequest request) =>
        request.Path.StartsWithSegments(Hubs) && (request.Headers.Authorization.Count > 0 || request.Query.ContainsKey(QueryKey));

    protected override async Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        var failure = (await HandleAuthenticateOnceSafeAsync()).Failure;
        Response.Headers.WWWAuthenticate = failure is null ? "Bearer" : "Bearer error=\"invalid_token\"";
        await AnswerAsync(StatusCodes.Status401Unauthorized, "Not authenticated", failure?.Message ?? "Send an API key: Authorization: Bearer st_live_…");
    }

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties) =>
        AnswerAsync(StatusCodes.Status403Forbidden, "Not allowed", Scope() is { } scope
            ? $"This API key lacks the scope {scope}."
            : "No API key may do this.");

    private string? Scope() => Context.GetEndpoint()?.Metadata.GetOrderedMetadata<IAuthorizeData>()
        .Select(data => data.Policy == Policies.LiveReports ? $"scope:{Scopes.ReportsRead}" : data.Policy)
        .FirstOrDefault(policy => policy?.StartsWith("scope:", StringComparison.Ordinal) == true)?["scope:".Length..];

    private Task AnswerAsync(int status, string title, string detail) =>
        TypedResults.Problem(statusCode: status, title: title, detail: detail).ExecuteAsync(Context);
}
