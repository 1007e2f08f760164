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
        actions.MapPost("/send", SendAsync).WithSummary("Start: the content is locked, recipients are dealt to variants").RequireScope(Scopes.CampaignsSend);
        actions.MapPost("/pause", PauseAsync).WithSummary("Pause").RequireScope(Scopes.CampaignsSend);
        actions.MapPost("/resume", ResumeAsync).WithSummary("Resume").RequireScope(Scopes.CampaignsSend);
        actions.MapPost("/cancel", CancelAsync).WithSummary("Cancel").RequireScope(Scopes.CampaignsSend);
        actions.MapPost("/duplicate", DuplicateAsync).WithSummary("A new draft with the same content").RequireScope(Scopes.CampaignsWrite);

        // Says what it takes: beside an address that takes anything, a request without a body would not find the actions that take one.
        actions.MapPost("/{action}", (string id, string action) => Problems.NotFound("action")).Accepts<object>(isOptional: true, "application/json").RequireScope(Scopes.CampaignsWrite).ExcludeFromDescription();
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

    private static async Task<Results<Ok<One<CampaignAnswer>>, ProblemHttpResult>> SendAsync(
        string id, CampaignStart start, ScoreDb db, CancellationToken cancellationToken)
    {
        if (!PublicId.TryCampaign(id, out var campaignId) || await CampaignQuery.FindAsync(db, campaignId, cancellationToken) is not { } campaign)
        {
            return Problems.NotFound("campaign");
        }

        if (campaign.Status == CampaignStatus.Running)
        {
            return Problems.Conflict("The campaign is running already.");
        }

        return await start.RunAsync(campaignId, cancellationToken) is { } refused
            ? refused.ToProblem()
            : TypedResults.Ok(Answers.Data((await CampaignQuery.FindAsync(db, campaignId, cancellationToken))!));
    }

    private static Task<Results<Ok<One<CampaignAnswer>>, ProblemHttpResult>> PauseAsync(string id, CampaignEdits edits, CancellationToken cancellationToken) =>
        ChangeAsync(id, edits.PauseAsync, cancellationToken);

    private static Task<Results<Ok<One<CampaignAnswer>>, ProblemHttpResult>> ResumeAsync(string id, CampaignEdits edits, CancellationToken cancellationToken) =>
        ChangeAsync(id, edits.ResumeAsync, cancellationToken);

    private static Task<Results<Ok<One<CampaignAnswer>>, ProblemHttpResult>> CancelAsync(string id, CampaignEdits edits, CancellationToken cancellationToken) =>
        ChangeAsync(id, edits.CancelAsync, cancellationToken);

    private static async Task<Results<Created<One<CampaignAnswer>>, ProblemHttpResult>> DuplicateAsync(
        string id, CampaignEdits edits, CancellationToken cancellationToken) =>
        PublicId.TryCampaign(id, out var campaignId) ? Made(await edits.DuplicateAsync(campaignId, cancellationToken)) : Problems.NotFound("campaign");

    private static async Task<Results<Ok<One<CampaignAnswer>>, ProblemHttpResult>> ChangeAsync(
        string id, Func<long, CancellationToken, Task<Outcome<CampaignAnswer>>> change, CancellationToken cancellationToken) =>
        PublicId.TryCampaign(id, out var campaignId) ? Changed(await change(campaignId, cancellationToken)) : Problems.NotFound("campaign");

    private static Results<Ok<One<CampaignAnswer>>, ProblemHttpResult> Changed(Outcome<CampaignAnswer> outcome) =>
        outcome.Value is { } campaign ? TypedResults.Ok(Answers.Data(campaign)) : outcome.Refused!.ToProblem();

    private static Results<Created<One<CampaignAnswer>>, ProblemHttpResult> Made(Outcome<CampaignAnswer> outcome) =>
        outcome.Value is { } campaign ? TypedResults.Created((string?)null, Answers.Data(campaign)) : outcome.Refused!.ToProblem();
}
