using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using ScoreTracking.Api;
using ScoreTracking.Auth;
using ScoreTracking.Data;

namespace ScoreTracking.Delivery;

/// <summary>Whether mail leaves this server.</summary>
/// <param name="Held">Nothing leaves.</param>
/// <param name="Reason">Why, as a sentence; null where mail leaves.</param>
/// <param name="Waiting">Messages in the queue.</param>
/// <param name="Uncertain">Messages of which nobody knows whether they were handed over.</param>
public sealed record SendingAnswer(bool Held, string? Reason, long Waiting, long Uncertain);

/// <param name="Action">What was asked for; it shows within a moment.</param>
public sealed record DecisionAnswer(string MessageId, string Action);

/// <summary>/api/v1/sending, and decisions about hand-offs whose end is not known.</summary>
public static class SendingEndpoints
{
    public static void MapDelivery(this IEndpointRouteBuilder routes)
    {
        var sending = routes.MapGroup("/api/v1/sending").WithTags("Sending");
        sending.MapGet("", GetAsync).RequireScope(Scopes.CampaignsRead).WithSummary("Whether mail leaves this server, and what waits");
        sending.MapPost("/actions/release", ReleaseAsync).RequireScope(Scopes.Admin).WithSummary("Agree that mail leaves again")
            .WithDescription("A copy restored from a backup sends nothing by itself, and neither does a server whose clock jumped. 409 where nothing is held.");
        routes.MapGet("/api/v1/connections/{id}/uncertain", UncertainAsync).RequireScope(Scopes.Admin).WithTags("Connections")
            .WithSummary("Messages of which nobody knows whether the server has them")
            .WithDescription("The server stopped, or the mail server never answered, while they were being handed over. They are never sent again by themselves; a report that arrives later settles them.");
        var messages = routes.MapGroup("/api/v1/messages/{id}/actions").RequireScope(Scopes.CampaignsSend).WithTags("Messages");
        messages.MapPost("/resend", (string id, DeliveryDecisions decisions, CancellationToken cancellationToken) => DecideAsync(id, Decision.Resend, decisions, cancellationToken))
            .WithSummary("Queue a message again that failed or is uncertain").WithDescription("An uncertain one may arrive twice. 409 in any other state.");
        messages.MapPost("/mark_sent", (string id, DeliveryDecisions decisions, CancellationToken cancellationToken) => DecideAsync(id, Decision.MarkSent, decisions, cancellationToken))
            .WithSummary("Say of an uncertain message that it was sent").WithDescription("It counts as sent, at the time of the hand-off.");
        messages.MapPost("/discard", (string id, DeliveryDecisions decisions, CancellationToken cancellationToken) => DecideAsync(id, Decision.Discard, decisions, cancellationToken))
            .WithSummary("Give an uncertain message up").WithDescription("It counts as dropped.");
    }

    internal static async Task<Ok<One<SendingAnswer>>> GetAsync(SendingHold hold, ScoreDb db, CancellationToken cancellationToken)
    {
        var waiting = await db.Deliveries.LongCountAsync(delivery => delivery.State == DeliveryState.Waiting, cancellationToken);
        var uncertain = await db.Deliveries.LongCountAsync(delivery => delivery.State != DeliveryState.Waiting && delivery.State == DeliveryState.Uncertain, cancellationToken);
        return TypedResults.Ok(Answers.Data(new SendingAnswer(hold.Because is not null, hold.Because, waiting, uncertain)));
    }

    internal static async Task<Results<Ok<One<SendingAnswer>>, ProblemHttpResult>> ReleaseAsync(SendingHold hold, SendQueue queue, ScoreDb db, CancellationToken cancellationToken)
    {
        if (!await hold.ReleaseAsync(cancellationToken))
        {
            return Problems.Conflict("Sending is not held.");
        }

        queue.Wake();
        return await GetAsync(hold, db, cancellationToken);
    }

    internal static async Task<Results<Ok<Listing<UncertainAnswer>>, ProblemHttpResult>> UncertainAsync(
        string id, string? cursor, int? limit, ScoreDb db, CancellationToken cancellationToken)
    {
        if (!PublicId.TryConnection(id, out var connectionId) || !await db.Connections.AnyAsync(connection => connection.Id == connectionId, cancellationToken))
        {
            return Problems.NotFound("connection");
        }

        if (PageCursor.Check(limit) is { } wrong)
        {
            return wrong;
        }

        return PageCursor.TryRead(UncertainQuery.List, cursor, 1, out var key)
            ? TypedResults.Ok(await UncertainQuery.RunAsync(db, connectionId, key?[0] ?? 0, limit ?? PageCursor.DefaultLimit, cancellationToken))
            : Problems.Invalid("cursor", "not a cursor of this list");
    }

    private static async Task<Results<Accepted<One<DecisionAnswer>>, ProblemHttpResult>> DecideAsync(string id, Decision decision, DeliveryDecisions decisions, CancellationToken cancellationToken)
    {
        if (!PublicId.TryMessage(id, out var messageId))
        {
            return Problems.NotFound("message");
        }

        return await decisions.DecideAsync(messageId, decision, cancellationToken) switch
        {
            null => TypedResults.Accepted((string?)null, Answers.Data(new DecisionAnswer(id, decision switch
            {
                Decision.Resend => "resend",
                Decision.MarkSent => "mark_sent",
                Decision.Discard => "discard",
            }))),
            "" => Problems.NotFound("message"),
            var refusal => Problems.Conflict(refusal),
        };
    }
}
