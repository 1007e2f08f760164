using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using ScoreTracking.Data;

namespace ScoreTracking.Contacts;

/// <summary>A person as a caller describes them, every value checked.</summary>
/// <param name="Data">JSON object that is merged into the attributes.</param>
/// <param name="Consent">Null leaves it as it is.</param>
public readonly record struct ContactRow(string? CustomerId, string Email, string Data, TrackingConsent? Consent)
{
    /// <summary>How the consent was given, where there is one: <see cref="ConsentMethods"/>.</summary>
    public string ConsentMethod { get; init; } = ConsentMethods.Api;

    public const int MaxCustomerId = 200;
    public const int MaxDataName = 64;
    public const int MaxDataValue = 1_000;
    public const int MaxDataValues = 100;
    public const string NoData = "{}";

    private static readonly JsonWriterOptions s_json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Checks what a caller says of a person; <paramref name="error"/> names the member at fault.</summary>
    /// <param name="data">Strings, numbers and booleans; null removes an attribute.</param>
    /// <param name="consent">granted, denied or unknown; null changes nothing.</param>
    public static bool TryRead(string? customerId, string? email, JsonElement? data, string? consent, out ContactRow row, out string error)
    {
        row = default;
        error = "";
        if (!EmailAddress.TryParse(email, out var address))
        {
            error = "email";
        }
        else if (!IsCustomerId(customerId))
        {
            error = "customer_id";
        }
        else if (!TryConsent(consent, out var given))
        {
            error = "tracking_consent";
        }
        else if (!TryData(data, out var json))
        {
            error = "data";
        }
        else
        {
            row = new ContactRow(customerId, address.Value, json, given);
        }

        return error.Length == 0;
    }

    /// <summary>None, or 1 to 200 characters without control characters.</summary>
    public static bool IsCustomerId(string? text) =>
        text is null || (text.Length is > 0 and <= MaxCustomerId && !text.Any(char.IsControl) && !text.Contains('\uFFFD') && !string.IsNullOrWhiteSpace(text));

    public static bool TryConsent(string? text, out TrackingConsent? consent)
    {
        consent = text switch
        {
            "granted" => TrackingConsent.Granted,
            "denied" => TrackingConsent.Denied,
            "unknown" => TrackingConsent.Unknown,
            _ => null,
        };
        return consent is not null || text is null;
    }

    /// <summary>Whether a value or name of an attribute may be stored.</summary>
    public static bool IsData(string name, string value) =>
        name.Length is > 0 and <= MaxDataName && !name.Any(char.IsControl) && value.Length <= MaxDataValue && !value.Contains('\0');

    private static bool TryData(JsonElement? given, out string data)
    {
        data = NoData;
        if (given is not { } element || element.ValueKind == JsonValueKind.Null)
        {
            return true;
        }

        if (element.ValueKind != JsonValueKind.Object || element.GetPropertyCount() > MaxDataValues)
        {
            return false;
        }

        if (element.GetPropertyCount() == 0)
        {
            return true;
        }

        // Written anew: what is stored is compact, without half surrogates, and every later reader can parse it.
        var output = new ArrayBufferWriter<byte>(256);
        using var json = new Utf8JsonWriter(output, s_json);
        try
        {
            json.WriteStartObject();
            foreach (var member in element.EnumerateObject())
            {
                if (!TryWrite(json, member))
                {
                    return false;
                }
            }

            json.WriteEndObject();
        }
        catch (InvalidOperationException)
        {
            // Half a surrogate pair: no text.
            return false;
        }

        json.Flush();
        data = Encoding.UTF8.GetString(output.WrittenSpan);
        return true;
    }

    private static bool TryWrite(Utf8JsonWriter json, JsonProperty member)
    {
        var value = member.Value;
        var text = value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
        if (!IsData(member.Name, text))
        {
            return false;
        }

        switch (value.ValueKind)
        {
            case JsonValueKind.String:
                json.WriteString(member.Name, text);
                return true;
            case JsonValueKind.Number when value.GetRawText().Length <= 40:
            case JsonValueKind.True or JsonValueKind.False or JsonValueKind.Null:
                json.WritePropertyName(member.Name);
                value.WriteTo(json);
                return true;
            default:
                return false;
        }
    }
}
