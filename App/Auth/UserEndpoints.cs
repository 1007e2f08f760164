using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using ScoreTracking.Api;
using ScoreTracking.Data;

namespace ScoreTracking.Auth;

/// <param name="Password">Only in the one answer where the server chose it: temporary, to be changed after signing in.</param>
internal sealed record UserAnswer(string Id, string Email, string Role, DateTimeOffset CreatedAt, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Password = null);

/// <param name="Password">Null: the server chooses one and answers it once.</param>
internal sealed record NewUser(string Email, string Role, string? Password = null);

internal sealed record UserChange(string Role);

internal static class UserEndpoints
{
    private const string ListName = "users";
    private const string LastAdministrator = "This is the last administrator: make someone else one first.";

    public static void MapUsers(this IEndpointRouteBuilder routes)
    {
        var users = routes.MapGroup("/api/v1/users").RequireScope(Scopes.Admin).WithTags("Users");
        users.MapGet("", ListAsync).WithSummary("List users");
        users.MapPost("", CreateAsync).WithSummary("Create a user");
        users.MapPatch("/{id}", ChangeAsync).WithSummary("Change a user's role");
        users.MapDelete("/{id}", RemoveAsync).WithSummary("Remove a user");
        users.MapPost("/{id}/actions/reset_password", ResetPasswordAsync).WithSummary("Give a user a new one-time password");
    }

    private static async Task<Results<Ok<Listing<UserAnswer>>, ProblemHttpResult>> ListAsync(
        ScoreDb db, CancellationToken cancellationToken, int? limit = null, string? cursor = null)
    {
        if (PageCursor.Check(limit) is { } problem)
        {
            return problem;
        }

        if (!PageCursor.TryRead(ListName, cursor, parts: 1, out var after))
        {
            return Problems.BadRequest("cursor", "not a cursor of this list");
        }

        var size = limit ?? PageCursor.DefaultLimit;
        var last = after?[0] ?? 0;
        var users = await db.Users.Where(user => user.Id > last).OrderBy(user => user.Id).Take(size + 1).ToListAsync(cancellationToken);
        var next = users.Count > size ? PageCursor.Write(ListName, users[size - 1].Id) : null;
        return TypedResults.Ok(new Listing<UserAnswer>([.. users.Take(size).Select(user => Answer(user))], next));
    }

    private static async Task<Results<Created<One<UserAnswer>>, ProblemHttpResult>> CreateAsync(
        NewUser wanted, Accounts accounts, HttpContext context, CancellationToken cancellationToken)
    {
        var chosen = wanted.Password is null ? Accounts.TemporaryPassword() : null;
        var created = await accounts.CreateAsync(wanted.Email, chosen ?? wanted.Password!, wanted.Role, temporary: chosen is not null, cancellationToken);
        return created.User is { } user
            ? TypedResults.Created($"/api/v1/users/{PublicId.User(user.Id)}", Answers.Data(Answer(user, chosen)))
            : Problem(context, created);
    }

    private static async Task<Results<Ok<One<UserAnswer>>, ProblemHttpResult>> ChangeAsync(
        string id, UserChange change, Accounts accounts, ScoreDb db, CancellationToken cancellationToken)
    {
        if (!Roles.All.Contains(change.Role))
        {
            return Problems.Invalid("role", $"must be one of {string.Join(", ", Roles.All)}");
        }

        if (!PublicId.TryUser(id, out var userId) || !await db.Users.AnyAsync(user => user.Id == userId, cancellationToken))
        {
            return Problems.NotFound("user");
        }

        if (!await accounts.ChangeRoleAsync(userId, change.Role, cancellationToken))
        {
            return Problems.Conflict(LastAdministrator);
        }

        return await db.Users.FirstOrDefaultAsync(user => user.Id == userId, cancellationToken) is { } changed
            ? TypedResults.Ok(Answers.Data(Answer(changed)))
            : Problems.NotFound("user");
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> RemoveAsync(string id, Accounts accounts, ScoreDb db, CancellationToken cancellationToken)
    {
        if (!PublicId.TryUser(id, out var userId) || !await db.Users.AnyAsync(user => user.Id == userId, cancellationToken))
        {
            return Problems.NotFound("user");
        }

        return await accounts.RemoveAsync(userId, cancellationToken) ? TypedResults.NoContent() : Problems.Conflict(LastAdministrator);
    }

    private static async Task<Results<Ok<One<UserAnswer>>, ProblemHttpResult>> ResetPasswordAsync(
        string id, Accounts accounts, ScoreDb db, HttpContext context, CancellationToken cancellationToken)
    {
        if (!PublicId.TryUser(id, out var userId) || await db.Users.FirstOrDefaultAsync(user => user.Id == userId, cancellationToken) is not { } user)
        {
            return Problems.NotFound("user");
        }

        var password = Accounts.TemporaryPassword();
        var answer = await accounts.ResetPasswordAsync(user, password, cancellationToken);
        return answer.Done ? TypedResults.Ok(Answers.Data(Answer(user, password))) : Problem(context, answer);
    }

    private static ProblemHttpResult Problem(HttpContext context, AccountAnswer answer)
    {
        if (!answer.Errors.ContainsKey(Accounts.Busy))
        {
            return Problems.Invalid(new Dictionary<string, string[]>(answer.Errors));
        }

        context.Response.Headers.RetryAfter = "5";
        return TypedResults.Problem(statusCode: 429, title: "Please retry", detail: "Too many passwords are being checked at once.");
    }

    private static UserAnswer Answer(User user, string? password = null) =>
        new(PublicId.User(user.Id), user.Email ?? "", user.Role, user.CreatedAt, password);
}
