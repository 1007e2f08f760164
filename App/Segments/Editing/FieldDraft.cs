using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ScoreTracking.Segments.Editing;

/// <summary>Something known of the person.</summary>
public sealed class FieldDraft : RuleDraft
{
    public FieldDraft()
    {
    }

    public FieldDraft(JsonElement json)
    {
        (Field, Op) = (Text(json, "field"), Text(json, "op"));
        if (json.TryGetProperty("value", out var value))
        {
            (Value, Upper) = value.ValueKind == JsonValueKind.Array
                ? (value.GetArrayLength() > 0 ? Text(value[0]) : "", value.GetArrayLength() > 1 ? Text(value[1]) : "")
                : (Text(value), "");
            IsText = (value.ValueKind == JsonValueKind.Array && value.GetArrayLength() > 0 ? value[0] : value).ValueKind == JsonValueKind.String;
        }
    }

    /// <summary>As rules name it: engagement_score, or attributes. and a name.</summary>
    public string Field { get; set; } = SegmentField.Score;

    public string Op { get; set; } = "gte";

    public string Value { get; set; } = "";

    /// <summary>The upper end, of between only.</summary>
    public string Upper { get; set; } = "";

    /// <summary>What an attribute is compared with is text even where it reads like a number.</summary>
    public bool IsText { get; private set; }

    public bool IsAttribute => SegmentField.AttributeOf(Field) is not null;

    /// <summary>Null while the name is not one.</summary>
    public SegmentField? Known => SegmentField.Find(Field);

    public FieldKind Kind => Known?.Kind ?? FieldKind.Any;

    public FieldOperator Operator => FieldOperators.TryParse(Op, out var found) ? found : FieldOperator.Equal;

    public IReadOnlyList<FieldOperator> Operators => Known?.Operators ?? FieldOperators.All;

    /// <summary>Another field: operator and value as they make sense of it.</summary>
    public void Choose(string field)
    {
        var before = Kind;
        Field = field;
        if (!Operators.Contains(Operator) || before != Kind)
        {
            Op = Operators[0].Name();
        }

        if (before != Kind)
        {
            (Value, Upper, IsText) = (Kind switch { FieldKind.Truth => "true", FieldKind.Choice => Known!.Choices[0], _ => "" }, "", false);
        }
    }

    /// <summary>Typed anew: a number is a number from here on.</summary>
    public void Type(string value, bool upper)
    {
        IsText = false;
        if (upper)
        {
            Upper = value;
        }
        else
        {
            Value = value;
        }
    }

    public override JsonObject Write(string path)
    {
        Path = path;
        var json = new JsonObject { ["field"] = Field, ["op"] = Op };
        if (!Operator.NeedsNoValue())
        {
            json["value"] = Operator == FieldOperator.Between ? new JsonArray(Parse(Value), Parse(Upper)) : Parse(Value);
        }

        return json;
    }

    private JsonNode Parse(string typed)
    {
        var text = typed.Trim();
        return Kind switch
        {
            FieldKind.Truth => text == "true",
            FieldKind.Number when Number(text) is { } number => number,
            FieldKind.Any when !IsText && Operator is not (FieldOperator.Contains or FieldOperator.StartsWith or FieldOperator.EndsWith) && Number(text) is { } number => number,
            _ => text,
        };
    }

    // 007 and 1e3 are not how anybody writes a quantity.
    private static double? Number(string text) =>
        double.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
            && (text.TrimStart('-') is not ['0', not '.', ..]) && double.IsFinite(number)
            ? number
            : null;
}
