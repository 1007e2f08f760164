using System.Diagnostics;
using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using ScoreTracking.Auth;
using ScoreTracking.Data;
using ScoreTracking.Delivery;
using ScoreTracking.Ingest;
using ScoreTracking.Live;

namespace ScoreTracking.Operations;

/// <summary>GET /metrics in Prometheus' text format (version 0.0.4): for programs on this machine, and for API keys that may read reports. Figures of the server, none of a campaign's.</summary>
public static class Metrics
{
    private const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    private static readonly (AttemptEnd End, string Name)[] s_ends =
    [
        (AttemptEnd.Accepted, "accepted"), (AttemptEnd.Refused, "refused"), (AttemptEnd.Deferred, "deferred"), (AttemptEnd.Uncertain, "uncertain"), (AttemptEnd.Dropped, "dropped"),
    ];

    public static void MapMetrics(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/metrics", AnswerAsync).AllowAnonymous().ExcludeFromDescription();

    internal static string Text(EventIntake intake, EventWriter writer, Inbox inbox, Outbox outbox, HandOffRelay relay, SqliteFile main, LiveUpdates live)
    {
        using var process = Process.GetCurrentProcess();
        var text = new StringBuilder();
        Write(text, "events_accepted_total", "counter", "Events on disk since the database was made.", inbox.Last);
        Write(text, "events_stored_total", "counter", "Events the main database has taken over.", inbox.Stored);
        Write(text, "inbox_backlog_events", "gauge", "Events on disk that reports do not show yet.", inbox.Backlog);
        Describe(text, "requests_refused_total", "counter", "Requests whose event was not stored, by lane, since the start.");
        foreach (var lane in Enum.GetValues<Lane>())
        {
            text.Append(CultureInfo.InvariantCulture, $"scoretracking_requests_refused_total{{lane=\"{lane.ToString().ToLowerInvariant()}\"}} {intake.Refused(lane)}\n");
        }

        Describe(text, "handoffs_total", "counter", "Messages whose hand-off ended, by how, since the start.");
        foreach (var (end, name) in s_ends)
        {
            text.Append(CultureInfo.InvariantCulture, $"scoretracking_handoffs_total{{end=\"{name}\"}} {relay.Ended(end)}\n");
        }

        Write(text, "outbox_rows", "gauge", "Messages on their way out, or just handed over.", outbox.Rows);
        Write(text, "writer_silent_seconds", "gauge", "Since the event writer last stored something or found nothing to do.", writer.SilentFor.TotalSeconds);
        Write(text, "database_bytes", "gauge", "Size of the main database.", SizeOf(main.Path));
        Write(text, "wal_bytes", "gauge", "Size of its write-ahead log.", SizeOf(main.Path + "-wal"));
        Write(text, "disk_free_bytes", "gauge", "Free space where the data directory lies.", new DriveInfo(Path.GetDirectoryName(main.Path)!).AvailableFreeSpace);
        Write(text, "live_subscriptions", "gauge", "What open pages and streams watch.", live.Watchers);
        Write(text, "process_resident_memory_bytes", "gauge", "Memory of the process.", process.WorkingSet64);
        Write(text, "process_cpu_seconds_total", "counter", "Processor time used since the start.", process.TotalProcessorTime.TotalSeconds);
        Write(text, "managed_heap_bytes", "gauge", "Of it, what .NET's heap holds.", GC.GetTotalMemory(forceFullCollection: false));
        return text.ToString();
    }

    private static async Task<IResult> AnswerAsync(
        HttpContext context, IAuthorizationService rules, EventIntake intake, EventWriter writer, Inbox inbox, Outbox outbox, HandOffRelay relay, SqliteFile main, LiveUpdates live)
    {
        if (!Loopback.IsHere(context))
        {
            var caller = await context.AuthenticateAsync(AuthSchemes.ApiKey);
            if (!caller.Succeeded)
            {
                return TypedResults.Challenge(authenticationSchemes: [AuthSchemes.ApiKey]);
            }

            if (!(await rules.AuthorizeAsync(caller.Principal, context, Scopes.PolicyOf(Scopes.ReportsRead))).Succeeded)
            {
                return TypedResults.Forbid(authenticationSchemes: [AuthSchemes.ApiKey]);
            }
        }

        return TypedResults.Text(Text(intake, writer, inbox, outbox, relay, main, live), ContentType);
    }

    private static long SizeOf(string path) => new FileInfo(path) is { Exists: true } file ? file.Length : 0;

    private static void Write(StringBuilder text, string name, string type, string help, double value)
    {
        Describe(text, name, type, help);
        text.Append(CultureInfo.InvariantCulture, $"scoretracking_{name} {value}\n");
    }

    private static void Describe(StringBuilder text, string name, string type, string help) =>
        text.Append(CultureInfo.InvariantCulture, $"# HELP scoretracking_{name} {help}\n# TYPE scoretracking_{name} {type}\n");
}
