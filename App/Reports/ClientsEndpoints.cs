using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using ScoreTracking.Api;
using ScoreTracking.Auth;
using ScoreTracking.Data;

namespace ScoreTracking.Reports;

/// <summary>What people opened and clicked with, over the API.</summary>
public static class ClientsEndpoints
{
    public static void MapClients(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/api/v1/campaigns/{id}/report/clients", ListAsync)
            .RequireScope(Scopes.ReportsRead)
            .WithSummary("Mail clients, devices, browsers or systems of opens or clicks");

    internal static async Task<Results<Ok<ClientsReport>, ProblemHttpResult>> ListAsync(
        string id, [FromQuery(Name = "event")] string? hit, string? by, ScoreDb db, CancellationToken cancellationToken)
    {
        var errors = new Dictionary<string, string[]>();
        var type = HitShares.TypeOf(hit, errors);
        if (!ClientFacets.TryParse(by, out var facet))
        {
            errors["by"] = ["must be client, device, browser or os"];
        }

        if (errors.Count > 0)
        {
            return Problems.Invalid(errors);
        }

        return PublicId.TryCampaign(id, out var campaignId) && await db.Campaigns.AnyAsync(campaign => campaign.Id == campaignId, cancellationToken)
            ? TypedResults.Ok(await ClientsQuery.RunAsync(db, campaignId, facet, type, cancellationToken))
            : Problems.NotFound("campaign");
    }
}
