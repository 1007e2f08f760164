using Microsoft.AspNetCore.Http.HttpResults;
using ScoreTracking.Api;
using ScoreTracking.Auth;
using ScoreTracking.Data;
using ScoreTracking.Events;

namespace ScoreTracking.Reports;

/// <summary>GET /api/v1/events: the log with its filters, newest arrival first.</summary>
public static class EventLogEndpoints
{
    public static void MapEventLog(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/api/v1/events", ListAsync)
            .RequireScope(Scopes.ReportsRead)
            .WithSummary("List events")
            .WithDescription("Every event as stored, with its verdict and reasons, newest arrival first.");

    internal static async Task<Results<Ok<Listing<LoggedEvent>>, ProblemHttpResult>> ListAsync(
        string? campaign_id,
        string? customer_id,
        string? customer_email,
        string? event_type,
        string? verdict,
        string? from,
        string? to,
        string? cursor,
        int? limit,
        ScoreDb db,
        CancellationToken cancellationToken)
    {
        if (PageCursor.Check(limit) is { } wrongLimit)
        {
            return wrongLimit;
        }

        var errors = new Dictionary<string, string[]>();
        long? campaignId = null;
        if (campaign_id is not null)
        {
            if (PublicId.TryCampaign(campaign_id, out var id))
            {
                campaignId = id;
            }
            else
            {
                errors["campaign_id"] = ["not an id of this kind"];
            }
        }

        EventType? type = null;
        if (event_type is not null)
        {
            if (EventTypes.TryParse(event_type, out var parsed))
            {
                type = parsed;
            }
            else
            {
                errors["event_type"] = ["unknown"];
            }
        }

        Verdict? judged = null;
        if (verdict is not null)
        {
            if (Verdicts.TryParse(verdict, out var parsed))
            {
                judged = parsed;
            }
            else
            {
                errors["verdict"] = ["unknown"];
            }
        }

        var first = ReportEndpoints.Time("from", from, errors);
        var end = ReportEndpoints.Time("to", to, errors);
        if (first >= end)
        {
            errors["to"] = ["must be later than from"];
        }

        if (!PageCursor.TryRead(EventLogQuery.List, cursor, 1, out var key))
        {
            errors["cursor"] = ["not a cursor of this list"];
        }

        if (errors.Count > 0)
        {
            return Problems.Invalid(errors);
        }

        var filter = new EventFilter(campaignId, customer_id, customer_email, type, judged, first, end);
        return TypedResults.Ok(await EventLogQuery.RunAsync(db, filter, key?[0], limit ?? PageCursor.DefaultLimit, cancellationToken));
    }
}
