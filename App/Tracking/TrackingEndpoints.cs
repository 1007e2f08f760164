using Microsoft.Extensions.Options;
using ScoreTracking.Events;
using ScoreTracking.Ingest;
using ScoreTracking.Tokens;

namespace ScoreTracking.Tracking;

/// <summary>The pixel and the tracked links. Whatever goes wrong behind them, the reader sees an image and gets where the link promised.</summary>
internal sealed class TrackingEndpoints(TrackingIds ids, LinkCache links, EventIntake intake, IOptions<IngestOptions> options, TimeProvider time)
{
    // A person waits for the page behind the link, so not for a slow disk: the event is written behind the redirect.
    private readonly TimeSpan _patience = options.Value.ClickPatience;

    public static void Map(IEndpointRouteBuilder routes)
    {
        var endpoints = routes.ServiceProvider.GetRequiredService<TrackingEndpoints>();
        foreach (var path in (string[])["/api/track/open/{id}", "/o/{id}"])
        {
            // Answered right after routing: sign-in, sessions and forms are not for them.
            routes.MapMethods(path, [HttpMethods.Get, HttpMethods.Head], endpoints.OpenAsync).AllowAnonymous().ShortCircuit().ExcludeFromDescription();
        }

        foreach (var path in (string[])["/api/track/click/{id}", "/c/{id}"])
        {
            routes.MapMethods(path, [HttpMethods.Get, HttpMethods.Head], endpoints.ClickAsync).AllowAnonymous().ShortCircuit().ExcludeFromDescription();
        }
    }

    private async Task OpenAsync(HttpContext context)
    {
        if (ids.TryRead(TrackingKind.Open, PixelId(context), out var id) && Hits.Counts(context))
        {
            try
            {
                // A reader who closes the mail meanwhile has opened it all the same.
                await intake.StoreAsync(Hits.Event(context, EventType.Opened, id, time.GetUtcNow()), Lane.Open, CancellationToken.None);
            }
            catch (EventNotStoredException)
            {
                context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
                context.Response.Headers.RetryAfter = "30";
                NotStored(context);
            }
        }

        await TrackingAnswers.WriteGifAsync(context);
    }

    private async Task ClickAsync(HttpContext context)
    {
        var signed = ids.TryRead(TrackingKind.Click, RouteId(context), out var id);
        if (signed && id.LinkId == 0)
        {
            await HoneypotAsync(context, id);
            return;
        }

        if (!signed || await links.FindAsync(id, context.RequestAborted) is not { } link)
        {
            await TrackingAnswers.WritePageAsync(context, StatusCodes.Status404NotFound, TrackingAnswers.NotFound);
            return;
        }

        if (link.Disabled)
        {
            await TrackingAnswers.WritePageAsync(context, StatusCodes.Status410Gone, TrackingAnswers.Disabled);
            return;
        }

        if (Hits.Counts(context))
        {
            await StoreClickAsync(context, id);
        }

        TrackingAnswers.SetHeaders(context.Response);
        context.Response.StatusCode = StatusCodes.Status302Found;
        context.Response.Headers.Location = link.Destination;
    }

    // The link no reader sees leads nowhere, and says so kindly to whoever reads the source of their mail.
    private async Task HoneypotAsync(HttpContext context, TrackingId id)
    {
        if (Hits.Counts(context))
        {
            await StoreClickAsync(context, id);
        }

        await TrackingAnswers.WritePageAsync(context, StatusCodes.Status200OK, TrackingAnswers.Honeypot);
    }

    private async Task StoreClickAsync(HttpContext context, TrackingId id)
    {
        try
        {
            await intake.StoreAsync(Hits.Event(context, EventType.Clicked, id, time.GetUtcNow()), Lane.Click, CancellationToken.None).WaitAsync(_patience);
        }
        catch (TimeoutException)
        {
            // Still on its way to the disk, and a crash would lose it: not to be taken for stored.
            NotStored(context);
        }
        catch (EventNotStoredException)
        {
            NotStored(context);
        }
    }

    private static void NotStored(HttpContext context) => context.Response.Headers["X-Event-Stored"] = "0";

    private static ReadOnlySpan<char> RouteId(HttpContext context) => (string?)context.Request.RouteValues["id"];

    private static ReadOnlySpan<char> PixelId(HttpContext context)
    {
        var id = RouteId(context);
        return id.EndsWith(".gif", StringComparison.Ordinal) ? id[..^4] : id;
    }
}
