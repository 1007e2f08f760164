using Microsoft.AspNetCore.Http.HttpResults;
using ScoreTracking.Api;
using ScoreTracking.Auth;
using ScoreTracking.Data;

namespace ScoreTracking.Reports;

/// <summary>Who clicked a link, over the API.</summary>
public static class ClickerEndpoints
{
    public static void MapClickers(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/api/v1/campaigns/{id}/report/links/{link_id}/clickers", ListAsync)
            .RequireScope(Scopes.ReportsRead)
            .WithSummary("Who clicked a link, most clicks first");

    internal static async Task<Results<Ok<Listing<Clicker>>, ProblemHttpResult>> ListAsync(
        string id, string link_id, string? cursor, int? limit, ScoreDb db, CancellationToken cancellationToken)
    {
        if (PageCursor.Check(limit) is { } wrongLimit)
        {
            return wrongLimit;
        }

        if (!PublicId.TryCampaign(id, out var campaignId))
        {
            return Problems.NotFound("campaign");
        }

        if (!PublicId.TryLink(link_id, out var linkId))
        {
            return Problems.NotFound("link");
        }

        if (!ClickersQuery.TryReadCursor(linkId, cursor, out var after))
        {
            return Problems.BadRequest("cursor", "not a cursor of this list");
        }

        return await ClickersQuery.RunAsync(db, campaignId, linkId, after, limit ?? PageCursor.DefaultLimit, cancellationToken) is { } clickers
            ? TypedResults.Ok(clickers)
            : Problems.NotFound("link");
    }
}
