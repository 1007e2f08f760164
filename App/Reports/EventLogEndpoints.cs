using Microsoft.AspNetCore.Http.HttpResults;
using ScoreTracking.Api;
using ScoreTracking.Auth;
using ScoreTracking.Data;
using ScoreTracking.EventLog;
using ScoreTracking.Events;

namespace ScoreTracking.Reports;

/// <summary>GET /api/v1/events and a campaign's activity log: the same list, newest arrival first.</summary>
public static class EventLogEndpoints
{
    private const string Pages = "A page may hold fewer than limit, even none, while next_cursor goes on: each request looks through a bounded number of events.";

    public static void MapEventLog(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/v1/events", ListAsync)
            .RequireScope(Scopes.ReportsRead)
            .WithSummary("List events")
            .WithDescription("Every event as stored, with its verdict and reasons, newest arrival first. " + Pages);
        routes.MapGet("/api/v1/campaigns/{id}/report/events", ActivityAsync)
            .RequireScope(Scopes.ReportsRead)
            .WithSummary("Activity log of a campaign")
            .WithDescription("Its events with verdict, reasons and whether each was counted, newest arrival first. " + Pages);
    }

    internal static async Task<Results<Ok<Listing<LoggedEvent>>, ProblemHttpResult>> ListAsync(
        string? campaign_id,
        string? message_id,
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

        long? messageId = null;
        if (message_id is not null)
        {
            if (PublicId.TryMessage(message_id, out var id))
            {
                messageId = id;
            }
            else
            {
                errors["message_id"] = ["not an id of this kind"];
            }
        }

        var filter = Read("event_type", event_type, verdict, from, to, errors) with
        {
            CampaignId = campaignId, MessageId = messageId, CustomerId = customer_id, CustomerEmail = customer_email,
        };
        return await AnswerAsync(db, filter, cursor, limit, errors, cancellationToken);
    }

    internal static async Task<Results<Ok<Listing<LoggedEvent>>, ProblemHttpResult>> ActivityAsync(
        string id, string? type, string? verdict, string? from, string? to, string? cursor, int? limit, ScoreDb db, CancellationToken cancellationToken)
    {
        if (await RecipientEndpoints.FindCampaignAsync(db, id, cancellationToken) is not { } campaignId)
        {
            return Problems.NotFound("campaign");
        }

        var errors = new Dictionary<string, string[]>();
        return await AnswerAsync(db, Read("type", type, verdict, from, to, errors) with { CampaignId = campaignId }, cursor, limit, errors, cancellationToken);
    }

    /// <summary>Reads a filter as an address has it; what it says wrongly is noted under its field, and means any.</summary>
    internal static EventFilter Read(string typeField, string? type, string? verdict, string? from, string? to, Dictionary<string, string[]> errors)
    {
        EventType? chosen = null;
        if (!string.IsNullOrEmpty(type))
        {
            if (EventTypes.TryParse(type, out var parsed))
            {
                chosen = parsed;
            }
            else
            {
                errors[typeField] = [$"unknown: must be one of {string.Join(", ", EventTypes.All.Select(EventTypes.Name))}"];
            }
        }

        Verdict? judged = null;
        if (!string.IsNullOrEmpty(verdict))
        {
            if (Verdicts.TryParse(verdict, out var parsed))
            {
                judged = parsed;
            }
            else
            {
                errors["verdict"] = ["unknown: must be human, proxy, privacy, scanner, prefetch or self"];
            }
        }

        var first = ReportEndpoints.Time("from", from, errors);
        var end = ReportEndpoints.Time("to", to, errors);
        if (first >= end)
        {
            errors["to"] = ["must be later than from"];
        }

        return new EventFilter(null, null, null, chosen, judged, first, end);
    }

    private static async Task<Results<Ok<Listing<LoggedEvent>>, ProblemHttpResult>> AnswerAsync(
        ScoreDb db, EventFilter filter, string? cursor, int? limit, Dictionary<string, string[]> errors, CancellationToken cancellationToken)
    {
        if (PageCursor.Check(limit) is { } wrongLimit)
        {
            return wrongLimit;
        }

        if (errors.Count == 0 && !EventLogQuery.IsCursor(filter, cursor))
        {
            errors["cursor"] = ["not a cursor of this list with these filters"];
        }

        if (errors.Count > 0)
        {
            return Problems.Invalid(errors);
        }

        var page = await EventLogQuery.RunAsync(db, filter, cursor, limit ?? PageCursor.DefaultLimit, cancellationToken);
        return TypedResults.Ok(new Listing<LoggedEvent>(page.Rows, page.Next));
    }
}
