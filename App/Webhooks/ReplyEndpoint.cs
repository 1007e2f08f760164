using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using ScoreTracking.Api;
using ScoreTracking.Auth;
using ScoreTracking.Data;
using ScoreTracking.Events;
using ScoreTracking.Ingest;

namespace ScoreTracking.Webhooks;

/// <summary>What is known of a reply. All of it may be missing.</summary>
public sealed record ReplyBody
{
    /// <summary>The caller's own id of it, 1 to 200 characters: the same twice is one reply.</summary>
    public string? EventId { get; init; }

    /// <summary>When it was written; missing means now.</summary>
    public DateTimeOffset? OccurredAt { get; init; }
}

public sealed record ReplyAnswer(string MessageId, string EventType, DateTimeOffset OccurredAt);

/// <summary>POST /api/v1/messages/{id}/replies: somebody answered a mail. Accepted means on disk.</summary>
public static class ReplyEndpoint
{
    private const int MaxEventId = 200;

    private static readonly DateTimeOffset s_earliest = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan s_ahead = TimeSpan.FromDays(1);

    public static void MapReplies(this IEndpointRouteBuilder routes) =>
        routes.MapPost("/api/v1/messages/{id}/replies", PostAsync)
            .RequireScope(Scopes.EventsWrite)
            .WithTags("Messages")
            .WithSummary("Record a reply to a message")
            .WithDescription("Answers once it is on disk. Without an event_id every call is a reply of its own.");

    private static async Task<Results<Accepted<One<ReplyAnswer>>, ProblemHttpResult>> PostAsync(
        string id, ReplyBody? body, HttpContext context, ScoreDb db, EventIntake intake, TimeProvider time, CancellationToken cancellationToken)
    {
        if (!PublicId.TryMessage(id, out var messageId) || !await db.Messages.AnyAsync(message => message.Id == messageId, cancellationToken))
        {
            return Problems.NotFound("message");
        }

        var now = time.GetUtcNow();
        var errors = new FieldErrors();
        if (body?.EventId is { } eventId && (eventId.Length is 0 or > MaxEventId))
        {
            errors.Add("event_id", $"must be 1 to {MaxEventId} characters");
        }

        if (body?.OccurredAt is { } at && (at < s_earliest || at > now + s_ahead))
        {
            errors.Add("occurred_at", "must lie between the year 2000 and tomorrow");
        }

        if (!errors.None)
        {
            return Problems.Invalid(errors.ToDictionary());
        }

        var replied = new EmailEvent
        {
            Type = EventType.Replied,
            Source = EventSource.Api,
            OccurredAt = body?.OccurredAt ?? now,
            ReceivedAt = now,
            MessageId = messageId,
            SourceKey = body?.EventId is { } key ? $"api:{key}" : null,
        };
        try
        {
            await intake.StoreAsync(replied, Lane.Report, cancellationToken);
        }
        catch (EventNotStoredException exception)
        {
            return Problems.Unavailable(context, exception.Message);
        }

        return TypedResults.Accepted((string?)null, Answers.Data(new ReplyAnswer(id, EventType.Replied.Name(), replied.OccurredAt)));
    }
}
