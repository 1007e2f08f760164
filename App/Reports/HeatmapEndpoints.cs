using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using ScoreTracking.Api;
using ScoreTracking.Auth;
using ScoreTracking.Data;
using ScoreTracking.Experiments;

namespace ScoreTracking.Reports;

/// <summary>A test's heatmap over the API.</summary>
public static class HeatmapEndpoints
{
    public static void MapHeatmap(this IEndpointRouteBuilder routes) =>
        routes.MapGroup("/api/v1/campaigns/{id}/report").RequireScope(Scopes.ReportsRead)
            .MapGet("/heatmap", HeatmapAsync).WithSummary("A test over any two of its factors: rate, messages and chance to be the best, with margins");

    internal static async Task<Results<Ok<One<HeatmapReport>>, ProblemHttpResult>> HeatmapAsync(
        string id,
        string? rows,
        string? cols,
        string? metric,
        string? subject,
        string? html,
        [FromQuery(Name = "from_name")] string? fromName,
        string? preheader,
        ScoreDb db,
        CancellationToken cancellationToken)
    {
        if (!TestMetrics.TryParse(metric, out var chosen))
        {
            return Problems.Invalid("metric", TestMetrics.Names);
        }

        var errors = new Dictionary<string, string[]>();
        var choice = new HeatmapChoice(rows, cols, new LevelFilter(subject, html, fromName, preheader), chosen);
        var heatmap = PublicId.TryCampaign(id, out var campaignId)
            ? await HeatmapQuery.RunAsync(db, campaignId, choice, errors, cancellationToken)
            : null;
        return errors.Count > 0 ? Problems.Invalid(errors)
            : heatmap is null ? Problems.NotFound("campaign")
            : TypedResults.Ok(Answers.Data(heatmap));
    }
}
