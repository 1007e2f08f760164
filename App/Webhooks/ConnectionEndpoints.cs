using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http.HttpResults;
using ScoreTracking.Api;
using ScoreTracking.Auth;
using ScoreTracking.Connections;
using ScoreTracking.Data;
using ScoreTracking.Events;

namespace ScoreTracking.Webhooks;

/// <summary>/api/v1/connections: one per ESP account.</summary>
public static class ConnectionEndpoints
{
    private const string List = "connections";

    public static void MapConnections(this IEndpointRouteBuilder routes)
    {
        var connections = routes.MapGroup("/api/v1/connections").RequireScope(Scopes.Admin);
        connections.MapGet("", ListAsync).WithSummary("List connections");
        connections.MapPost("", CreateAsync).WithSummary("Connect an ESP; answers with the webhook URL and what to do with it");
        connections.MapGet("/{id}", GetAsync).WithSummary("Read a connection");
        connections.MapPatch("/{id}", ChangeAsync).WithSummary("Rename, rotate secrets, change settings, enable or disable");
        connections.MapDelete("/{id}", RemoveAsync).WithSummary("Remove a connection");
        connections.MapGet("/{id}/received", ReceivedAsync).WithSummary("What the ESP sent, normalised, newest first, kept seven days");
        connections.MapGet("/{id}/rejected", RejectedAsync).WithSummary("The last hundred refused requests");
        WebhookEndpoints.Map(routes);
    }

    internal static Task<Results<Ok<Listing<ConnectionAnswer>>, ProblemHttpResult>> ListAsync(
        int? limit, string? cursor, ConnectionEdits edits, ScoreDb db, CancellationToken cancellationToken) => IdPages.ReadAsync(
            List, limit, cursor, (after, count) => edits.ListAsync(db, after, count, cancellationToken), connection => PublicId.TryConnection(connection.Id, out var id) ? id : 0);

    internal static async Task<Results<Created<One<ConnectionAnswer>>, ProblemHttpResult>> CreateAsync(ConnectionBody body, ConnectionEdits edits, CancellationToken cancellationToken)
    {
        var outcome = await edits.CreateAsync(body, cancellationToken);
        return outcome.Connection is { } created
            ? TypedResults.Created($"/api/v1/connections/{created.Id}", Answers.Data(created))
            : Problems.Invalid(outcome.Errors.ToDictionary());
    }

    internal static async Task<Results<Ok<One<ConnectionAnswer>>, ProblemHttpResult>> GetAsync(string id, ConnectionEdits edits, ScoreDb db, CancellationToken cancellationToken) =>
        PublicId.TryConnection(id, out var number) && await edits.FindAsync(db, number, cancellationToken) is { } found
            ? TypedResults.Ok(Answers.Data(found))
            : Missing();

    internal static async Task<Results<Ok<One<ConnectionAnswer>>, ProblemHttpResult>> ChangeAsync(
        string id, ConnectionBody body, ConnectionEdits edits, CancellationToken cancellationToken)
    {
        if (!PublicId.TryConnection(id, out var number))
        {
            return Missing();
        }

        var outcome = await edits.ChangeAsync(number, body, cancellationToken);
        return outcome switch
        {
            { Connection: { } changed } => TypedResults.Ok(Answers.Data(changed)),
            { Errors.Count: > 0 } => Problems.Invalid(outcome.Errors.ToDictionary()),
            _ => Missing(),
        };
    }

    internal static async Task<Results<NoContent, ProblemHttpResult>> RemoveAsync(string id, ConnectionEdits edits, CancellationToken cancellationToken) =>
        PublicId.TryConnection(id, out var number) && await edits.RemoveAsync(number, cancellationToken) ? TypedResults.NoContent() : Missing();

    internal static async Task<Results<Ok<Listing<JsonObject>>, ProblemHttpResult>> ReceivedAsync(
        string id, string? event_type, bool? matched, string? cursor, int? limit, ConnectionEdits edits, ScoreDb db, CancellationToken cancellationToken)
    {
        if (!PublicId.TryConnection(id, out var number) || await edits.FindAsync(db, number, cancellationToken) is null)
        {
            return Missing();
        }

        if (PageCursor.Check(limit) is { } wrong)
        {
            return wrong;
        }

        EventType? type = null;
        if (event_type is not null)
        {
            if (!EventTypes.TryParse(event_type, out var parsed))
            {
                return Problems.Invalid("event_type", "unknown");
            }

            type = parsed;
        }

        return PageCursor.TryRead(ReceivedQuery.List, cursor, 1, out var key)
            ? TypedResults.Ok(await ReceivedQuery.RunAsync(db, number, new ReceivedFilter(type, matched), key?[0], limit ?? PageCursor.DefaultLimit, cancellationToken))
            : Problems.Invalid("cursor", "not a cursor of this list");
    }

    internal static async Task<Results<Ok<Listing<RejectedWebhook>>, ProblemHttpResult>> RejectedAsync(
        string id, ConnectionEdits edits, RejectedWebhooks rejected, ScoreDb db, CancellationToken cancellationToken) =>
        PublicId.TryConnection(id, out var number) && await edits.FindAsync(db, number, cancellationToken) is not null
            ? TypedResults.Ok(new Listing<RejectedWebhook>(rejected.Of(number), NextCursor: null))
            : Missing();

    private static ProblemHttpResult Missing() => Problems.NotFound("connection");
}
