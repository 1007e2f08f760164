using System.Net.Mime;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.SignalR;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using ScoreTracking.Api;
using ScoreTracking.Auth;
using ScoreTracking.Data;
using ScoreTracking.Live;

namespace ScoreTracking.Reports.Streams;

/// <summary>Live reports for programs.</summary>
public static class StreamEndpoints
{
    private const string LastEventId = "Last-Event-ID";

    public static void AddReportStreams(this IServiceCollection services)
    {
        services.AddOptions<StreamOptions>().BindConfiguration("Streams").ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<StreamSeats>();
        services.AddHostedService(provider => provider.GetRequiredService<StreamSeats>());
        services.AddSignalR().AddHubOptions<ReportHub>(hub => hub.AddFilter<HubMistakes>());
        services.AddSingleton<HubMistakes>();

        // What a caller asked wrongly is told to the caller; the log is for our own mistakes, which HubMistakes writes.
        services.AddLogging(logging => logging.AddFilter("Microsoft.AspNetCore.SignalR.Internal.DefaultHubDispatcher", LogLevel.None));
    }

    public static void MapReportStreams(this WebApplication app)
    {
        app.Use(RefuseWithoutSeatAsync);
        app.MapGet("/api/v1/campaigns/{id}/report/stream", StreamAsync)
            .RequireScope(Scopes.ReportsRead)
            .WithSummary("The report as it changes, as server-sent events")
            .WithDescription(
                "event: summary carries what GET report answers, at once and after every change, at most twice a second. "
                + "event: activity carries {\"data\":[events, oldest first],\"skipped\":0}, at most 100 at a time. "
                + "Send the last id back in Last-Event-ID to go on without loss. A comment comes after 15 s of silence.")
            .Produces<string>(StatusCodes.Status200OK, "text/event-stream");
        app.MapHub<ReportHub>(ApiKeyHandler.Hubs + "/live").RequireAuthorization(Policies.LiveReports).ExcludeFromDescription();
    }

    internal static async Task<Results<EmptyHttpResult, ProblemHttpResult>> StreamAsync(
        string id,
        string? opens,
        string? basis,
        HttpContext context,
        ScoreDb db,
        LiveFeeds feeds,
        LiveUpdates updates,
        StreamSeats seats,
        IDbContextFactory<ScoreDb> database,
        TimeProvider clock,
        IOptions<StreamOptions> options,
        IHostApplicationLifetime lifetime)
    {
        var errors = new Dictionary<string, string[]>();
        var view = ReportView.Read(opens, basis, errors);
        if (errors.Count > 0)
        {
            return Problems.Invalid(errors);
        }

        var from = 0L;
        var last = context.Request.Headers[LastEventId].ToString();
        if (last.Length > 0 && !ReportStream.TryRead(last, out from))
        {
            return Problems.BadRequest(LastEventId, "not an id of this stream");
        }

        if (!PublicId.TryCampaign(id, out var campaignId) || !await db.Campaigns.AnyAsync(campaign => campaign.Id == campaignId, context.RequestAborted))
        {
            return Problems.NotFound("campaign");
        }

        // Ends with the listener, with the server (which waits for answers that are still being written), or with the right to listen.
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping);
        var (seat, refusal) = seats.Take(context.User, ended.Cancel);
        if (seat is null)
        {
            return Refused(context, refusal, options.Value);
        }

        using (seat)
        {
            Begin(context);
            try
            {
                var stream = new ReportStream(context.Response.BodyWriter, feeds, updates, database, clock, options.Value, campaignId, view);
                await stream.RunAsync(last.Length > 0 ? from : null, ended.Token);
            }
            catch (OperationCanceledException) when (ended.IsCancellationRequested)
            {
                // The end of every stream.
            }
        }

        return TypedResults.Empty;
    }

    // Before the hub lets a connection in, while there is still a status to say it with.
    private static Task RefuseWithoutSeatAsync(HttpContext context, RequestDelegate next)
    {
        if (context.Request.Path.StartsWithSegments(ApiKeyHandler.Hubs)
            && context.RequestServices.GetRequiredService<StreamSeats>().RefusalOf(context.User) is not SeatRefusal.None and var refusal)
        {
            return Refused(context, refusal, context.RequestServices.GetRequiredService<IOptions<StreamOptions>>().Value).ExecuteAsync(context);
        }

        return next(context);
    }

    private static void Begin(HttpContext context)
    {
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        context.Response.ContentType = MediaTypeNames.Text.EventStream;
        context.Response.Headers.CacheControl = "no-cache, no-store";

        // nginx would otherwise keep events back until a buffer is full.
        context.Response.Headers["X-Accel-Buffering"] = "no";
    }

    private static ProblemHttpResult Refused(HttpContext context, SeatRefusal refusal, StreamOptions options)
    {
        context.Response.Headers.RetryAfter = "30";
        return refusal == SeatRefusal.TooMany
            ? TypedResults.Problem(statusCode: 429, title: "Too many live connections", detail: $"One key may have {options.MaxPerCaller} open. Close some first.")
            : TypedResults.Problem(statusCode: 503, title: "Please retry", detail: $"All {options.MaxConnections} live connections of this server are taken.");
    }
}
