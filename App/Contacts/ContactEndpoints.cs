using Microsoft.AspNetCore.Http.HttpResults;
using ScoreTracking.Api;
using ScoreTracking.Auth;
using ScoreTracking.Data;
using ScoreTracking.EventLog;
using ScoreTracking.Events;
using ScoreTracking.Suppressions;

namespace ScoreTracking.Contacts;

/// <summary>/api/v1/contacts: the people we know.</summary>
public static class ContactEndpoints
{
    private const string Named = "The contact is named by its id (ctc_…) or by your own customer id.";

    public static void MapContacts(this IEndpointRouteBuilder routes)
    {
        var contacts = routes.MapGroup("/api/v1/contacts").WithTags("Contacts");
        contacts.MapGet("", ListAsync).RequireScope(Scopes.ContactsRead)
            .WithSummary("List contacts")
            .WithDescription("""
                sort is engagement_score, created_at or email, with a minus the other way round; by default -engagement_score, with q email. Who never engaged has
                no score and stands behind all who did. min_score is a score from 0 to 100; q the beginning of an address, or a whole customer id;
                tracking_consent granted, denied or unknown; suppressed true or false; segment_id who belongs to a segment now, list_id who is on a list. A page may hold fewer than limit, even none, while next_cursor goes on:
                where few of very many fit, each request looks through a bounded number. count=true adds how many there are where that can be told without
                reading them all.
                """);
        contacts.MapPut("/{customer_id}", PutAsync).RequireScope(Scopes.ContactsWrite)
            .WithSummary("Add or change the contact with this customer id")
            .WithDescription("Attributes in data are merged into those there are; null removes one. What is missing stays. An address known without a customer id becomes this contact's.");
        contacts.MapGet("/{id}", GetAsync).RequireScope(Scopes.ContactsRead)
            .WithSummary("Read a contact: attributes, score, soft bounces in a row, consent, suppression")
            .WithDescription(Named);
        contacts.MapGet("/{id}/timeline", TimelineAsync).RequireScope(Scopes.ContactsRead)
            .WithSummary("What happened to all mail of a contact, newest first")
            .WithDescription($"Events of campaigns and single mails, as GET /events shows them, by the time they happened. {Named}");
        contacts.MapPut("/{id}/consent", ConsentAsync).RequireScope(Scopes.ContactsWrite)
            .WithSummary("Write down what a contact answered about tracking")
            .WithDescription($"A refusal also holds for mail already sent: its opens and clicks are no longer kept for the person. {Named}");
    }

    internal static async Task<Results<Ok<Listing<ContactAnswer>>, ProblemHttpResult>> ListAsync(
        string? q,
        string? min_score,
        string? tracking_consent,
        string? suppressed,
        string? segment_id,
        string? list_id,
        string? sort,
        string? cursor,
        int? limit,
        bool? count,
        ScoreDb db,
        SuppressionCheck suppressions,
        TimeProvider clock,
        CancellationToken cancellationToken)
    {
        if (PageCursor.Check(limit) is { } wrongLimit)
        {
            return wrongLimit;
        }

        var errors = new Dictionary<string, string[]>();
        var filter = ContactFilter.Read(q, min_score, tracking_consent, suppressed, sort, errors);
        if (!string.IsNullOrEmpty(segment_id))
        {
            filter = filter with { Segment = await ContactSegment.FindAsync(db, segment_id, cancellationToken) };
            if (filter.Segment is null)
            {
                errors["segment_id"] = ["there is no such segment"];
            }
        }

        if (!string.IsNullOrEmpty(list_id))
        {
            filter = filter with { Segment = await ContactSegment.FindListAsync(db, list_id, cancellationToken) };
            if (filter.Segment is null)
            {
                errors["list_id"] = ["there is no such list"];
            }
            else if (!string.IsNullOrEmpty(segment_id))
            {
                errors["list_id"] = ["cannot stand beside segment_id: a segment's rule may name the list"];
            }
        }

        if (errors.Count == 0 && !ContactsQuery.IsCursor(filter, cursor))
        {
            errors["cursor"] = ["not a cursor of this list with these filters"];
        }

        if (errors.Count > 0)
        {
            return Problems.Invalid(errors);
        }

        var now = clock.GetUtcNow();
        var page = await ContactsQuery.RunAsync(db, filter, cursor, limit ?? PageCursor.DefaultLimit, now, cancellationToken);
        return TypedResults.Ok(new Listing<ContactAnswer>(
            await ContactSuppressions.AddErasedAsync(suppressions, page.Rows, cancellationToken),
            page.Next,
            count == true ? await ContactsQuery.CountAsync(db, filter, long.MaxValue, now, cancellationToken) : null));
    }

