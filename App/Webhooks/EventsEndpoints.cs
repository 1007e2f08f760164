using System.Text.Json;
using Microsoft.AspNetCore.Mvc;
using ScoreTracking.Api;
using ScoreTracking.Auth;
using ScoreTracking.Events;
using ScoreTracking.Ingest;

namespace ScoreTracking.Webhooks;

/// <summary>POST /api/v1/events: one event, an array, or NDJSON. Accepted means on disk; each bad event is named and costs only itself.</summary>
public static class EventsEndpoints
{
    private const int MaxEvents = 1_000;
    private const int MaxBody = 5 * 1024 * 1024;

    private static readonly JsonDocumentOptions s_json = new() { MaxDepth = 32 };

    public static void MapEvents(this IEndpointRouteBuilder routes) =>
        routes.MapPost("/api/v1/events", PostAsync)
            .RequireScope(Scopes.EventsWrite)
            .WithMetadata(new RequestSizeLimitAttribute(MaxBody))
            .WithName("PostEvents")
            .WithSummary("Report events")
            .WithDescription("One event, an array of up to 1,000, or NDJSON. Answers once they are on disk; a repeated event_id changes nothing.")
            .Produces<Receipt>(StatusCodes.Status202Accepted)
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status422UnprocessableEntity)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable);

    internal sealed record Rejected(int Index, Dictionary<string, string[]> Errors);

    internal sealed record Receipt(int Accepted, IReadOnlyList<Rejected> Rejected);

    private static async Task<IResult> PostAsync(HttpContext context, EventIntake intake, TimeProvider time, CancellationToken cancellationToken)
    {
        var isLines = context.Request.ContentType is { } type
            && (type.Contains("ndjson", StringComparison.OrdinalIgnoreCase) || type.Contains("jsonl", StringComparison.OrdinalIgnoreCase));
        if (!isLines && context.Request.ContentType?.Contains("json", StringComparison.OrdinalIgnoreCase) is false)
        {
            return TypedResults.Problem(statusCode: StatusCodes.Status415UnsupportedMediaType, title: "Not JSON", detail: "Send application/json or application/x-ndjson.");
        }

        return isLines
            ? await StoreAsync(context, await LinesAsync(context, time.GetUtcNow(), cancellationToken), single: false, intake, cancellationToken)
            : await PostJsonAsync(context, intake, time, cancellationToken);
    }

    private static async Task<IResult> PostJsonAsync(HttpContext context, EventIntake intake, TimeProvider time, CancellationToken cancellationToken)
    {
        using var body = await JsonDocument.ParseAsync(context.Request.Body, s_json, cancellationToken);
        var single = body.RootElement.ValueKind != JsonValueKind.Array;
        var read = new Read();
        if (single)
        {
            read.Add(body.RootElement, time.GetUtcNow());
        }
        else
        {
            foreach (var element in body.RootElement.EnumerateArray())
            {
                read.Add(element, time.GetUtcNow());
            }
        }

        return await StoreAsync(context, read, single, intake, cancellationToken);
    }

    private static async Task<Read> LinesAsync(HttpContext context, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var read = new Read();
        using var lines = new StreamReader(context.Request.Body);
        while (await lines.ReadLineAsync(cancellationToken) is { } line && read.Count <= MaxEvents)
        {
            if (string.IsNullOrWhiteSpace(line))
            {
                continue;
            }

            try
            {
                using var document = JsonDocument.Parse(line, s_json);
                read.Add(document.RootElement, now);
            }
            catch (JsonException)
            {
                read.Reject("event", "not valid JSON");
            }
        }

        return read;
    }

    private static async Task<IResult> StoreAsync(HttpContext context, Read read, bool single, EventIntake intake, CancellationToken cancellationToken)
    {
        if (read.Count > MaxEvents)
        {
            return Problems.Invalid("events", $"more than {MaxEvents} in one request");
        }

        if (single && read.Rejected is [var only])
        {
            return only.Errors.Values.Any(errors => errors.Contains("unknown member") || errors.Any(error => error.StartsWith("must be a", StringComparison.Ordinal)))
                ? Problems.BadRequest(only.Errors)
                : Problems.Invalid(only.Errors);
        }

        try
        {
            // Unsubscribes and complaints must not wait behind a flood of the rest.
            var urgent = read.Events.Any(reported => reported.Type is EventType.Unsubscribed or EventType.Complained);
            await intake.StoreAsync(read.Events, urgent ? Lane.Unsubscribe : Lane.Report, cancellationToken);
        }
        catch (EventNotStoredException exception)
        {
            return Problems.Unavailable(context, exception.Message);
        }

        return TypedResults.Accepted((string?)null, new Receipt(read.Events.Count, read.Rejected));
    }

    private sealed class Read
    {
        public List<EmailEvent> Events { get; } = [];

        public List<Rejected> Rejected { get; } = [];

        public int Count => Events.Count + Rejected.Count;

        public void Add(JsonElement element, DateTimeOffset now)
        {
            if (ReportedEvent.TryRead(element, now, out var reported, out var errors))
            {
                Events.Add(reported);
            }
            else
            {
                Rejected.Add(new Rejected(Count, errors));
            }
        }

        public void Reject(string member, string error) => Rejected.Add(new Rejected(Count, new() { [member] = [error] }));
    }
}
