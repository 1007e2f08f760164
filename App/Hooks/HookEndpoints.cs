using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using ScoreTracking.Api;
using ScoreTracking.Auth;
using ScoreTracking.Data;

namespace ScoreTracking.Hooks;

/// <param name="DeliveryId">Null for all that failed.</param>
public sealed record RetryBody(string? DeliveryId = null);

/// <param name="Retried">Deliveries that are tried once more.</param>
public sealed record RetryAnswer(int Retried);

/// <summary>/api/v1/webhooks: outbound, one per endpoint that is told of events.</summary>
public static class HookEndpoints
{
    private const string List = "webhooks";

    private const string Signed =
        "Requests follow Standard Webhooks: webhook-id (the same at every attempt), webhook-timestamp, webhook-signature. The body is {\"type\",\"timestamp\",\"data\"}, data being the event as GET /events shows it, or, of message.ready, the mail as POST /campaigns/{id}/instrument gives it.";

    public static void MapHooks(this IEndpointRouteBuilder routes)
    {
        var hooks = routes.MapGroup("/api/v1/webhooks").RequireScope(Scopes.Admin).WithTags("Webhooks");
        hooks.MapGet("", ListAsync).WithSummary("List outbound webhooks");
        hooks.MapPost("", CreateAsync).WithSummary("Make an outbound webhook; its secret is shown once").WithDescription(Signed);
        hooks.MapGet("/{id}", GetAsync).WithSummary("Read an outbound webhook");
        hooks.MapPatch("/{id}", ChangeAsync).WithSummary("Change, enable or disable an outbound webhook");
        hooks.MapDelete("/{id}", RemoveAsync).WithSummary("Remove an outbound webhook and what waits for it");
        hooks.MapGet("/{id}/deliveries", DeliveriesAsync).WithSummary("What it was sent and is to be sent, newest first, kept seven days");
        hooks.MapPost("/{id}/actions/test", TestAsync).WithSummary("Send a test now and answer what came of it");
        hooks.MapPost("/{id}/actions/rotate_secret", RotateAsync).WithSummary("Make a new secret, shown once; for 24 hours requests carry both signatures");
        hooks.MapPost("/{id}/actions/retry", RetryAsync).WithSummary("Try a delivery, or all that failed, once more now");
    }

    internal static Task<Results<Ok<Listing<HookAnswer>>, ProblemHttpResult>> ListAsync(
        int? limit, string? cursor, HookEdits edits, ScoreDb db, CancellationToken cancellationToken) => IdPages.ReadAsync(
            List, limit, cursor, (after, count) => edits.ListAsync(db, after, count, cancellationToken), hook => PublicId.TryHook(hook.Id, out var id) ? id : 0);

    internal static async Task<Results<Created<One<HookAnswer>>, ProblemHttpResult>> CreateAsync(HookBody body, HookEdits edits, CancellationToken cancellationToken) =>
        await edits.CreateAsync(body, cancellationToken) switch
        {
            { Hook: { } made } => TypedResults.Created($"/api/v1/webhooks/{made.Id}", Answers.Data(made)),
            { IsFull: true } => Problems.Conflict($"There may be {HookRules.MaxHooks} webhooks: remove one first."),
            var refused => Problems.Invalid(refused.Errors),
        };

    internal static async Task<Results<Ok<One<HookAnswer>>, ProblemHttpResult>> GetAsync(string id, HookEdits edits, ScoreDb db, CancellationToken cancellationToken) =>
        PublicId.TryHook(id, out var number) && await edits.FindAsync(db, number, cancellationToken) is { } found ? TypedResults.Ok(Answers.Data(found)) : Missing();

    internal static async Task<Results<Ok<One<HookAnswer>>, ProblemHttpResult>> ChangeAsync(string id, HookBody body, HookEdits edits, CancellationToken cancellationToken) =>
        !PublicId.TryHook(id, out var number) ? Missing() : await edits.ChangeAsync(number, body, cancellationToken) switch
        {
            { Hook: { } changed } => TypedResults.Ok(Answers.Data(changed)),
            { Errors.Count: > 0 } refused => Problems.Invalid(refused.Errors),
            _ => Missing(),
        };

