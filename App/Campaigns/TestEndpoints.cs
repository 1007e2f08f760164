using Microsoft.AspNetCore.Http.HttpResults;
using ScoreTracking.Api;
using ScoreTracking.Auth;

namespace ScoreTracking.Campaigns;

/// <summary>What a person may do about a test, and about those a campaign did not reach.</summary>
internal static class TestEndpoints
{
    public static void MapTests(this RouteGroupBuilder campaigns)
    {
        var actions = campaigns.MapGroup("/{id}/actions").RequireScope(Scopes.CampaignsSend);
        actions.MapPost("/select_winner", SelectWinnerAsync).WithSummary("Choose the variant everybody else gets, once and for all");
        actions.MapPost("/resend", ResendAsync).WithSummary("A new draft for those who got the campaign and did not open it");
    }

    private static async Task<Results<Ok<One<CampaignAnswer>>, ProblemHttpResult>> SelectWinnerAsync(
        string id, WinnerChoiceBody body, WinnerChoice choice, CancellationToken cancellationToken)
    {
        if (!PublicId.TryCampaign(id, out var campaignId))
        {
            return Problems.NotFound("campaign");
        }

        var outcome = await choice.SelectAsync(campaignId, body.VariantId, cancellationToken);
        return outcome.Value is { } campaign ? TypedResults.Ok(Answers.Data(campaign)) : outcome.Refused!.ToProblem();
    }

    private static async Task<Results<Created<One<Resent>>, ProblemHttpResult>> ResendAsync(
        string id, ResendBody? body, Resend resend, CancellationToken cancellationToken)
    {
        if (!PublicId.TryCampaign(id, out var campaignId))
        {
            return Problems.NotFound("campaign");
        }

        var outcome = await resend.RunAsync(campaignId, body ?? new ResendBody(), cancellationToken);
        return outcome.Value is { } made ? TypedResults.Created((string?)null, Answers.Data(made)) : outcome.Refused!.ToProblem();
    }
}
