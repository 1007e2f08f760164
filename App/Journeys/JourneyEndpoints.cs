using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http.HttpResults;
using ScoreTracking.Api;
using ScoreTracking.Auth;
using ScoreTracking.Campaigns;
using ScoreTracking.Data;

namespace ScoreTracking.Journeys;

/// <summary>/api/v1/journeys: what happens to people step by step.</summary>
public static class JourneyEndpoints
{
    private const string Shape =
        "Members: name, trigger {event: api | an event type | segment_joined | list_joined …}, steps [{id, type, …, next}], exit {unsubscribed, goal}, again (never | after_end). People begin with the first step of the list; next null ends the journey. Durations are ISO 8601; every fault names its step.";

    public static void MapJourneys(this IEndpointRouteBuilder routes)
    {
        var journeys = routes.MapGroup("/api/v1/journeys").WithTags("Journeys");
        journeys.MapGet("", ListAsync).WithSummary("List journeys").RequireScope(Scopes.CampaignsRead);
        journeys.MapPost("", CreateAsync).Accepts<JsonObject>("application/json").WithSummary("Make a journey").WithDescription(Shape).RequireScope(Scopes.CampaignsWrite);
        journeys.MapGet("/{id}", GetAsync).WithSummary("Read a journey: its draft, and how many people are where").RequireScope(Scopes.CampaignsRead);
        journeys.MapPatch("/{id}", ChangeAsync).Accepts<JsonObject>("application/json").WithSummary("Change the draft; it has no effect before it is published").RequireScope(Scopes.CampaignsWrite);
        journeys.MapDelete("/{id}", RemoveAsync).WithSummary("Delete a draft, or a journey that is archived").RequireScope(Scopes.CampaignsWrite);
        journeys.MapGet("/{id}/numbers", NumbersAsync).WithSummary("People on every step and through every exit, of one version").RequireScope(Scopes.CampaignsRead);
        var actions = journeys.MapGroup("/{id}/actions").RequireScope(Scopes.CampaignsSend);
        actions.MapPost("/publish", PublishAsync).WithSummary("Publish the draft: whoever begins from now on begins on it, others finish on theirs");
        actions.MapPost("/pause", PauseAsync).WithSummary("Pause: nobody begins and nobody moves");
        actions.MapPost("/resume", ResumeAsync).WithSummary("Go on; time-outs that passed meanwhile are decided by what happened in time");
        actions.MapPost("/archive", ArchiveAsync).WithSummary("End it for good: whoever is on the way leaves");

        // As if it took a body: else it would be found before those that do by a request without one.
        actions.MapPost("/{action}", (string id, string action) => Problems.NotFound("action")).Accepts<JsonObject>("application/json").ExcludeFromDescription();
        journeys.MapEnrollments();
    }

    internal static ProblemHttpResult Missing() => Problems.NotFound("journey");

    private static async Task<Results<Ok<Listing<JourneyAnswer>>, ProblemHttpResult>> ListAsync(
        string? status, int? limit, string? cursor, ScoreDb db, CancellationToken cancellationToken) =>
        status is not (null or JourneyStatus.Draft or JourneyStatus.Published or JourneyStatus.Paused or JourneyStatus.Archived)
            ? Problems.Invalid("status", "must be draft, published, paused or archived")
            : await IdPages.ReadAsync(
                "journeys", limit, cursor, (after, count) => JourneyQueries.ListAsync(db, status, after, count, cancellationToken), journey => PublicId.TryJourney(journey.Id, out var id) ? id : 0);

    private static async Task<Results<Created<One<JourneyAnswer>>, ProblemHttpResult>> CreateAsync(HttpRequest request, JourneyEdits edits, CancellationToken cancellationToken)
    {
        var body = await JourneyBody.ReadAsync(request, before: null, cancellationToken);
        if (body.Problem is { } problem)
        {
            return problem;
        }

        var made = await edits.CreateAsync(body.Name, body.Definition!, isFinished: true, cancellationToken);
        return made.Value is { } journey ? TypedResults.Created($"/api/v1/journeys/{journey.Id}", Answers.Data(journey)) : made.Refused!.ToProblem();
    }

    private static async Task<Results<Ok<One<JourneyAnswer>>, ProblemHttpResult>> GetAsync(string id, ScoreDb db, CancellationToken cancellationToken) =>
        PublicId.TryJourney(id, out var number) && await JourneyQueries.FindAsync(db, number, cancellationToken) is { } found ? TypedResults.Ok(Answers.Data(found)) : Missing();

