using Microsoft.AspNetCore.Http.HttpResults;
using ScoreTracking.Api;
using ScoreTracking.Auth;
using ScoreTracking.Data;

namespace ScoreTracking.Segments;

public sealed record ListBody(string? Name = null);

/// <summary>/api/v1/lists: people somebody put together. Who is on them: <c>Contacts/ListMemberEndpoints.cs</c>.</summary>
public static class ListEndpoints
{
    private const string List = "lists";

    public static void MapLists(this IEndpointRouteBuilder routes)
    {
        var lists = routes.MapGroup("/api/v1/lists").WithTags("Lists");
        lists.MapGet("", ListAsync).RequireScope(Scopes.ContactsRead).WithSummary("List lists, with how many people are on each");
        lists.MapPost("", CreateAsync).RequireScope(Scopes.ContactsWrite).WithSummary("Make a list").WithDescription("Its name is its own: 409 where another list has it.");
        lists.MapGet("/{id}", GetAsync).RequireScope(Scopes.ContactsRead).WithSummary("Read a list");
        lists.MapPatch("/{id}", RenameAsync).RequireScope(Scopes.ContactsWrite).WithSummary("Rename a list");
        lists.MapDelete("/{id}", RemoveAsync).RequireScope(Scopes.ContactsWrite).WithSummary("Remove a list; the people on it stay contacts")
            .WithDescription("409 while a segment, or a journey that is not archived, goes by it.");
    }

    internal static Task<Results<Ok<Listing<ListAnswer>>, ProblemHttpResult>> ListAsync(int? limit, string? cursor, ScoreDb db, CancellationToken cancellationToken) =>
        IdPages.ReadAsync(List, limit, cursor, (after, count) => ListQueries.RunAsync(db, after, count, cancellationToken), list => PublicId.TryList(list.Id, out var id) ? id : 0);

    internal static async Task<Results<Created<One<ListAnswer>>, ProblemHttpResult>> CreateAsync(ListBody body, ContactLists lists, ScoreDb db, CancellationToken cancellationToken) =>
        lists.Create(body.Name) switch
        {
            { Id: > 0 and var id } when await ListQueries.FindAsync(db, id, cancellationToken) is { } made => TypedResults.Created($"/api/v1/lists/{made.Id}", Answers.Data(made)),
            var refused => Refused(refused),
        };

    internal static async Task<Results<Ok<One<ListAnswer>>, ProblemHttpResult>> GetAsync(string id, ScoreDb db, CancellationToken cancellationToken) =>
        PublicId.TryList(id, out var number) && await ListQueries.FindAsync(db, number, cancellationToken) is { } found ? TypedResults.Ok(Answers.Data(found)) : Missing();

    internal static async Task<Results<Ok<One<ListAnswer>>, ProblemHttpResult>> RenameAsync(string id, ListBody body, ContactLists lists, ScoreDb db, CancellationToken cancellationToken) =>
        !PublicId.TryList(id, out var number) ? Missing() : lists.Rename(number, body.Name) switch
        {
            { Id: > 0 } when await ListQueries.FindAsync(db, number, cancellationToken) is { } renamed => TypedResults.Ok(Answers.Data(renamed)),
            var refused => Refused(refused),
        };

    internal static async Task<Results<NoContent, ProblemHttpResult>> RemoveAsync(string id, ContactLists lists, ScoreDb db, CancellationToken cancellationToken) =>
        !PublicId.TryList(id, out var number) ? Missing() : await lists.RemoveAsync(db, number, cancellationToken) switch
        {
            { Id: > 0 } => TypedResults.NoContent(),
            var refused => Refused(refused),
        };

    private static ProblemHttpResult Refused(ListOutcome refused) => refused switch
    {
        { Error: { } error } => Problems.Invalid("name", error),
        { Conflict: { } conflict } => Problems.Conflict(conflict),
        _ => Missing(),
    };

    private static ProblemHttpResult Missing() => Problems.NotFound("list");
}
