using Microsoft.AspNetCore.Http.HttpResults;
using ScoreTracking.Data;
using ScoreTracking.Ingest;

namespace ScoreTracking.Operations;

/// <summary>GET /healthz: the process answers. GET /readyz: events are being stored; 503 with reasons otherwise.</summary>
public static class Health
{
    private static readonly TimeSpan s_stuck = TimeSpan.FromSeconds(5);

    public static void MapHealth(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/healthz", () => TypedResults.Ok(new { status = "alive" })).AllowAnonymous().ExcludeFromDescription();
        routes.MapGet("/readyz", Ready).AllowAnonymous().ExcludeFromDescription();
    }

    internal sealed record Readiness(string Status, IReadOnlyList<string> Reasons, double CommitAgeSeconds, long InboxBacklog, long WalBytes, long FreeDiskBytes);

    private static JsonHttpResult<Readiness> Ready(EventWriter writer, Inbox inbox, SqliteFile main)
    {
        var silent = writer.SilentFor;
        var reasons = new List<string>();
        if (silent > s_stuck)
        {
            reasons.Add("the event writer has not committed for more than 5 s");
        }

        var wal = new FileInfo(main.Path + "-wal");
        var state = new Readiness(
            reasons.Count == 0 ? "ready" : "not ready",
            reasons,
            Math.Round(silent.TotalSeconds, 1),
            inbox.Backlog,
            wal.Exists ? wal.Length : 0,
            new DriveInfo(Path.GetDirectoryName(main.Path)!).AvailableFreeSpace);
        return TypedResults.Json(state, statusCode: reasons.Count == 0 ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
    }
}
