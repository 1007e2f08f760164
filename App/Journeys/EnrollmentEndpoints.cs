using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using ScoreTracking.Api;
using ScoreTracking.Auth;
using ScoreTracking.Data;

namespace ScoreTracking.Journeys;

/// <summary>Who is sent on a journey: one of the two.</summary>
public sealed record EnrollBody(string? CustomerId = null, string? Email = null);

/// <summary>People on a journey.</summary>
internal static class EnrollmentEndpoints
{
    private const string List = "enrollments";

    public static void MapEnrollments(this RouteGroupBuilder journeys)
    {
        var enrollments = journeys.MapGroup("/{id}/enrollments");
        enrollments.MapPost("", BeginAsync).WithSummary("Send a contact on the journey").RequireScope(Scopes.CampaignsSend);
        enrollments.MapGet("", ListAsync).WithSummary("People of the journey, who began last first; by status and step").RequireScope(Scopes.CampaignsRead);
        enrollments.MapGet("/{enrollment}", GetAsync).WithSummary("A person's way: every step with its time and outcome").RequireScope(Scopes.CampaignsRead);
        enrollments.MapPost("/{enrollment}/actions/retry", RetryAsync).WithSummary("Try the step that failed once more").RequireScope(Scopes.CampaignsSend);
        enrollments.MapPost("/{enrollment}/actions/exit", ExitAsync).WithSummary("Take the person off the journey").RequireScope(Scopes.CampaignsSend);
    }

    private static async Task<Results<Created<One<EnrollmentAnswer>>, ProblemHttpResult>> BeginAsync(
        string id, EnrollBody body, EnrollmentEdits edits, ScoreDb db, CancellationToken cancellationToken)
    {
        if (!PublicId.TryJourney(id, out var journeyId))
        {
            return JourneyEndpoints.Missing();
        }

        if (body.CustomerId is null == body.Email is null)
        {
            return Problems.Invalid("customer_id", "either customer_id or email is required");
        }

        var (made, refused) = edits.Begin(journeyId, body.CustomerId, body.Email);
        return refused is not null ? refused.ToProblem()
            : await EnrollmentQueries.FindAsync(db, journeyId, made, cancellationToken) is { } enrollment
                ? TypedResults.Created($"/api/v1/journeys/{id}/enrollments/{enrollment.Id}", Answers.Data(enrollment))
                : Missing();
    }

    private static async Task<Results<Ok<Listing<EnrollmentRowAnswer>>, ProblemHttpResult>> ListAsync(
        string id, string? status, [FromQuery(Name = "step_id")] string? step, int? limit, string? cursor, ScoreDb db, CancellationToken cancellationToken)
    {
        if (!PublicId.TryJourney(id, out var journeyId) || !await db.Journeys.AnyAsync(journey => journey.Id == journeyId, cancellationToken))
        {
            return JourneyEndpoints.Missing();
        }

        if (PageCursor.Check(limit) is { } wrong)
        {
            return wrong;
        }

        EnrollmentStatus? wanted = null;
        if (status is not null)
        {
            if (!EnrollmentStatuses.TryParse(status, out var parsed))
            {
                return Problems.Invalid("status", "must be active, completed, exited or failed");
            }

            wanted = parsed;
        }

        var scope = $"{journeyId} {status} {step}";
        if (!SealedCursor.TryRead(List, scope, cursor, 1, out var key))
        {
            return Problems.Invalid("cursor", "not a cursor of this list with this filter");
        }

        var size = limit ?? PageCursor.DefaultLimit;
        var page = await EnrollmentQueries.ListAsync(db, journeyId, wanted, step, key?[0] ?? long.MaxValue, size + 1, cancellationToken);
        var next = page.Count > size && PublicId.TryEnrollment(page[size - 1].Id, out var last) ? SealedCursor.Write(List, scope, last) : null;
        return TypedResults.Ok(new Listing<EnrollmentRowAnswer>([.. page.Take(size)], next));
    }

    private static async Task<Results<Ok<One<EnrollmentAnswer>>, ProblemHttpResult>> GetAsync(string id, string enrollment, ScoreDb db, CancellationToken cancellationToken) =>
        TryRead(id, enrollment, out var journeyId, out var number) && await EnrollmentQueries.FindAsync(db, journeyId, number, cancellationToken) is { } found
            ? TypedResults.Ok(Answers.Data(found)) : Missing();

    private static async Task<Results<Ok<One<EnrollmentAnswer>>, ProblemHttpResult>> RetryAsync(
        string id, string enrollment, EnrollmentEdits edits, ScoreDb db, CancellationToken cancellationToken) =>
        !TryRead(id, enrollment, out var journeyId, out var number) ? Missing()
        : edits.Retry(journeyId, number) is { } refused ? refused.ToProblem()
        : await GetAsync(id, enrollment, db, cancellationToken);

    private static async Task<Results<Ok<One<EnrollmentAnswer>>, ProblemHttpResult>> ExitAsync(
        string id, string enrollment, EnrollmentEdits edits, ScoreDb db, CancellationToken cancellationToken) =>
        !TryRead(id, enrollment, out var journeyId, out var number) ? Missing()
        : edits.Exit(journeyId, number) is { } refused ? refused.ToProblem()
        : await GetAsync(id, enrollment, db, cancellationToken);

    private static bool TryRead(string id, string enrollment, out long journeyId, out long number)
    {
        number = 0;
        return PublicId.TryJourney(id, out journeyId) && PublicId.TryEnrollment(enrollment, out number);
    }

    private static ProblemHttpResult Missing() => Problems.NotFound("enrollment of this journey");
}
