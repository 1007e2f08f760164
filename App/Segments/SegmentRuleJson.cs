using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Xml;
using ScoreTracking.Api;
using ScoreTracking.Events;

namespace ScoreTracking.Segments;

/// <summary>Something wrong with a rule.</summary>
/// <param name="Path">Where in the tree: <c>rule.rules[1].within_days</c>.</param>
/// <param name="Unreadable">A member or type no rule has, rather than one that makes no sense: 400, not 422.</param>
public sealed record RuleFault(string Path, string Error, bool Unreadable = false);

/// <summary>Rules as the API and the database have them.</summary>
public static class SegmentRuleJson
{
    /// <summary>Deep enough for a rule far beyond what is allowed to be told what is wrong with it.</summary>
    public static readonly JsonDocumentOptions Document = new() { MaxDepth = 512 };

    private static readonly JsonWriterOptions s_writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Reads a rule and notes all faults, each with its place. Whether campaigns and lists exist is for <see cref="SegmentReferences"/>.</summary>
    /// <param name="path">The place of the rule itself, such as <c>rule</c>.</param>
    /// <returns>Null with faults.</returns>
    public static SegmentRule? Read(JsonElement json, string path, List<RuleFault> faults)
    {
        var before = faults.Count;
        var rule = new SegmentRuleReader(faults).Read(json, path);
        return faults.Count == before ? rule : null;
    }

    /// <summary>Reads what <see cref="Write(SegmentRule)"/> wrote.</summary>
    /// <exception cref="FormatException">It is no rule.</exception>
    public static SegmentRule Stored(string json)
    {
        using var document = JsonDocument.Parse(json, Document);
        var faults = new List<RuleFault>();
        return Read(document.RootElement, "rule", faults) ?? throw new FormatException($"{faults[0].Path}: {faults[0].Error}");
    }

    /// <summary>The one spelling of a rule.</summary>
    public static string Write(SegmentRule rule)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, s_writing))
        {
            Write(json, rule);
        }

        return Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length);
    }

    /// <summary>The rule as part of an answer.</summary>
    public static JsonElement Element(SegmentRule rule) => JsonElement.Parse(Write(rule), Document);

    public static void Write(Utf8JsonWriter json, SegmentRule rule)
    {
        json.WriteStartObject();
        switch (rule)
        {
            case AllOf all:
                WriteGroup(json, "and", all.Rules);
                break;
            case AnyOf any:
                WriteGroup(json, "or", any.Rules);
                break;
            case NoneOf none:
                json.WriteString("op", "not");
                json.WritePropertyName("rule");
                Write(json, none.Rule);
                break;
            case EventRule happened:
                WriteEvent(json, happened);
                break;
            case FieldRule field:
                json.WriteString("field", field.Field);
                json.WriteString("op", field.Operator.Name());
                WriteValue(json, field);
                break;
            case ListRule list:
                json.WriteString("list", PublicId.List(list.ListId));
                json.WriteBoolean("in", list.In);
                break;
        }

        json.WriteEndObject();
    }

    private static void WriteGroup(Utf8JsonWriter json, string op, IReadOnlyList<SegmentRule> rules)
    {
        json.WriteString("op", op);
        json.WriteStartArray("rules");
        foreach (var rule in rules)
        {
            Write(json, rule);
        }

        json.WriteEndArray();
    }

    private static void WriteEvent(Utf8JsonWriter json, EventRule happened)
    {
        json.WriteString("event", happened.Event.Name());
        json.WriteBoolean("done", happened.Done);
        if (happened.Within is { } within)
        {
            if (within.Ticks % TimeSpan.TicksPerDay == 0)
            {
                json.WriteNumber("within_days", (long)within.TotalDays);
            }
            else
            {
                json.WriteString("within", XmlConvert.ToString(within));
            }
        }

        if (happened.CampaignId is { } campaign)
        {
            json.WriteString("campaign_id", PublicId.Campaign(campaign));
        }

        if (happened.LinkContains is { } link)
        {
            json.WriteString("link_contains", link);
        }

        if (happened.AtLeast != 1)
        {
            json.WriteNumber("at_least", happened.AtLeast);
        }
    }

    private static void WriteValue(Utf8JsonWriter json, FieldRule field)
    {
        if (field.Operator == FieldOperator.Between)
        {
            json.WriteStartArray("value");
            WriteValue(json, field.Value!);
            WriteValue(json, field.Upper!);
            json.WriteEndArray();
        }
        else if (field.Value is { } value)
        {
            json.WritePropertyName("value");
            WriteValue(json, value);
        }
    }

    private static void WriteValue(Utf8JsonWriter json, RuleValue value)
    {
        switch (value)
        {
            case TextValue text:
                json.WriteStringValue(text.Text);
                break;
            case NumberValue number:
                json.WriteNumberValue(number.Number);
                break;
            case TruthValue truth:
                json.WriteBooleanValue(truth.Holds);
                break;
        }
    }
}
