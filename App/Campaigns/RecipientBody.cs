using System.Text.Json;
using ScoreTracking.Contacts;

namespace ScoreTracking.Campaigns;

/// <summary>A recipient as the API takes it.</summary>
public sealed record RecipientBody
{
    /// <summary>The caller's own id of the person: their identity where given, else the address is.</summary>
    public string? CustomerId { get; init; }
    public string? Email { get; init; }

    /// <summary>Becomes attributes of the contact: strings, numbers and booleans; null removes one.</summary>
    public JsonElement? Data { get; init; }

    /// <summary>granted, denied or unknown; missing changes nothing.</summary>
    public string? TrackingConsent { get; init; }

    /// <summary>Checks a recipient; <paramref name="error"/> names the member at fault.</summary>
    public static bool TryRead(RecipientBody? body, out ContactRow row, out string error) =>
        ContactRow.TryRead(body?.CustomerId, body?.Email, body?.Data, body?.TrackingConsent, out row, out error);
}