    internal static async Task<Results<NoContent, ProblemHttpResult>> RemoveAsync(string id, HookEdits edits, CancellationToken cancellationToken) =>
        PublicId.TryHook(id, out var number) && await edits.RemoveAsync(number, cancellationToken) ? TypedResults.NoContent() : Missing();

    internal static async Task<Results<Ok<Listing<DeliveryAnswer>>, ProblemHttpResult>> DeliveriesAsync(
        string id, string? status, int? limit, string? cursor, ScoreDb db, CancellationToken cancellationToken)
    {
        if (!PublicId.TryHook(id, out var number) || !await db.Hooks.AnyAsync(hook => hook.Id == number, cancellationToken))
        {
            return Missing();
        }

        if (PageCursor.Check(limit) is { } wrong)
        {
            return wrong;
        }

        DeliveryStatus? wanted = null;
        if (status is not null)
        {
            if (!DeliveryStatuses.TryParse(status, out var parsed))
            {
                return Problems.Invalid("status", "unknown: must be waiting, delivered or failed");
            }

            wanted = parsed;
        }

        var scope = $"{number} {status}";
        if (!SealedCursor.TryRead(HookDeliveries.List, scope, cursor, 1, out var key))
        {
            return Problems.Invalid("cursor", "not a cursor of this list with this filter");
        }

        var size = limit ?? PageCursor.DefaultLimit;
        var before = key?[0] ?? long.MaxValue;
        var page = await HookDeliveries.Of(db, number, wanted).Where(delivery => delivery.Id < before).Take(size + 1).ToListAsync(cancellationToken);
        var next = page.Count > size ? SealedCursor.Write(HookDeliveries.List, scope, page[size - 1].Id) : null;
        return TypedResults.Ok(new Listing<DeliveryAnswer>([.. page.Take(size).Select(DeliveryAnswer.Of)], next));
    }

    private static async Task<Results<Ok<One<DeliveryAnswer>>, ProblemHttpResult>> TestAsync(string id, HookDeliveries deliveries, CancellationToken cancellationToken) =>
        PublicId.TryHook(id, out var number) && await deliveries.TestAsync(number, cancellationToken) is { } done ? TypedResults.Ok(Answers.Data(done)) : Missing();

    internal static async Task<Results<Ok<One<HookAnswer>>, ProblemHttpResult>> RotateAsync(string id, HookEdits edits, CancellationToken cancellationToken) =>
        PublicId.TryHook(id, out var number) && await edits.RotateAsync(number, cancellationToken) is { } rotated ? TypedResults.Ok(Answers.Data(rotated)) : Missing();

    private static async Task<Results<Accepted<One<RetryAnswer>>, ProblemHttpResult>> RetryAsync(
        string id, RetryBody? body, HookDeliveries deliveries, ScoreDb db, CancellationToken cancellationToken)
    {
        if (!PublicId.TryHook(id, out var number) || await db.Hooks.FirstOrDefaultAsync(hook => hook.Id == number, cancellationToken) is not { } hook)
        {
            return Missing();
        }

        if (!hook.Enabled)
        {
            return Problems.Conflict("The webhook is disabled: enable it first.");
        }

        long? delivery = null;
        if (body?.DeliveryId is { } text)
        {
            if (!PublicId.TryDelivery(text, out var parsed))
            {
                return Problems.Invalid("delivery_id", "not an id of this kind");
            }

            delivery = parsed;
        }

        return await deliveries.RetryAsync(number, delivery, cancellationToken) is { } retried
            ? TypedResults.Accepted((string?)null, Answers.Data(new RetryAnswer(retried)))
            : Problems.NotFound("delivery of this webhook");
    }

    private static ProblemHttpResult Missing() => Problems.NotFound("webhook");
}
