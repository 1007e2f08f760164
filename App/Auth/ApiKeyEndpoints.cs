using Microsoft.AspNetCore.Http.HttpResults;
using ScoreTracking.Api;
using ScoreTracking.Data;

namespace ScoreTracking.Auth;

internal sealed record ApiKeyAnswer(
    string Id, string Name, string LastCharacters, IReadOnlyList<string> Scopes, DateTimeOffset CreatedAt,
    DateTimeOffset? ExpiresAt, DateTimeOffset? RevokedAt, DateTimeOffset? LastUsedAt);

/// <summary>The only answer with the key itself.</summary>
internal sealed record CreatedApiKeyAnswer(string Id, string Key, string Name, string LastCharacters, IReadOnlyList<string> Scopes, DateTimeOffset CreatedAt, DateTimeOffset? ExpiresAt);

/// <param name="ExpiresAt">Null for never.</param>
internal sealed record NewApiKey(string Name, IReadOnlyList<string> Scopes, DateTimeOffset? ExpiresAt = null);

internal static class ApiKeyEndpoints
{
    private const string ListName = "api-keys";

    public static void MapApiKeys(this IEndpointRouteBuilder routes)
    {
        var keys = routes.MapGroup("/api/v1/api-keys").RequireScope(Scopes.Admin).WithTags("API keys");
        keys.MapGet("", ListAsync).WithSummary("List API keys");
        keys.MapPost("", CreateAsync).WithSummary("Create an API key; it is shown once");
        keys.MapDelete("/{id}", RevokeAsync).WithSummary("Revoke an API key");
    }

    private static async Task<Results<Ok<Listing<ApiKeyAnswer>>, ProblemHttpResult>> ListAsync(
        ScoreDb db, CancellationToken cancellationToken, int? limit = null, string? cursor = null)
    {
        if (PageCursor.Check(limit) is { } problem)
        {
            return problem;
        }

        if (!PageCursor.TryRead(ListName, cursor, parts: 1, out var before))
        {
            return Problems.BadRequest("cursor", "not a cursor of this list");
        }

        var size = limit ?? PageCursor.DefaultLimit;
        var keys = await ApiKeys.ListAsync(db, before?[0], size + 1, cancellationToken);
        var next = keys.Count > size ? PageCursor.Write(ListName, keys[size - 1].Id) : null;
        return TypedResults.Ok(new Listing<ApiKeyAnswer>([.. keys.Take(size).Select(Answer)], next));
    }

    private static async Task<Results<Created<One<CreatedApiKeyAnswer>>, ProblemHttpResult>> CreateAsync(
        NewApiKey wanted, ApiKeys keys, TimeProvider clock, CancellationToken cancellationToken)
    {
        var errors = new Dictionary<string, string[]>();
        if (wanted.Name.Trim() is not { Length: > 0 and <= ApiKeys.MaxNameLength })
        {
            errors["name"] = [$"must have 1 to {ApiKeys.MaxNameLength} characters"];
        }

        if (wanted.Scopes.Count == 0 || wanted.Scopes.Except(Scopes.All).Any())
        {
            errors["scopes"] = [$"must be one or more of {string.Join(", ", Scopes.All)}"];
        }

        if (wanted.ExpiresAt <= clock.GetUtcNow())
        {
            errors["expires_at"] = ["must lie in the future"];
        }

        if (errors.Count > 0)
        {
            return Problems.Invalid(errors);
        }

        var (key, text) = await keys.CreateAsync(wanted.Name.Trim(), wanted.Scopes, wanted.ExpiresAt, text: null, cancellationToken);
        var answer = Answer(key);
        return TypedResults.Created($"/api/v1/api-keys/{answer.Id}", Answers.Data(
            new CreatedApiKeyAnswer(answer.Id, text, answer.Name, answer.LastCharacters, answer.Scopes, answer.CreatedAt, answer.ExpiresAt)));
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> RevokeAsync(string id, ApiKeys keys, CancellationToken cancellationToken) =>
        PublicId.TryApiKey(id, out var key) && await keys.RevokeAsync(key, cancellationToken) ? TypedResults.NoContent() : Problems.NotFound("API key");

    private static ApiKeyAnswer Answer(ApiKey key) => new(
        PublicId.ApiKey(key.Id), key.Name, key.LastCharacters, key.Scopes.Split(' '), key.CreatedAt,
        StoredTime.OrNull(key.ExpiresAt), StoredTime.OrNull(key.RevokedAt), StoredTime.OrNull(key.LastUsedAt));
}
