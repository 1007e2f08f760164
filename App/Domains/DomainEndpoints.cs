using Microsoft.AspNetCore.Http.HttpResults;
using ScoreTracking.Api;
using ScoreTracking.Auth;
using ScoreTracking.Data;

namespace ScoreTracking.Domains;

/// <summary>/api/v1/sending-domains: what mail is signed with, and what DNS says of it.</summary>
public static class DomainEndpoints
{
    private const string List = "sending-domains";

    public static void MapSendingDomains(this IEndpointRouteBuilder routes)
    {
        var domains = routes.MapGroup("/api/v1/sending-domains").RequireScope(Scopes.Admin);
        domains.MapGet("", ListAsync).WithSummary("List sending domains");
        domains.MapPost("", CreateAsync).WithSummary("Add a sending domain; answers with the DNS records to publish");
        domains.MapGet("/{id}", GetAsync).WithSummary("Read a sending domain: keys, records, and what the last check found");
        domains.MapDelete("/{id}", RemoveAsync).WithSummary("Remove a sending domain and its keys: its mail is signed no more");
        domains.MapPost("/{id}/keys", AddKeyAsync).WithSummary("Make or import a DKIM key");
        domains.MapPatch("/{id}/keys/{selector}", ChangeKeyAsync).WithSummary("Let a key sign, wait for DNS, or rest");
        domains.MapPost("/{id}/actions/check", CheckAsync).WithSummary("Look the domain over in DNS now: SPF, DKIM, DMARC, mail servers, tracking domain");
        domains.MapDelete("/{id}/keys/{selector}", RemoveKeyAsync).WithSummary("Remove a DKIM key");
    }

    internal static Task<Results<Ok<Listing<DomainAnswer>>, ProblemHttpResult>> ListAsync(int? limit, string? cursor, ScoreDb db, CancellationToken cancellationToken) => IdPages.ReadAsync(
        List, limit, cursor, (after, count) => SendingDomains.ListAsync(db, after, count, cancellationToken), domain => PublicId.TrySendingDomain(domain.Id, out var id) ? id : 0);

    internal static async Task<Results<Created<One<DomainAnswer>>, ProblemHttpResult>> CreateAsync(DomainBody body, SendingDomains domains, CancellationToken cancellationToken)
    {
        var outcome = await domains.CreateAsync(body, cancellationToken);
        return outcome.Domain is { } created ? TypedResults.Created($"/api/v1/sending-domains/{created.Id}", Answers.Data(created)) : Problem(outcome);
    }

    internal static async Task<Results<Ok<One<DomainAnswer>>, ProblemHttpResult>> GetAsync(string id, ScoreDb db, CancellationToken cancellationToken) =>
        PublicId.TrySendingDomain(id, out var number) && await SendingDomains.FindAsync(db, number, cancellationToken) is { } found
            ? TypedResults.Ok(Answers.Data(found))
            : Problem(DomainOutcome.Missing);

    internal static async Task<Results<NoContent, ProblemHttpResult>> RemoveAsync(string id, SendingDomains domains, CancellationToken cancellationToken) =>
        PublicId.TrySendingDomain(id, out var number) && await domains.RemoveAsync(number, cancellationToken) ? TypedResults.NoContent() : Problem(DomainOutcome.Missing);

    internal static async Task<Results<Created<One<DomainAnswer>>, ProblemHttpResult>> AddKeyAsync(string id, KeyBody body, SendingDomains domains, CancellationToken cancellationToken)
    {
        if (!PublicId.TrySendingDomain(id, out var number))
        {
            return Problem(DomainOutcome.Missing);
        }

        var outcome = await domains.AddKeyAsync(number, body, cancellationToken);
        return outcome.Domain is { } changed ? TypedResults.Created($"/api/v1/sending-domains/{id}", Answers.Data(changed)) : Problem(outcome);
    }

    internal static async Task<Results<Ok<One<DomainAnswer>>, ProblemHttpResult>> ChangeKeyAsync(
        string id, string selector, KeyChange change, SendingDomains domains, CancellationToken cancellationToken)
    {
        if (!PublicId.TrySendingDomain(id, out var number))
        {
            return Problem(DomainOutcome.Missing);
        }

        var outcome = await domains.ChangeKeyAsync(number, selector, change.Status, cancellationToken);
        return outcome.Domain is { } changed ? TypedResults.Ok(Answers.Data(changed)) : Problem(outcome);
    }

    internal static async Task<Results<NoContent, ProblemHttpResult>> RemoveKeyAsync(string id, string selector, SendingDomains domains, CancellationToken cancellationToken) =>
        PublicId.TrySendingDomain(id, out var number) && await domains.RemoveKeyAsync(number, selector, cancellationToken) ? TypedResults.NoContent() : Problem(DomainOutcome.Missing);

    internal static async Task<Results<Ok<One<DomainAnswer>>, ProblemHttpResult>> CheckAsync(string id, DomainChecks checks, CancellationToken cancellationToken) =>
        PublicId.TrySendingDomain(id, out var number) && await checks.RunAsync(number, cancellationToken) is { } looked
            ? TypedResults.Ok(Answers.Data(looked))
            : Problem(DomainOutcome.Missing);

    private static ProblemHttpResult Problem(DomainOutcome outcome) => outcome switch
    {
        { Conflict: { } conflict } => Problems.Conflict(conflict),
        { Errors.Count: > 0 } => Problems.Invalid(outcome.Errors.ToDictionary()),
        _ => Problems.NotFound("sending domain or key"),
    };
}
