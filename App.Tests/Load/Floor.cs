using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using ScoreTracking.Data;
using ScoreTracking.Tokens;
using ScoreTracking.Tracking;

namespace ScoreTracking.Tests.Load;

/// <summary>The least this stack can do: routing, the token check and the same bytes as an answer, nothing stored. What the real server needs beyond it is the price of its promises.</summary>
internal static class Floor
{
    private static readonly byte[] s_gif = Convert.FromBase64String("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7");

    public static ChildProcess Start(string dataDirectory, int port) =>
        new(ChildProcess.Dotnet, [typeof(Floor).Assembly.Location, "floor", "--data", dataDirectory, "--port", $"{port}"]);

    public static async Task RunAsync(string dataDirectory, string port)
    {
        using var keys = TrackingKeys.LoadOrCreate(new StorageOptions { DataDirectory = dataDirectory });
        var ids = new TrackingIds(keys);
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls($"http://127.0.0.1:{port}").ConfigureKestrel(kestrel => kestrel.AddServerHeader = false);
        await using var app = builder.Build();
        app.MapMethods("/api/track/open/{id}", [HttpMethods.Get], context => OpenAsync(context, ids)).ShortCircuit();
        app.MapMethods("/api/track/click/{id}", [HttpMethods.Get], context => Click(context, ids)).ShortCircuit();
        app.MapMethods("/api/v1/events", [HttpMethods.Post], EventsAsync).ShortCircuit();
        await app.RunAsync();
    }

    private static Task OpenAsync(HttpContext context, TrackingIds ids)
    {
        if (!ids.TryRead(TrackingKind.Open, (string?)context.Request.RouteValues["id"], out _))
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        }

        SetHeaders(context.Response);
        context.Response.ContentType = "image/gif";
        context.Response.ContentLength = s_gif.Length;
        return context.Response.BodyWriter.WriteAsync(s_gif, context.RequestAborted).AsTask();
    }

    private static Task Click(HttpContext context, TrackingIds ids)
    {
        if (!ids.TryRead(TrackingKind.Click, (string?)context.Request.RouteValues["id"], out _))
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        }

        SetHeaders(context.Response);
        context.Response.StatusCode = StatusCodes.Status302Found;
        context.Response.Headers.Location = Seed.Url(1);
        return Task.CompletedTask;
    }

    private static async Task EventsAsync(HttpContext context)
    {
        using var body = await JsonDocument.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted);
        context.Response.StatusCode = StatusCodes.Status202Accepted;
        await context.Response.WriteAsJsonAsync(new { accepted = body.RootElement.GetArrayLength() }, context.RequestAborted);
    }

    private static void SetHeaders(HttpResponse response)
    {
        response.Headers.CacheControl = "no-store, max-age=0";
        response.Headers["Referrer-Policy"] = "no-referrer";
        response.Headers["X-Robots-Tag"] = "noindex";
    }
}
