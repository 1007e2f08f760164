using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using ScoreTracking.Api;
using ScoreTracking.Auth;
using ScoreTracking.Data;

namespace ScoreTracking.Reports;

/// <summary>How each mailbox provider treats a campaign, over the API.</summary>
public static class ProvidersEndpoints
{
    public static void MapProviders(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/api/v1/campaigns/{id}/report/providers", ListAsync)
            .RequireScope(Scopes.ReportsRead)
            .WithSummary("Figures and rates by mailbox provider, with what deserves a look");

    internal static async Task<Results<Ok<One<IReadOnlyList<ProviderRow>>>, ProblemHttpResult>> ListAsync(
        string id, string? opens, string? basis, ScoreDb db, CancellationToken cancellationToken)
    {
        var errors = new Dictionary<string, string[]>();
        var view = ReportView.Read(opens, basis, errors);
        if (errors.Count > 0)
        {
            return Problems.Invalid(errors);
        }

        return PublicId.TryCampaign(id, out var campaignId) && await db.Campaigns.AnyAsync(campaign => campaign.Id == campaignId, cancellationToken)
            ? TypedResults.Ok(Answers.Data(await ProvidersQuery.RunAsync(db, campaignId, view, cancellationToken)))
            : Problems.NotFound("campaign");
    }
}
