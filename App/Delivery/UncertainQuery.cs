using Microsoft.EntityFrameworkCore;
using ScoreTracking.Api;
using ScoreTracking.Data;

namespace ScoreTracking.Delivery;

/// <summary>A message of which nobody knows whether the server has it, as the API shows it.</summary>
/// <param name="CampaignId">Null for a single mail.</param>
/// <param name="At">When it was being handed over.</param>
/// <param name="Reason">What went wrong, in words.</param>
public sealed record UncertainAnswer(string MessageId, string? CampaignId, string Email, DateTimeOffset At, string Reason);

/// <summary>Uncertain hand-offs of a connection, by message.</summary>
internal static class UncertainQuery
{
    /// <summary>The list's name in its cursors.</summary>
    public const string List = "uncertain";

    public static async Task<Listing<UncertainAnswer>> RunAsync(ScoreDb db, long connectionId, long after, int limit, CancellationToken cancellationToken)
    {
        var rows = await db.Deliveries.Where(delivery => delivery.ConnectionId == connectionId && delivery.State != DeliveryState.Waiting && delivery.State == DeliveryState.Uncertain && delivery.MessageId > after)
            .OrderBy(delivery => delivery.MessageId).Take(limit + 1)
            .Join(db.Messages, delivery => delivery.MessageId, message => message.Id, (delivery, message) => new { delivery.MessageId, delivery.CampaignId, message.Email, delivery.TriedAt, delivery.Text })
            .ToListAsync(cancellationToken);
        return new Listing<UncertainAnswer>(
            [.. rows.Take(limit).Select(row => new UncertainAnswer(
                PublicId.Message(row.MessageId),
                row.CampaignId == 0 ? null : PublicId.Campaign(row.CampaignId),
                row.Email,
                DateTimeOffset.FromUnixTimeMilliseconds(row.TriedAt),
                row.Text))],
            rows.Count > limit ? PageCursor.Write(List, rows[limit - 1].MessageId) : null);
    }
}
