using Microsoft.AspNetCore.Http.HttpResults;
using ScoreTracking.Api;
using ScoreTracking.Auth;
using ScoreTracking.EventLog;
using ScoreTracking.Events;
using ScoreTracking.Ingest;

namespace ScoreTracking.Reports;

/// <summary>The verdict an event is to get.</summary>
public sealed record ReclassificationBody
{
    /// <summary>human, proxy, privacy, scanner, prefetch, self, or auto: back to what the rules say.</summary>
    public string? Verdict { get; init; }
}

/// <summary>An event with the verdict it has now.</summary>
/// <param name="Reasons">The signals behind it; by_hand where a person gave it.</param>
public sealed record ReclassificationAnswer(string Id, string Verdict, IReadOnlyList<string> Reasons);

/// <summary>POST /api/v1/events/{id}/reclassify.</summary>
public static class ReclassificationEndpoint
{
    private const string BackToRules = "auto";

    public static void MapReclassification(this IEndpointRouteBuilder routes) =>
        routes.MapPost("/api/v1/events/{id}/reclassify", PostAsync)
            .RequireScope(Scopes.EventsWrite)
            .WithSummary("Say who made an open or click")
            .WithDescription("Counters move with it at once. The verdict auto gives the event back to the rules. 202: on disk, and counted in a moment.");

    internal static async Task<Results<Ok<One<ReclassificationAnswer>>, Accepted<One<ReclassificationAnswer>>, ProblemHttpResult>> PostAsync(
        string id, ReclassificationBody body, HttpContext context, Reclassification reclassification, CancellationToken cancellationToken)
    {
        var verdict = Verdict.None;
        if (body.Verdict != BackToRules && !Verdicts.TryParse(body.Verdict, out verdict))
        {
            return Problems.Invalid("verdict", body.Verdict is null ? "is required" : "must be human, proxy, privacy, scanner, prefetch, self or auto");
        }

        if (!PublicId.TryEvent(id, out var eventId))
        {
            return Problems.NotFound("event");
        }

        try
        {
            var outcome = await reclassification.GiveAsync(eventId, verdict, cancellationToken);
            return outcome switch
            {
                ReclassificationOutcome.NoSuchEvent => Problems.NotFound("event"),
                ReclassificationOutcome.NotAHit => Problems.Conflict("Only opens and clicks have a verdict."),
                ReclassificationOutcome.Done => TypedResults.Ok(await AnswerAsync(reclassification, eventId, cancellationToken)),
                _ => TypedResults.Accepted((string?)null, await AnswerAsync(reclassification, eventId, cancellationToken)),
            };
        }
        catch (EventNotStoredException exception)
        {
            return Problems.Unavailable(context, exception.Message);
        }
    }

    private static async Task<One<ReclassificationAnswer>> AnswerAsync(Reclassification reclassification, long eventId, CancellationToken cancellationToken)
    {
        var stored = (await reclassification.FindAsync(eventId, cancellationToken))!;
        return Answers.Data(new ReclassificationAnswer(PublicId.Event(eventId), stored.Verdict.Name(), stored.Reasons.Names()));
    }
}
