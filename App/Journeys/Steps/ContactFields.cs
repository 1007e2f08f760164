using System.Text.Json.Nodes;

namespace ScoreTracking.Journeys.Steps;

/// <summary>Attributes of the person who acts, by the name a journey gives them.</summary>
internal static class ContactFields
{
    private const string Prefix = "attributes.";

    /// <summary>Rules of segments call an attribute "attributes.plan"; "plan" means the same here.</summary>
    public static string NameOf(string field) => field.StartsWith(Prefix, StringComparison.Ordinal) ? field[Prefix.Length..] : field;

    /// <summary>As text; null where the contact has none of that name.</summary>
    public static string? Read(ActingPerson person, string field) => person.Commands.Command(
        "SELECT a.atom FROM contacts c, json_each(c.attributes) a WHERE c.id = $1 AND a.key = $2 LIMIT 1", person.ContactId, NameOf(field)).ExecuteScalar() switch
        {
            string text => text,
            long number => number.ToString(System.Globalization.CultureInfo.InvariantCulture),
            _ => null,
        };

    /// <param name="value">Null takes it away.</param>
    public static void Write(ActingPerson person, string field, JsonValue? value)
    {
        var patch = new JsonObject { [NameOf(field)] = value?.DeepClone() };
        person.Commands.Command(
            "UPDATE contacts SET attributes = json_patch(attributes, $2) WHERE id = $1 AND deleted_at = 0 AND attributes <> json_patch(attributes, $2)", person.ContactId, patch.ToJsonString())
            .ExecuteNonQuery();
    }
}
