using ScoreTracking.Api;
using ScoreTracking.Data;

namespace ScoreTracking.Hooks;

/// <summary>A webhook as the API takes it; what is missing when it is changed stays.</summary>
public sealed record HookBody
{
    /// <summary>Absolute, http or https.</summary>
    public string? Url { get; init; }

    /// <summary>For people; the URL's host where it is missing.</summary>
    public string? Name { get; init; }

    /// <summary>What it is told of: event types, first_open, first_click, message.ready.</summary>
    public IReadOnlyList<string?>? EventTypes { get; init; }

    /// <summary>Opens and clicks of machines (scanners, prefetch, privacy proxies, one's own), too; without it only those of people.</summary>
    public bool? IncludeMachines { get; init; }

    /// <summary>whsec_ and base64 of 24 to 64 bytes; made here where it is missing. Later only by rotate_secret.</summary>
    public string? Secret { get; init; }
    public bool? Enabled { get; init; }
}

/// <summary>A webhook as the API shows it.</summary>
/// <param name="DisabledBecause">Why this server disabled it; null where it did not.</param>
/// <param name="LastDeliveredAt">Null while nothing has arrived.</param>
/// <param name="FailingSince">Null while all is well.</param>
/// <param name="Waiting">Deliveries still to be made, retries among them.</param>
/// <param name="PassedOver">Events it was not told of because too many were waiting.</param>
/// <param name="PreviousSecretUntil">After a rotation: until then requests carry the old signature beside the new one.</param>
/// <param name="Secret">Only in the answer that makes it.</param>
public sealed record HookAnswer(
    string Id,
    string Name,
    string Url,
    IReadOnlyList<string> EventTypes,
    bool IncludeMachines,
    bool Enabled,
    string? DisabledBecause,
    DateTimeOffset CreatedAt,
    DateTimeOffset? LastDeliveredAt,
    DateTimeOffset? FailingSince,
    long Waiting,
    long PassedOver,
    DateTimeOffset? PreviousSecretUntil,
    [property: System.Text.Json.Serialization.JsonIgnore(Condition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull)] string? Secret = null)
{
    internal static HookAnswer Of(Hook stored, HookSecrets secrets, long waiting, DateTimeOffset now) => new(
        PublicId.Hook(stored.Id),
        stored.Name,
        stored.Url,
        stored.EventTypes.Split(' '),
        stored.Machines,
        stored.Enabled,
        stored.DisabledBecause.Length == 0 ? null : stored.DisabledBecause,
        stored.CreatedAt,
        StoredTime.OrNull(stored.DeliveredAt),
        StoredTime.OrNull(stored.FailingSince),
        waiting,
        stored.PassedOver,
        secrets.PreviousAt(now) is null ? null : StoredTime.OrNull(secrets.PreviousUntil));
}

/// <summary>A delivery as the API shows it.</summary>
/// <param name="EventId">Null for a test, and for message.ready.</param>
/// <param name="Status">waiting, delivered or failed.</param>
/// <param name="ResponseStatus">HTTP status of the last attempt; null where there was no answer.</param>
/// <param name="Error">What went wrong at the last attempt; null where nothing did.</param>
/// <param name="DurationMs">Of the last attempt; null before the first.</param>
public sealed record DeliveryAnswer(
    string Id,
    string Type,
    string? EventId,
    string? MessageId,
    string Status,
    int Attempts,
    DateTimeOffset CreatedAt,
    DateTimeOffset? AttemptedAt,
    DateTimeOffset? NextAttemptAt,
    DateTimeOffset? DeliveredAt,
    int? ResponseStatus,
    string? Error,
    int? DurationMs)
{
    internal static DeliveryAnswer Of(HookDelivery stored) => new(
        PublicId.Delivery(stored.Id),
        stored.Type,
        stored.EventId == 0 ? null : PublicId.Event(stored.EventId),
        stored.MessageId == 0 ? null : PublicId.Message(stored.MessageId),
        (stored.NextAt > 0 ? DeliveryStatus.Waiting : stored.DeliveredAt > 0 ? DeliveryStatus.Delivered : DeliveryStatus.Failed).Name(),
        stored.Attempts,
        stored.CreatedAt,
        StoredTime.OrNull(stored.AttemptedAt),
        StoredTime.OrNull(stored.NextAt),
        StoredTime.OrNull(stored.DeliveredAt),
        stored.Status == 0 ? null : stored.Status,
        stored.Error.Length == 0 ? null : stored.Error,
        stored.AttemptedAt == 0 ? null : stored.Took);
}
