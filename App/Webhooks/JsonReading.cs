using System.Globalization;
using System.Text.Json;

namespace ScoreTracking.Webhooks;

/// <summary>Reads what ESPs send without trusting any of it: a member that is missing, null, of another type or not valid Unicode is simply not there. Nothing here throws.</summary>
internal static class JsonReading
{
    private static readonly JsonDocumentOptions s_options = new() { MaxDepth = 64 };
    private static readonly DateTimeOffset s_earliest = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset s_latest = new(2100, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Null when it is no JSON, or nested deeper than any ESP's.</summary>
    public static JsonDocument? Parse(ReadOnlyMemory<byte> body)
    {
        if (body.Span.StartsWith("\uFEFF"u8))
        {
            body = body[3..];
        }

        try
        {
            return JsonDocument.Parse(body, s_options);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    public static JsonDocument? Parse(string? text)
    {
        try
        {
            return text is null ? null : JsonDocument.Parse(text, s_options);
        }
        catch (Exception exception) when (exception is JsonException or ArgumentException)
        {
            return null;
        }
    }

    /// <summary>The member as text: a string that is not blank, or a number or truth value as it was written.</summary>
    public static string? Text(this JsonElement element, string name) => element.Get(name).AsText();

    /// <summary>The element itself as text, by the same rules.</summary>
    public static string? AsText(this JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.String:
                try
                {
                    return element.GetString() is { } text && !string.IsNullOrWhiteSpace(text) ? text.Trim() : null;
                }
                catch (InvalidOperationException)
                {
                    // Half a surrogate pair, or bytes that are not UTF-8.
                    return null;
                }

            case JsonValueKind.Number:
                return element.GetRawText();
            case JsonValueKind.True:
                return "true";
            case JsonValueKind.False:
                return "false";
            default:
                return null;
        }
    }

    /// <summary>A number, also one written as a string.</summary>
    public static decimal? Number(this JsonElement element, string name) =>
        decimal.TryParse(element.Text(name), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;

    /// <summary>A whole number that fits, also one written as a string.</summary>
    public static int? Integer(this JsonElement element, string name) =>
        int.TryParse(element.Text(name), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null;

    /// <summary>Null unless it clearly says yes or no: true, "true", 1, "1" and their opposites.</summary>
    public static bool? Flag(this JsonElement element, string name) => element.Text(name)?.ToLowerInvariant() switch
    {
        "true" or "1" => true,
        "false" or "0" => false,
        _ => null,
    };

    /// <summary>A time within this century: ISO 8601 (UTC where it names no offset), or Unix seconds or milliseconds, as a number or a string.</summary>
    public static DateTimeOffset? Time(this JsonElement element, string name) => ToTime(element.Text(name));

    /// <summary>The member's time; the moment of arrival where the ESP names none; null where it names one that is no time.</summary>
    public static DateTimeOffset? TimeOr(this JsonElement element, string name, DateTimeOffset arrival) =>
        element.Get(name).ValueKind is JsonValueKind.Undefined or JsonValueKind.Null ? arrival : element.Time(name);

    /// <inheritdoc cref="Time"/>
    public static DateTimeOffset? ToTime(string? text)
    {
        if (text is null || text.Length > 40)
        {
            return null;
        }

        DateTimeOffset? time = null;
        if (decimal.TryParse(text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out var unix))
        {
            // Seconds reach 10^11 in the year 5138, milliseconds passed it in 1973.
            var milliseconds = unix < 100_000_000_000m ? unix * 1_000m : unix;
            time = milliseconds < 253_402_300_799_999m ? DateTimeOffset.FromUnixTimeMilliseconds((long)milliseconds) : null;
        }
        else if (text.Length > 10 && text[4] == '-' // TryParse would lend half a date from today
            && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var iso))
        {
            time = iso;
        }

        return time >= s_earliest && time < s_latest ? time : null;
    }

    /// <summary>The member if it is an object; otherwise an empty place in which nothing is found.</summary>
    public static JsonElement Object(this JsonElement element, string name) => element.Get(name) is { ValueKind: JsonValueKind.Object } found ? found : default;

    /// <summary>The elements of the member, or of the element itself without a name; none if it is no array.</summary>
    public static IEnumerable<JsonElement> Array(this JsonElement element, string? name = null) =>
        (name is null ? element : element.Get(name)) is { ValueKind: JsonValueKind.Array } found ? found.EnumerateArray() : [];

    /// <summary>Texts of a member that ESPs write as one string or as an array of them.</summary>
    public static List<string> Texts(this JsonElement element, string name) =>
        element.Get(name) is { ValueKind: JsonValueKind.Array } list
            ? [.. list.EnumerateArray().Select(AsText).OfType<string>()]
            : element.Text(name) is { } only ? [only] : [];

    /// <summary>The members of an object that are texts, by name.</summary>
    public static Dictionary<string, string> Fields(this JsonElement element)
    {
        var fields = new Dictionary<string, string>(StringComparer.Ordinal);
        if (element.ValueKind == JsonValueKind.Object)
        {
            foreach (var member in element.EnumerateObject())
            {
                if (NameOf(member) is { } name && member.Value.AsText() is { } text)
                {
                    fields[name] = text;
                }
            }
        }

        return fields;
    }

    /// <summary>The names of an object's members.</summary>
    public static List<string> Names(this JsonElement element) =>
        element.ValueKind == JsonValueKind.Object ? [.. element.EnumerateObject().Select(NameOf).OfType<string>()] : [];

    public static bool Has(this JsonElement element, string name) => element.Get(name).ValueKind != JsonValueKind.Undefined;

    /// <summary>The member, or an undefined element.</summary>
    public static JsonElement Get(this JsonElement element, string name)
    {
        try
        {
            return element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var found) ? found : default;
        }
        catch (InvalidOperationException)
        {
            // A sibling's name holds half a surrogate pair.
            return default;
        }
    }

    private static string? NameOf(JsonProperty member)
    {
        try
        {
            return member.Name;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }
}