    internal static async Task<Results<Created<One<ContactAnswer>>, Ok<One<ContactAnswer>>, ProblemHttpResult>> PutAsync(
        string customer_id,
        ContactBody body,
        HttpRequest request,
        ContactEdits edits,
        ScoreDb db,
        SuppressionCheck suppressions,
        TimeProvider clock,
        CancellationToken cancellationToken)
    {
        var customerId = PathText.Read(request, customer_id);
        if (PublicId.TryContact(customerId, out _))
        {
            return Problems.Invalid("customer_id", "reads like the id of a contact: name the contact by your own id");
        }

        var outcome = edits.Put(customerId, body);
        if (outcome.Errors.Count > 0)
        {
            return Problems.Invalid(outcome.Errors);
        }

        if (await ContactQuery.RunAsync(db, suppressions, outcome.Id, clock.GetUtcNow(), cancellationToken) is not { } contact)
        {
            return Missing();
        }

        return outcome.Added ? TypedResults.Created($"/api/v1/contacts/{contact.Id}", Answers.Data(contact)) : TypedResults.Ok(Answers.Data(contact));
    }

    internal static async Task<Results<Ok<One<ContactAnswer>>, ProblemHttpResult>> GetAsync(
        string id, HttpRequest request, ScoreDb db, SuppressionCheck suppressions, TimeProvider clock, CancellationToken cancellationToken) =>
        await ContactQuery.FindAsync(db, PathText.Read(request, id), cancellationToken) is { } found
            && await ContactQuery.RunAsync(db, suppressions, found, clock.GetUtcNow(), cancellationToken) is { } contact
            ? TypedResults.Ok(Answers.Data(contact))
            : Missing();

    internal static async Task<Results<Ok<Listing<LoggedEvent>>, ProblemHttpResult>> TimelineAsync(
        string id, string? type, string? cursor, int? limit, HttpRequest request, ScoreDb db, CancellationToken cancellationToken)
    {
        if (PageCursor.Check(limit) is { } wrongLimit)
        {
            return wrongLimit;
        }

        if (await ContactQuery.FindAsync(db, PathText.Read(request, id), cancellationToken) is not { } found)
        {
            return Missing();
        }

        EventType? wanted = null;
        if (!string.IsNullOrEmpty(type))
        {
            if (!EventTypes.TryParse(type, out var parsed))
            {
                return Problems.Invalid("type", $"unknown: must be one of {string.Join(", ", EventTypes.All.Select(EventTypes.Name))}");
            }

            wanted = parsed;
        }

        if (!ContactTimelineQuery.IsCursor(found, wanted, cursor))
        {
            return Problems.Invalid("cursor", "not a cursor of this list with these filters");
        }

        var page = await ContactTimelineQuery.RunAsync(db, found, wanted, cursor, limit ?? PageCursor.DefaultLimit, cancellationToken);
        return TypedResults.Ok(new Listing<LoggedEvent>([.. page.Rows.Select(row => row.Logged)], page.Next));
    }

    internal static async Task<Results<Ok<One<ContactAnswer>>, ProblemHttpResult>> ConsentAsync(
        string id,
        ConsentBody body,
        HttpRequest request,
        ContactEdits edits,
        ScoreDb db,
        SuppressionCheck suppressions,
        TimeProvider clock,
        CancellationToken cancellationToken)
    {
        if (await ContactQuery.FindAsync(db, PathText.Read(request, id), cancellationToken) is not { } found)
        {
            return Missing();
        }

        var errors = new Dictionary<string, string[]>();
        if (edits.Read(body, ConsentMethods.Api, errors) is not { } answered)
        {
            return Problems.Invalid(errors);
        }

        return edits.Answer(found, answered) && await ContactQuery.RunAsync(db, suppressions, found, clock.GetUtcNow(), cancellationToken) is { } contact
            ? TypedResults.Ok(Answers.Data(contact))
            : Missing();
    }

    private static ProblemHttpResult Missing() => Problems.NotFound("contact");
}
