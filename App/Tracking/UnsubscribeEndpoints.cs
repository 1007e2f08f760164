using System.Globalization;
using ScoreTracking.Events;
using ScoreTracking.Ingest;
using ScoreTracking.Tokens;

namespace ScoreTracking.Tracking;

/// <summary>Unsubscribing: GET shows one button and changes nothing, since scanners fetch every URL; POST unsubscribes, with or without RFC 8058's one-click body.</summary>
internal sealed class UnsubscribeEndpoints(TrackingIds ids, EventIntake intake, TimeProvider time)
{
    private const long MaxBody = 16 * 1024;

    public static void Map(IEndpointRouteBuilder routes)
    {
        var endpoints = routes.ServiceProvider.GetRequiredService<UnsubscribeEndpoints>();
        foreach (var path in (string[])["/api/track/unsubscribe/{id}", "/u/{id}"])
        {
            routes.MapMethods(path, [HttpMethods.Get, HttpMethods.Head], endpoints.AskAsync).AllowAnonymous().ShortCircuit().ExcludeFromDescription();
            routes.MapMethods(path, [HttpMethods.Post], endpoints.UnsubscribeAsync).AllowAnonymous().ShortCircuit().ExcludeFromDescription();
        }
    }

    private Task AskAsync(HttpContext context) => TryRead(context, out _)
        ? TrackingAnswers.WritePageAsync(context, StatusCodes.Status200OK, TrackingAnswers.AskUnsubscribe)
        : TrackingAnswers.WritePageAsync(context, StatusCodes.Status404NotFound, TrackingAnswers.NotFound);

    private async Task UnsubscribeAsync(HttpContext context)
    {
        // Urlencoded, multipart or empty: the address in the path says everything, so the body is not looked at.
        if (context.Request.ContentLength > MaxBody)
        {
            await TrackingAnswers.WritePageAsync(context, StatusCodes.Status413PayloadTooLarge, TrackingAnswers.Retry);
            return;
        }

        if (!TryRead(context, out var id))
        {
            await TrackingAnswers.WritePageAsync(context, StatusCodes.Status404NotFound, TrackingAnswers.NotFound);
            return;
        }

        var unsubscribed = Hits.Event(context, EventType.Unsubscribed, id, time.GetUtcNow()) with
        {
            KnownVerdict = Verdict.None,
            KnownReasons = VerdictReasons.None,

            // Pressing twice is one wish: the first one stays.
            SourceKey = string.Create(CultureInfo.InvariantCulture, $"unsubscribe:{id.MessageId}"),
        };
        try
        {
            // The sender's own preview must not unsubscribe the recipient it was made for.
            if (!id.Preview)
            {
                await intake.StoreAsync(unsubscribed, Lane.Unsubscribe, CancellationToken.None);
            }

            await TrackingAnswers.WritePageAsync(context, StatusCodes.Status200OK, TrackingAnswers.Unsubscribed);
        }
        catch (EventNotStoredException)
        {
            context.Response.Headers.RetryAfter = "30";
            context.Response.Headers["X-Event-Stored"] = "0";
            await TrackingAnswers.WritePageAsync(context, StatusCodes.Status503ServiceUnavailable, TrackingAnswers.Retry);
        }
    }

    private bool TryRead(HttpContext context, out TrackingId id) =>
        ids.TryRead(TrackingKind.Unsubscribe, (string?)context.Request.RouteValues["id"], out id);
}
