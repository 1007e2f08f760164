using System.Text.Json;

namespace ScoreTracking.Contacts;

/// <summary>What a person is called in the To field, where their attributes say: "name" or "full_name", else "first_name" and "last_name".</summary>
internal static class ContactName
{
    /// <param name="attributes">The contact's, as JSON.</param>
    public static string? Of(string attributes)
    {
        using var json = JsonDocument.Parse(attributes);
        var contact = json.RootElement;
        return Text("name") ?? Text("full_name") ?? (Text("first_name"), Text("last_name")) switch
        {
            ({ } first, { } last) => $"{first} {last}",
            var (first, last) => first ?? last,
        };

        string? Text(string attribute) =>
            contact.TryGetProperty(attribute, out var value) && value.ValueKind == JsonValueKind.String && value.GetString()!.Trim() is { Length: > 0 } text ? text : null;
    }
}
