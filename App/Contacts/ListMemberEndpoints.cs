using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using ScoreTracking.Api;
using ScoreTracking.Auth;
using ScoreTracking.Data;
using ScoreTracking.Engagement;
using ScoreTracking.Segments;
using ScoreTracking.Suppressions;

namespace ScoreTracking.Contacts;

/// <summary>Who is on a list, and which lists a person is on.</summary>
public static class ListMemberEndpoints
{
    private const string List = "list_contacts";
    private const string Named = "The contact is named by its id (ctc_…) or by your own customer id.";

    public static void MapListMembers(this IEndpointRouteBuilder routes)
    {
        var members = routes.MapGroup("/api/v1/lists/{id}/contacts").WithTags("Lists");
        members.MapGet("", ListAsync).RequireScope(Scopes.ContactsRead).WithSummary("Who is on a list, as /contacts shows them");
        members.MapPut("/{customer_id}", PutAsync).RequireScope(Scopes.ContactsWrite).WithSummary("Put a contact on a list").WithDescription($"Nothing happens to one who is on it. {Named}");
        members.MapDelete("/{customer_id}", TakeOffAsync).RequireScope(Scopes.ContactsWrite).WithSummary("Take a contact off a list").WithDescription($"404 for one who is not on it. {Named}");
        routes.MapGet("/api/v1/contacts/{id}/lists", OfContactAsync).WithTags("Contacts").RequireScope(Scopes.ContactsRead).WithSummary("The lists a contact is on, and since when").WithDescription(Named);
    }

    internal static async Task<Results<Ok<Listing<ContactAnswer>>, ProblemHttpResult>> ListAsync(
        string id, int? limit, string? cursor, ScoreDb db, SuppressionCheck suppressions, TimeProvider clock, CancellationToken cancellationToken)
    {
        if (PageCursor.Check(limit) is { } wrong)
        {
            return wrong;
        }

        if (!PublicId.TryList(id, out var listId) || !await db.Lists.AnyAsync(list => list.Id == listId, cancellationToken))
        {
            return Problems.NotFound("list");
        }

        if (!SealedCursor.TryRead(List, id, cursor, 1, out var key))
        {
            return Problems.Invalid("cursor", "not a cursor of this list");
        }

        // One more than asked for tells whether there is another page.
        var size = limit ?? PageCursor.DefaultLimit;
        var rows = new List<(long Id, ContactAnswer Contact)>();
        var score = await ScoreClock.ReadAsync(db, clock.GetUtcNow(), cancellationToken);
        await Sql.ReadAsync(
            db,
            $"""
            SELECT c.id, {ContactAnswer.Columns} FROM list_members m CROSS JOIN contacts c ON c.id = m.contact_id {ContactAnswer.Joins}
            WHERE m.list_id = $list AND m.contact_id > $after AND c.deleted_at = 0 ORDER BY m.contact_id LIMIT $limit
            """,
            [("$list", listId), ("$after", key?[0] ?? 0), ("$limit", size + 1)],
            row => rows.Add((row.GetInt64(0), ContactAnswer.Read(row, 1, score))),
            cancellationToken);
        var next = rows.Count > size ? SealedCursor.Write(List, id, rows[size - 1].Id) : null;
        return TypedResults.Ok(new Listing<ContactAnswer>(await ContactSuppressions.AddErasedAsync(suppressions, [.. rows.Take(size).Select(row => row.Contact)], cancellationToken), next));
    }

    internal static async Task<Results<NoContent, ProblemHttpResult>> PutAsync(
        string id, string customer_id, HttpRequest request, ContactLists lists, ScoreDb db, CancellationToken cancellationToken)
    {
        if (!PublicId.TryList(id, out var listId) || !await db.Lists.AnyAsync(list => list.Id == listId, cancellationToken))
        {
            return Problems.NotFound("list");
        }

        return await ContactQuery.FindAsync(db, PathText.Read(request, customer_id), cancellationToken) is { } contact && lists.Put(listId, contact)
            ? TypedResults.NoContent()
            : Problems.NotFound("contact");
    }

    internal static async Task<Results<NoContent, ProblemHttpResult>> TakeOffAsync(
        string id, string customer_id, HttpRequest request, ContactLists lists, ScoreDb db, CancellationToken cancellationToken)
    {
        if (!PublicId.TryList(id, out var listId) || !await db.Lists.AnyAsync(list => list.Id == listId, cancellationToken))
        {
            return Problems.NotFound("list");
        }

        return await ContactQuery.FindAsync(db, PathText.Read(request, customer_id), cancellationToken) is { } contact && lists.TakeOff(listId, contact)
            ? TypedResults.NoContent()
            : Problems.NotFound("contact on this list");
    }

    internal static async Task<Results<Ok<One<IReadOnlyList<Membership>>>, ProblemHttpResult>> OfContactAsync(string id, HttpRequest request, ScoreDb db, CancellationToken cancellationToken) =>
        await ContactQuery.FindAsync(db, PathText.Read(request, id), cancellationToken) is { } contact
            ? TypedResults.Ok(Answers.Data(await ListQueries.OfContactAsync(db, contact, cancellationToken)))
            : Problems.NotFound("contact");
}
