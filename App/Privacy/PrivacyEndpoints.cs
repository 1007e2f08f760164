using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using ScoreTracking.Api;
using ScoreTracking.Auth;
using ScoreTracking.Data;

namespace ScoreTracking.Privacy;

/// <param name="Status">erasing: accepted, and going on.</param>
public sealed record ErasureAnswer(string Status);

/// <summary>What a person may ask for: everything we know of them, and to be forgotten.</summary>
public static partial class PrivacyEndpoints
{
    public static void MapPrivacy(this IEndpointRouteBuilder routes)
    {
        var contacts = routes.MapGroup("/api/v1/contacts/{id}").WithTags("Contacts");
        contacts.MapDelete("", DeleteAsync).RequireScope(Scopes.ContactsWrite)
            .WithSummary("Delete a contact; with erase=true every trace of the person")
            .WithDescription("Deleting keeps mail that was sent in the reports. Erasing leaves figures as they are and a keyed hash of the address, so that the person is never mailed again; 202 when it takes longer than a few seconds.");
        contacts.MapGet("/export", ExportAsync).RequireScope(Scopes.ExportsRead)
            .WithSummary("Everything known of a person, as one NDJSON file");
        routes.MapGet("/contacts/{id}/export.ndjson", ExportAsync).RequireAuthorization(Policies.Marketer).ExcludeFromDescription();
    }

    internal static async Task<Results<NoContent, Accepted<One<ErasureAnswer>>, ProblemHttpResult>> DeleteAsync(
        string id, bool? erase, HttpRequest request, ClaimsPrincipal caller, ScoreDb db, ContactRemoval removal, Erasures erasures, CancellationToken cancellationToken)
    {
        if (await FindAsync(id, request, db, cancellationToken) is not { } contactId)
        {
            return Missing();
        }

        if (erase != true)
        {
            return removal.Delete(contactId) ? TypedResults.NoContent() : Missing();
        }

        return await erasures.EraseAsync(contactId, Callers.NameOf(caller), cancellationToken) switch
        {
            ErasureOutcome.Done => TypedResults.NoContent(),
            ErasureOutcome.Accepted => TypedResults.Accepted((string?)null, Answers.Data(new ErasureAnswer("erasing"))),
            _ => Missing(),
        };
    }

    private static async Task<IResult> ExportAsync(
        string id, ClaimsPrincipal caller, HttpContext context, ScoreDb db, PersonExport export, ILogger<PersonExport> logger, CancellationToken cancellationToken)
    {
        if (await FindAsync(id, context.Request, db, cancellationToken) is not { } contactId || export.Find(contactId) is not { } person)
        {
            return Missing();
        }

        context.Response.Headers.CacheControl = "no-store";
        return TypedResults.Stream(
            async output =>
            {
                var (lines, name) = (await export.WriteAsync(person, output, cancellationToken), Callers.NameOf(caller));
                LogExported(logger, contactId, lines, name);
            },
            "application/x-ndjson",
            $"{PublicId.Contact(contactId)}.ndjson");
    }

    // By our id, else by the caller's own.
    private static async Task<long?> FindAsync(string id, HttpRequest request, ScoreDb db, CancellationToken cancellationToken)
    {
        var name = PathText.Read(request, id);
        return PublicId.TryContact(name, out var contactId)
            ? contactId
            : await db.Contacts.Where(c => c.CustomerId == name).Select(c => (long?)c.Id).FirstOrDefaultAsync(cancellationToken);
    }

    private static ProblemHttpResult Missing() => Problems.NotFound("contact");

    [LoggerMessage(Level = LogLevel.Information, Message = "Exported everything of contact {ContactId}: {Lines} lines, for {Caller}")]
    private static partial void LogExported(ILogger logger, long contactId, long lines, string caller);
}
