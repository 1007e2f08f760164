using System.Text.Json;
using ScoreTracking.Api;
using ScoreTracking.Data;
using ScoreTracking.EventLog;

namespace ScoreTracking.Hooks;

/// <summary>The body of a request.</summary>
/// <param name="Type">What the webhook asked for.</param>
/// <param name="Timestamp">When it happened.</param>
/// <param name="Data">The event, as <c>GET /api/v1/events</c> shows it.</param>
public sealed record HookMessage(string Type, DateTimeOffset Timestamp, object Data);

/// <summary>Bodies, read from the log when they are sent: nothing of a person lies about in between.</summary>
internal static class HookPayload
{
    private const string One = $"SELECT {LoggedEvent.Columns} FROM events e {LoggedEvent.Joins} WHERE e.id = $id";

    /// <returns>Null where the event is gone: erased or purged.</returns>
    public static async Task<byte[]?> OfAsync(ScoreDb db, string type, long eventId, CancellationToken cancellationToken)
    {
        LoggedEvent? found = null;
        await Sql.ReadAsync(db, One, [("$id", eventId)], row => found = LoggedEvent.Read(row), cancellationToken);
        return found is null ? null : Bytes(new HookMessage(type, found.OccurredAt, found));
    }

    /// <summary>The value of <c>webhook-id</c>, the same at every attempt.</summary>
    public static string IdOf(HookDelivery delivery) => PublicId.Delivery(delivery.Id);

    public static byte[] Test(long hookId, DateTimeOffset now) =>
        Bytes(new HookMessage(HookTypes.Test, now, new TestData(PublicId.Hook(hookId), "A test: nothing has happened to any mail.")));

    internal static byte[] Bytes(HookMessage message) => JsonSerializer.SerializeToUtf8Bytes(message, ApiSetup.Json);

    private sealed record TestData(string WebhookId, string Message);
}
