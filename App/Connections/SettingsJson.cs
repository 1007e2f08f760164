using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace ScoreTracking.Connections;

/// <summary>Settings in JSON: numbers and truth values may be written as such, and those that are, are.</summary>
internal sealed class SettingsJson : JsonConverter<IReadOnlyDictionary<string, string>>
{
    private static readonly HashSet<string> s_numbers = new(StringComparer.Ordinal) { "port", "per_second", "connections" };
    private static readonly HashSet<string> s_flags = new(StringComparer.Ordinal) { "allow_sign_in_without_tls" };

    public override IReadOnlyDictionary<string, string> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw new JsonException("Settings are an object.");
        }

        var settings = new Dictionary<string, string>(StringComparer.Ordinal);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            reader.Read();
            settings[name] = reader.TokenType switch
            {
                JsonTokenType.String => reader.GetString()!,
                JsonTokenType.Number => Encoding.UTF8.GetString(reader.HasValueSequence ? reader.ValueSequence.ToArray() : reader.ValueSpan),
                JsonTokenType.True => "true",
                JsonTokenType.False => "false",
                _ => throw new JsonException($"The setting {name} is no text, number or truth value."),
            };
        }

        return settings;
    }

    public override void Write(Utf8JsonWriter writer, IReadOnlyDictionary<string, string> value, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        foreach (var (name, setting) in value)
        {
            if (s_numbers.Contains(name))
            {
                writer.WriteNumber(name, decimal.Parse(setting, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture));
            }
            else if (s_flags.Contains(name))
            {
                writer.WriteBoolean(name, setting == "true");
            }
            else
            {
                writer.WriteString(name, setting);
            }
        }

        writer.WriteEndObject();
    }
}