    private static async Task<Results<Ok<One<JourneyAnswer>>, ProblemHttpResult>> ChangeAsync(
        string id, HttpRequest request, JourneyEdits edits, ScoreDb db, CancellationToken cancellationToken)
    {
        if (!PublicId.TryJourney(id, out var number) || await JourneyQueries.DraftAsync(db, number, cancellationToken) is not { } before)
        {
            return Missing();
        }

        var body = await JourneyBody.ReadAsync(request, before, cancellationToken);
        return body.Problem is { } problem ? problem : Changed(await edits.ChangeAsync(number, body.Name, body.Definition, isFinished: true, cancellationToken));
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> RemoveAsync(string id, JourneyEdits edits, CancellationToken cancellationToken) =>
        !PublicId.TryJourney(id, out var number) ? Missing()
        : await edits.RemoveAsync(number, cancellationToken) is { } refused ? refused.ToProblem()
        : TypedResults.NoContent();

    private static async Task<Results<Ok<One<JourneyNumbersAnswer>>, ProblemHttpResult>> NumbersAsync(string id, int? version, ScoreDb db, CancellationToken cancellationToken)
    {
        if (!PublicId.TryJourney(id, out var number) || await JourneyQueries.FindAsync(db, number, cancellationToken) is not { } journey)
        {
            return Missing();
        }

        var wanted = version ?? journey.Version;
        return await JourneyQueries.VersionAsync(db, number, wanted, cancellationToken) is { } definition
            ? TypedResults.Ok(Answers.Data(JourneyNumbersAnswer.Of(wanted, definition, await JourneyQueries.NumbersAsync(db, number, wanted, definition, cancellationToken))))
            : Problems.NotFound("version of this journey");
    }

    private static async Task<Results<Ok<One<JourneyAnswer>>, ProblemHttpResult>> PublishAsync(string id, JourneyEdits edits, CancellationToken cancellationToken) =>
        PublicId.TryJourney(id, out var number) ? Changed(await edits.PublishAsync(number, cancellationToken)) : Missing();

    private static async Task<Results<Ok<One<JourneyAnswer>>, ProblemHttpResult>> PauseAsync(string id, JourneyEdits edits, CancellationToken cancellationToken) =>
        PublicId.TryJourney(id, out var number) ? Changed(await edits.PauseAsync(number, cancellationToken)) : Missing();

    private static async Task<Results<Ok<One<JourneyAnswer>>, ProblemHttpResult>> ResumeAsync(string id, JourneyEdits edits, CancellationToken cancellationToken) =>
        PublicId.TryJourney(id, out var number) ? Changed(await edits.ResumeAsync(number, cancellationToken)) : Missing();

    private static async Task<Results<Ok<One<JourneyAnswer>>, ProblemHttpResult>> ArchiveAsync(string id, JourneyEdits edits, CancellationToken cancellationToken) =>
        PublicId.TryJourney(id, out var number) ? Changed(await edits.ArchiveAsync(number, cancellationToken)) : Missing();

    private static Results<Ok<One<JourneyAnswer>>, ProblemHttpResult> Changed(Outcome<JourneyAnswer> outcome) =>
        outcome.Value is { } journey ? TypedResults.Ok(Answers.Data(journey)) : outcome.Refused!.ToProblem();
}

/// <summary>A journey as the API takes it, read.</summary>
/// <param name="Definition">Null where the body says nothing of it.</param>
/// <param name="Problem">Null where it could be read.</param>
internal sealed record JourneyBody(string? Name, JourneyDefinition? Definition, ProblemHttpResult? Problem)
{
    private static readonly string[] s_members = ["trigger", "steps", "exit", "again"];

    /// <param name="before">What members that are missing stay as; null for a new journey.</param>
    /// <exception cref="JsonException">Not JSON.</exception>
    public static async Task<JourneyBody> ReadAsync(HttpRequest request, JourneyDefinition? before, CancellationToken cancellationToken)
    {
        using var document = await JourneyJson.ParseAsync(request.Body, cancellationToken);
        var faults = new List<JourneyFault>();
        var fields = new JourneyFields(document.RootElement, "", faults);
        var name = fields.TextOrNull("name");
        var given = s_members.Where(fields.Has).ToHashSet();
        var read = JourneyJson.Read(fields, faults);
        fields.Done();
        if (faults.Count > 0)
        {
            var errors = JourneyFault.ToErrors(faults);
            return new JourneyBody(name, null, faults.Any(fault => fault.IsUnreadable) ? Problems.BadRequest(errors) : Problems.Invalid(errors));
        }

        return new JourneyBody(name, before is null ? read : given.Count == 0 ? null : new JourneyDefinition(
            given.Contains("trigger") ? read.Trigger : before.Trigger,
            given.Contains("steps") ? read.Steps : before.Steps,
            given.Contains("exit") ? read.Exit : before.Exit,
            given.Contains("again") ? read.AgainAfterEnd : before.AgainAfterEnd), null);
    }
}

/// <summary>People on every step of a version.</summary>
public sealed record JourneyNumbersAnswer(int Version, long Entered, IReadOnlyList<StepNumbersAnswer> Steps)
{
    internal static JourneyNumbersAnswer Of(int version, JourneyDefinition definition, JourneyNumbers numbers) => new(version, numbers.Entered, [.. definition.Steps.Select(step => new StepNumbersAnswer(
        step.Id,
        numbers.Standing.GetValueOrDefault(step.Id),
        numbers.Failed.GetValueOrDefault(step.Id),
        step.Exits.ToDictionary(exit => exit.Key, exit => numbers.Passed.GetValueOrDefault((step.Id, exit.Key)))))]);
}

/// <param name="People">Standing there now.</param>
/// <param name="Failed">Standing there because it could not be done.</param>
/// <param name="Passed">Through each exit so far, by its key.</param>
public sealed record StepNumbersAnswer(string StepId, long People, long Failed, IReadOnlyDictionary<string, long> Passed);
