using Microsoft.AspNetCore.Http.HttpResults;
using ScoreTracking.Api;
using ScoreTracking.Auth;
using ScoreTracking.Data;
using ScoreTracking.Delivery;

namespace ScoreTracking.Campaigns;

/// <param name="Window">The hours in which mail may leave; missing changes nothing.</param>
public sealed record SendBody(SendWindowBody? Window = null);

/// <param name="At">When it starts; in the future.</param>
/// <param name="Window">The hours in which mail may leave from then on; missing for all.</param>
public sealed record ScheduleBody(DateTimeOffset? At = null, SendWindowBody? Window = null);

/// <param name="Window">The hours in which mail may leave; null for all.</param>
public sealed record WindowBody(SendWindowBody? Window = null);

/// <summary>What moves a campaign from draft to its end.</summary>
internal static class SendEndpoints
{
    public static void MapSending(this RouteGroupBuilder campaigns)
    {
        var actions = campaigns.MapGroup("/{id}/actions").RequireScope(Scopes.CampaignsSend);
        actions.MapPost("/test", TestAsync).WithSummary("Hand a copy to up to five addresses: marked, untracked, counted nowhere");
        actions.MapPost("/send", SendAsync).WithSummary("Start: the content is locked, recipients are dealt to variants, and with delivery smtp their mail goes out");
        actions.MapPost("/schedule", ScheduleAsync).WithSummary("Start by itself at a time, and send within hours of the week");
        actions.MapPost("/unschedule", UnscheduleAsync).WithSummary("Make a scheduled campaign a draft again");
        actions.MapPost("/confirm", ConfirmAsync).WithSummary("Start a campaign that waits for a person's word because its time has passed");
        actions.MapPost("/window", WindowAsync).WithSummary("Change the hours in which mail may leave");
        actions.MapPost("/pause", PauseAsync).WithSummary("Pause: nothing more is handed out or handed over");
        actions.MapPost("/resume", ResumeAsync).WithSummary("Resume, whoever or whatever paused it");
        actions.MapPost("/cancel", CancelAsync).WithSummary("Cancel for good: mail that still waits is withdrawn");
    }

    private static async Task<Results<Ok<One<TestAnswer>>, ProblemHttpResult>> TestAsync(string id, TestBody body, TestMails tests, CancellationToken cancellationToken)
    {
        if (!PublicId.TryCampaign(id, out var campaignId))
        {
            return Problems.NotFound("campaign");
        }

        var outcome = await tests.SendAsync(campaignId, body, cancellationToken);
        return outcome.Value is { } answer ? TypedResults.Ok(Answers.Data(answer)) : outcome.Refused!.ToProblem();
    }

    private static async Task<Results<Ok<One<CampaignAnswer>>, ProblemHttpResult>> SendAsync(
        string id, SendBody? body, CampaignControl control, ScoreDb db, CancellationToken cancellationToken)
    {
        if (!PublicId.TryCampaign(id, out var campaignId) || await CampaignQuery.FindAsync(db, campaignId, cancellationToken) is not { } campaign)
        {
            return Problems.NotFound("campaign");
        }

        return campaign.Status is CampaignStatus.Running or CampaignStatus.Testing
            ? Problems.Conflict("The campaign is running already.")
            : CampaignEndpoints.Changed(await control.SendAsync(campaignId, body?.Window, cancellationToken));
    }

    private static Task<Results<Ok<One<CampaignAnswer>>, ProblemHttpResult>> ScheduleAsync(
        string id, ScheduleBody body, CampaignControl control, CancellationToken cancellationToken) =>
        ChangeAsync(id, (campaignId, token) => control.ScheduleAsync(campaignId, body.At, body.Window, token), cancellationToken);

    private static Task<Results<Ok<One<CampaignAnswer>>, ProblemHttpResult>> UnscheduleAsync(string id, CampaignControl control, CancellationToken cancellationToken) =>
        ChangeAsync(id, control.UnscheduleAsync, cancellationToken);

    private static Task<Results<Ok<One<CampaignAnswer>>, ProblemHttpResult>> ConfirmAsync(string id, CampaignControl control, CancellationToken cancellationToken) =>
        ChangeAsync(id, control.ConfirmAsync, cancellationToken);

    private static Task<Results<Ok<One<CampaignAnswer>>, ProblemHttpResult>> WindowAsync(
        string id, WindowBody body, CampaignControl control, CancellationToken cancellationToken) =>
        ChangeAsync(id, (campaignId, token) => control.WindowAsync(campaignId, body.Window, token), cancellationToken);

    private static Task<Results<Ok<One<CampaignAnswer>>, ProblemHttpResult>> PauseAsync(string id, CampaignControl control, CancellationToken cancellationToken) =>
        ChangeAsync(id, control.PauseAsync, cancellationToken);

    private static Task<Results<Ok<One<CampaignAnswer>>, ProblemHttpResult>> ResumeAsync(string id, CampaignControl control, CancellationToken cancellationToken) =>
        ChangeAsync(id, control.ResumeAsync, cancellationToken);

    private static Task<Results<Ok<One<CampaignAnswer>>, ProblemHttpResult>> CancelAsync(string id, CampaignControl control, CancellationToken cancellationToken) =>
        ChangeAsync(id, control.CancelAsync, cancellationToken);

    private static async Task<Results<Ok<One<CampaignAnswer>>, ProblemHttpResult>> ChangeAsync(
        string id, Func<long, CancellationToken, Task<Outcome<CampaignAnswer>>> change, CancellationToken cancellationToken) =>
        PublicId.TryCampaign(id, out var campaignId) ? CampaignEndpoints.Changed(await change(campaignId, cancellationToken)) : Problems.NotFound("campaign");
}
