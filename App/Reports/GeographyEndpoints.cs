using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using ScoreTracking.Api;
using ScoreTracking.Auth;
using ScoreTracking.Data;

namespace ScoreTracking.Reports;

/// <summary>Where people opened and clicked, over the API.</summary>
public static class GeographyEndpoints
{
    public static void MapGeography(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/api/v1/campaigns/{id}/report/geo", ListAsync)
            .RequireScope(Scopes.ReportsRead)
            .WithSummary("Countries or cities of opens or clicks")
            .WithDescription("A message counts once per place. What is not known has rows of its own, with the codes unknown and proxied.");

    internal static async Task<Results<Ok<GeographyReport>, ProblemHttpResult>> ListAsync(
        string id, [FromQuery(Name = "event")] string? hit, string? by, ScoreDb db, CancellationToken cancellationToken)
    {
        var errors = new Dictionary<string, string[]>();
        var type = HitShares.TypeOf(hit, errors);
        if (by is not (null or "country" or "city"))
        {
            errors["by"] = ["must be country or city"];
        }

        if (errors.Count > 0)
        {
            return Problems.Invalid(errors);
        }

        return PublicId.TryCampaign(id, out var campaignId) && await db.Campaigns.AnyAsync(campaign => campaign.Id == campaignId, cancellationToken)
            ? TypedResults.Ok(await GeographyQuery.RunAsync(db, campaignId, by == "city" ? PlaceLevel.City : PlaceLevel.Country, type, cancellationToken))
            : Problems.NotFound("campaign");
    }
}
