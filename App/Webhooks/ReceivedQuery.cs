using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using ScoreTracking.Api;
using ScoreTracking.Data;
using ScoreTracking.Events;

namespace ScoreTracking.Webhooks;

/// <summary>Which received events; null means any.</summary>
/// <param name="Matched">Whether its message was found.</param>
public sealed record ReceivedFilter(EventType? Type = null, bool? Matched = null);

/// <summary>What a connection sent, newest first.</summary>
public static class ReceivedQuery
{
    /// <summary>The list's name in its cursors.</summary>
    public const string List = "received";

    /// <returns>One JSON object per event, as normalised, with id, received_at and message_id.</returns>
    public static async Task<Listing<JsonObject>> RunAsync(
        ScoreDb db, long connectionId, ReceivedFilter filter, long? before, int limit, CancellationToken cancellationToken)
    {
        var rows = Filtered(db, connectionId, filter);
        rows = before is null ? rows : rows.Where(r => r.Id < before);
        var page = await rows.OrderByDescending(r => r.Id).Take(limit + 1).ToListAsync(cancellationToken);
        return new Listing<JsonObject>(
            [.. page.Take(limit).Select(Answer)],
            page.Count > limit ? PageCursor.Write(List, page[limit - 1].Id) : null);
    }

    internal static IQueryable<ReceivedEvent> Filtered(ScoreDb db, long connectionId, ReceivedFilter filter)
    {
        var rows = db.ReceivedEvents.Where(r => r.ConnectionId == connectionId);
        rows = filter.Type is { } type ? rows.Where(r => r.Type == type) : rows;
        return filter.Matched is { } matched ? rows.Where(r => r.MessageId != 0 == matched) : rows;
    }

    internal static JsonObject Answer(ReceivedEvent received)
    {
        var answer = JsonNode.Parse(received.Normalised)!.AsObject();
        answer.Insert(0, "id", PublicId.Event(received.Id));
        answer["received_at"] = ApiSetup.Text(received.ReceivedAt);
        answer["message_id"] = received.MessageId == 0 ? null : PublicId.Message(received.MessageId);
        return answer;
    }
}
