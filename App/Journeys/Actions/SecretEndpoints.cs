using Microsoft.AspNetCore.Http.HttpResults;
using ScoreTracking.Api;
using ScoreTracking.Auth;

namespace ScoreTracking.Journeys.Actions;

public static class SecretEndpoints
{
    private const string Signed =
        "Requests of webhook steps follow Standard Webhooks: webhook-id (the same at every attempt), webhook-timestamp, webhook-signature. The body is {\"type\":\"journey.step\",\"timestamp\",\"data\"}, data naming the journey, the enrollment, the contact with its attributes, and the messages the journey sent so far.";

    public static void MapJourneySecrets(this IEndpointRouteBuilder routes) =>
        routes.MapPost("/api/v1/journeys/{id}/actions/rotate_secret", RotateAsync).WithTags("Journeys").RequireScope(Scopes.CampaignsWrite)
            .WithSummary("Make a new secret for the journey's webhook steps, shown once; for 24 hours requests carry both signatures").WithDescription(Signed);

    internal static async Task<Results<Ok<One<NewJourneySecret>>, ProblemHttpResult>> RotateAsync(string id, JourneySecrets secrets, CancellationToken cancellationToken) =>
        PublicId.TryJourney(id, out var journeyId) && await secrets.RotateAsync(journeyId, cancellationToken) is { } made
            ? TypedResults.Ok(Answers.Data(made))
            : Problems.NotFound("journey");
}
