using Microsoft.AspNetCore.Http.HttpResults;
using ScoreTracking.Api;
using ScoreTracking.Auth;
using ScoreTracking.Connections;
using ScoreTracking.Data;

namespace ScoreTracking.Delivery;

/// <summary>How handing mail to a connection goes.</summary>
/// <param name="Status">off, ready, resting or stopped.</param>
/// <param name="Because">Why it rests or stopped; null otherwise.</param>
/// <param name="RestsForSeconds">What is left of a rest; null otherwise.</param>
/// <param name="Waiting">Messages, due now or later.</param>
/// <param name="Uncertain">Messages nobody knows the end of.</param>
/// <param name="PerSecond">Handed over, over the last ten seconds.</param>
public sealed record ConnectionSendingAnswer(string Status, string? Because, int? RestsForSeconds, long Waiting, long Uncertain, double PerSecond);

/// <summary>/api/v1/connections/{id}/sending.</summary>
public static class ConnectionSendingEndpoints
{
    public static void MapConnectionSending(this IEndpointRouteBuilder routes)
    {
        var connections = routes.MapGroup("/api/v1/connections/{id}").RequireScope(Scopes.Admin);
        connections.MapGet("/sending", GetAsync).WithSummary("How handing mail to a connection goes: whether it rests or stopped and why, what waits");
        connections.MapPost("/actions/try_again", TryAgainAsync).WithSummary("End a rest or a stop: the server is tried at once");
    }

    internal static async Task<Results<Ok<One<ConnectionSendingAnswer>>, ProblemHttpResult>> GetAsync(
        string id, ConnectionEdits edits, ConnectionBacklogQuery backlog, ScoreDb db, CancellationToken cancellationToken) =>
        PublicId.TryConnection(id, out var number) && await edits.FindAsync(db, number, cancellationToken) is not null
            ? TypedResults.Ok(Answers.Data(Answer(await backlog.RunAsync(db, number, cancellationToken))))
            : Problems.NotFound("connection");

    internal static async Task<Results<Ok<One<ConnectionSendingAnswer>>, ProblemHttpResult>> TryAgainAsync(
        string id, ConnectionEdits edits, Dispatcher dispatcher, ConnectionBacklogQuery backlog, ScoreDb db, CancellationToken cancellationToken)
    {
        if (!PublicId.TryConnection(id, out var number) || await edits.FindAsync(db, number, cancellationToken) is not { } found)
        {
            return Problems.NotFound("connection");
        }

        return dispatcher.TryAgain(number)
            ? TypedResults.Ok(Answers.Data(Answer(await backlog.RunAsync(db, number, cancellationToken))))
            : Problems.Conflict(found.Enabled ? edits.WhyNotSending(found) : "The connection is disabled.");
    }

    private static ConnectionSendingAnswer Answer(ConnectionBacklog backlog) => new(
        backlog.Standing.Status.ToString().ToLowerInvariant(),
        backlog.Standing.Because,
        backlog.Standing.Status == LineStatus.Resting ? (int)Math.Ceiling(backlog.Standing.RestsFor.TotalSeconds) : null,
        backlog.Waiting,
        backlog.Uncertain,
        Math.Round(backlog.PerSecond, 1));
}
