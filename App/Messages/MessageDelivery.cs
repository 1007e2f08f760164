using System.Text.Json.Serialization;
using Microsoft.EntityFrameworkCore;
using ScoreTracking.Api;
using ScoreTracking.Data;
using ScoreTracking.EventLog;

namespace ScoreTracking.Messages;

/// <summary>How a message stands that this server sends and has not handed over well.</summary>
/// <param name="State">waiting, uncertain (nobody knows whether the server has it), failed or withdrawn.</param>
/// <param name="Attempts">Made so far.</param>
/// <param name="NextAt">Where it waits: not before.</param>
/// <param name="Code">SMTP reply code or HTTP status of the last answer.</param>
/// <param name="EnhancedStatus">"5.1.1", where the last answer had one.</param>
/// <param name="Reason">The server's words, or ours; null before the first attempt.</param>
public sealed record MessageDelivery(
    string State, string ConnectionId, int Attempts, DateTimeOffset? NextAt, DateTimeOffset? TriedAt, int? Code, string? EnhancedStatus, string? Reason)
{
    /// <summary>Null where the connection is gone.</summary>
    [JsonIgnore] public string? ConnectionName { get; init; }

    /// <summary>The same for somebody who sees no addresses.</summary>
    public MessageDelivery WithoutAddresses() => this with { Reason = Reason is null ? null : ActivityWords.Mask(Reason) };

    /// <summary>Null for a message others send, and once it was handed over.</summary>
    internal static async Task<MessageDelivery?> FindAsync(ScoreDb db, long messageId, CancellationToken cancellationToken)
    {
        if (await db.Deliveries.AsNoTracking().SingleOrDefaultAsync(delivery => delivery.MessageId == messageId, cancellationToken) is not { } row)
        {
            return null;
        }

        var name = await db.Connections.Where(connection => connection.Id == row.ConnectionId).Select(connection => connection.Name).SingleOrDefaultAsync(cancellationToken);
        return new MessageDelivery(
            row.State switch
            {
                DeliveryState.Waiting => "waiting",
                DeliveryState.Uncertain => "uncertain",
                DeliveryState.Failed => "failed",
                DeliveryState.Withdrawn => "withdrawn",
            },
            PublicId.Connection(row.ConnectionId),
            row.Attempts,
            row.State == DeliveryState.Waiting ? Time(row.NextAt) : null,
            Time(row.TriedAt),
            row.Code == 0 ? null : row.Code,
            row.Status.Length == 0 ? null : row.Status,
            row.Text.Length == 0 ? null : row.Text)
        {
            ConnectionName = name,
        };
    }

    private static DateTimeOffset? Time(long at) => at == 0 ? null : DateTimeOffset.FromUnixTimeMilliseconds(at);
}
