using Microsoft.AspNetCore.Http.HttpResults;
using ScoreTracking.Api;
using ScoreTracking.Auth;
using ScoreTracking.Data;

namespace ScoreTracking.Campaigns;

/// <summary>GET /campaigns/{id}/check.</summary>
internal static class SendCheckEndpoints
{
    public static void MapSendCheck(this RouteGroupBuilder campaigns) =>
        campaigns.MapGet("/{id}/check", RunAsync)
            .WithSummary("What there is to know before it goes out: size, subject, links, images, unsubscribing, the sender's domain. Nothing is fetched")
            .RequireScope(Scopes.CampaignsRead);

    private static async Task<Results<Ok<One<SendCheckAnswer>>, ProblemHttpResult>> RunAsync(string id, SendCheckQuery check, ScoreDb db, CancellationToken cancellationToken) =>
        PublicId.TryCampaign(id, out var campaignId) && await check.RunAsync(db, campaignId, cancellationToken) is { } answer
            ? TypedResults.Ok(Answers.Data(answer))
            : Problems.NotFound("campaign");
}
