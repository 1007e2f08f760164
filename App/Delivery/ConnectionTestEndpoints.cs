using Microsoft.AspNetCore.Http.HttpResults;
using ScoreTracking.Api;
using ScoreTracking.Auth;
using ScoreTracking.Connections;
using ScoreTracking.Mail;

namespace ScoreTracking.Delivery;

/// <summary>Whom the test mail goes to.</summary>
public sealed record ConnectionTestBody(string To);

/// <summary>/api/v1/connections/{id}/actions/test.</summary>
public static class ConnectionTestEndpoints
{
    public static void MapConnectionTest(this IEndpointRouteBuilder routes) =>
        routes.MapPost("/api/v1/connections/{id}/actions/test", TestAsync).RequireScope(Scopes.Admin).WithSummary("Send a test mail; answers with how each step went");

    internal static async Task<Results<Ok<One<ConnectionTestAnswer>>, ProblemHttpResult>> TestAsync(
        string id, ConnectionTestBody body, KnownConnections connections, ConnectionEdits edits, Data.ScoreDb db, ConnectionTest test, CancellationToken cancellationToken)
    {
        if (!PublicId.TryConnection(id, out var number) || await edits.FindAsync(db, number, cancellationToken) is not { } found)
        {
            return Problems.NotFound("connection");
        }

        if (!WireAddress.TryParse(body.To.Trim(), out _))
        {
            return Problems.Invalid("to", "is not an email address");
        }

        return await connections.SenderAsync(number, cancellationToken) is { } sender
            ? TypedResults.Ok(Answers.Data(await test.RunAsync(sender, body.To.Trim(), cancellationToken)))
            : Problems.Conflict(edits.WhyNotSending(found));
    }
}
