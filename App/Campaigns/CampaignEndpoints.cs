using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http.HttpResults;
using ScoreTracking.Api;
using ScoreTracking.Auth;
using ScoreTracking.Data;

namespace ScoreTracking.Campaigns;

internal static class CampaignEndpoints
{
    private static readonly JsonDocumentOptions s_patch = new() { MaxDepth = 32, AllowDuplicateProperties = false };

    public static void MapCampaignEdits(this RouteGroupBuilder campaigns)
    {
        campaigns.MapGet("", ListAsync).WithSummary("List campaigns").RequireScope(Scopes.CampaignsRead);
        campaigns.MapPost("", CreateAsync).WithSummary("Create a campaign, with a test of up to 4 factors").RequireScope(Scopes.CampaignsWrite);
        campaigns.MapGet("/{id}", GetAsync).WithSummary("Read a campaign").RequireScope(Scopes.CampaignsRead);
        campaigns.MapPatch("/{id}", PatchAsync).WithSummary("Change a draft; of others only the name").RequireScope(Scopes.CampaignsWrite);
        campaigns.MapDelete("/{id}", DeleteAsync).WithSummary("Delete a campaign nothing was sent of").RequireScope(Scopes.CampaignsWrite);

        var actions = campaigns.MapGroup("/{id}/actions");
        actions.MapPost("/duplicate", DuplicateAsync).WithSummary("A new draft with the same content").RequireScope(Scopes.CampaignsWrite);

        // As if it took a body: else it would be found before those that do by a request without one.
        actions.MapPost("/{action}", (string id, string action) => Problems.NotFound("action")).Accepts<JsonObject>("application/json").RequireScope(Scopes.CampaignsWrite).ExcludeFromDescription();
    }

    private static async Task<Results<Ok<Listing<CampaignRow>>, ProblemHttpResult>> ListAsync(
        ScoreDb db, string? status, string? q, string? sort, string? cursor, int? limit, bool? count, CancellationToken cancellationToken)
    {
        if (PageCursor.Check(limit) is { } problem)
        {
            return problem;
        }

        if (status is not null && !CampaignStatus.All.Contains(status))
        {
            return Problems.Invalid("status", $"must be one of {string.Join(", ", CampaignStatus.All)}");
        }

        if (sort is not (null or "created_at" or "-created_at"))
        {
            return Problems.Invalid("sort", "must be created_at or -created_at");
        }

        var newestFirst = sort != "created_at";
        var list = newestFirst ? "campaigns" : "campaigns-oldest";
        if (!PageCursor.TryRead(list, cursor, parts: 2, out var after))
        {
            return Problems.BadRequest("cursor", "not a cursor of this list");
        }

        var take = limit ?? PageCursor.DefaultLimit;
        var rows = await CampaignQuery.ListAsync(db, status, q, newestFirst, after, take + 1, cancellationToken);
        return TypedResults.Ok(new Listing<CampaignRow>(
            [.. rows.Take(take).Select(row => row.Row)],
            rows.Count > take ? PageCursor.Write(list, rows[take - 1].Key) : null,
            count == true ? await CampaignQuery.CountAsync(db, status, q, cancellationToken) : null));
    }

    private static async Task<Results<Created<One<CampaignAnswer>>, ProblemHttpResult>> CreateAsync(
        CampaignBody body, CampaignEdits edits, CancellationToken cancellationToken) =>
        Made(await edits.CreateAsync(body, cancellationToken));

    private static async Task<Results<Ok<One<CampaignAnswer>>, ProblemHttpResult>> GetAsync(string id, ScoreDb db, CancellationToken cancellationToken) =>
        PublicId.TryCampaign(id, out var campaignId) && await CampaignQuery.FindAsync(db, campaignId, cancellationToken) is { } campaign
            ? TypedResults.Ok(Answers.Data(campaign))
            : Problems.NotFound("campaign");

    private static async Task<Results<Ok<One<CampaignAnswer>>, ProblemHttpResult>> PatchAsync(
        string id, HttpRequest request, CampaignEdits edits, CancellationToken cancellationToken)
    {
        if (!PublicId.TryCampaign(id, out var campaignId))
        {
            return Problems.NotFound("campaign");
        }

        // As a tree: in a typed body "missing" and "null" look the same.
        return await JsonNode.ParseAsync(request.Body, documentOptions: s_patch, cancellationToken: cancellationToken) is JsonObject patch
            ? Changed(await edits.PatchAsync(campaignId, patch, cancellationToken))
            : Problems.BadRequest("$", "must be an object");
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> DeleteAsync(string id, CampaignRemoval removal, CancellationToken cancellationToken)
    {
        if (!PublicId.TryCampaign(id, out var campaignId))
        {
            return Problems.NotFound("campaign");
        }

        return await removal.RunAsync(campaignId, cancellationToken) is { } refused ? refused.ToProblem() : TypedResults.NoContent();
    }

    private static async Task<Results<Created<One<CampaignAnswer>>, ProblemHttpResult>> DuplicateAsync(
        string id, CampaignEdits edits, CancellationToken cancellationToken) =>
        PublicId.TryCampaign(id, out var campaignId) ? Made(await edits.DuplicateAsync(campaignId, cancellationToken)) : Problems.NotFound("campaign");

    internal static Results<Ok<One<CampaignAnswer>>, ProblemHttpResult> Changed(Outcome<CampaignAnswer> outcome) =>
        outcome.Value is { } campaign ? TypedResults.Ok(Answers.Data(campaign)) : outcome.Refused!.ToProblem();

    private static Results<Created<One<CampaignAnswer>>, ProblemHttpResult> Made(Outcome<CampaignAnswer> outcome) =>
        outcome.Value is { } campaign ? TypedResults.Created((string?)null, Answers.Data(campaign)) : outcome.Refused!.ToProblem();
}
