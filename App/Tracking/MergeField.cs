using System.Text.Json;

namespace ScoreTracking.Tracking;

/// <summary>What merge fields say for one recipient. How they are written is <see cref="MergeTag"/>'s to know.</summary>
internal static class MergeField
{
    /// <summary>The field that stands for the recipient's own unsubscribe address.</summary>
    public const string UnsubscribeUrl = "unsubscribe_url";

    /// <summary>How an attribute reads in mail and links.</summary>
    public static string Text(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        _ => value.ToString(),
    };

    /// <summary>What a condition on a field comes to: no where it is missing, blank, false or 0.</summary>
    public static bool Holds(string? value) => value.AsSpan().Trim() is not ("" or "false" or "0");

    /// <summary>What the fields say for one recipient. Address and customer id are the recipient's, whatever an attribute of that name says.</summary>
    /// <param name="attributes">The contact's, as JSON.</param>
    public static Dictionary<string, string> Values(string attributes, string email, string? customerId)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        using var json = JsonDocument.Parse(attributes);
        foreach (var attribute in json.RootElement.EnumerateObject())
        {
            values[attribute.Name] = Text(attribute.Value);
        }

        values["email"] = email;
        if (customerId is not null)
        {
            values["customer_id"] = customerId;
        }

        return values;
    }
}
