using System.Text.Json;

namespace ScoreTracking.Segments;

/// <summary>Reads a condition on a field: which operators and values make sense of it.</summary>
internal sealed class SegmentFieldReader(List<RuleFault> faults)
{
    private const double HighestScore = 100;

    /// <param name="named">The member <c>field</c>.</param>
    /// <param name="known">Whether there were no unknown members.</param>
    public FieldRule? Read(JsonElement json, string path, JsonElement named, bool known)
    {
        if (SegmentField.Find(named.ValueKind == JsonValueKind.String ? named.GetString() : null) is not { } field)
        {
            return Wrong($"{path}.field", $"must be one of {string.Join(", ", SegmentField.All.Select(field => field.Name))}, or {SegmentField.AttributePrefix} and a name of 1 to {SegmentField.MaxAttributeName} characters");
        }

        if (!json.TryGetProperty("op", out var op) || op.ValueKind != JsonValueKind.String || !FieldOperators.TryParse(op.GetString(), out var wanted) || !field.Operators.Contains(wanted))
        {
            return Wrong($"{path}.op", $"must be one of {string.Join(", ", field.Operators.Select(FieldOperators.Name))}");
        }

        var given = json.TryGetProperty("value", out var value) && value.ValueKind != JsonValueKind.Null;
        if (wanted.NeedsNoValue())
        {
            return given ? Wrong($"{path}.value", $"{wanted.Name()} takes none") : known ? new FieldRule(field.Name, wanted) : null;
        }

        if (!given)
        {
            return Wrong($"{path}.value", "required");
        }

        if (wanted != FieldOperator.Between)
        {
            return Value(field, wanted, value, $"{path}.value") is { } one && known ? new FieldRule(field.Name, wanted, one) : null;
        }

        if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() != 2)
        {
            return Wrong($"{path}.value", "must be the lower and the upper end: [1, 5]");
        }

        return Value(field, wanted, value[0], $"{path}.value[0]") is { } lower
            && Value(field, wanted, value[1], $"{path}.value[1]") is { } upper
            && Fit(lower, upper, $"{path}.value")
            && known
            ? new FieldRule(field.Name, wanted, lower, upper)
            : null;
    }

    /// <summary>What is wrong with a text to compare with; null if nothing is.</summary>
    public static string? TextError(JsonElement text, int longest)
    {
        string read;
        try
        {
            read = text.GetString()!;
        }
        catch (InvalidOperationException)
        {
            return "is no text: half of a character is missing";
        }

        return read.Length == 0 ? "must not be empty" : read.Length > longest ? $"longer than {longest} characters" : read.Contains('\0') ? "NUL characters are not allowed" : null;
    }

    private RuleValue? Value(SegmentField field, FieldOperator wanted, JsonElement json, string path)
    {
        RuleValue? value = json.ValueKind switch
        {
            JsonValueKind.True or JsonValueKind.False => new TruthValue(json.GetBoolean()),
            JsonValueKind.Number when json.TryGetDouble(out var number) && double.IsFinite(number) => new NumberValue(number),
            JsonValueKind.String when TextError(json, RuleValue.MaxText) is null => new TextValue(json.GetString()!),
            _ => null,
        };
        if (value is null)
        {
            Wrong(path, json.ValueKind == JsonValueKind.String ? TextError(json, RuleValue.MaxText)! : "must be text, a number, true or false");
            return null;
        }

        var error = Error(field, wanted, value);
        if (error is not null)
        {
            Wrong(path, error);
        }

        return error is null ? value : null;
    }

    private static string? Error(SegmentField field, FieldOperator wanted, RuleValue value)
    {
        var isText = value is TextValue;
        return field.Kind switch
        {
            FieldKind.Text => isText ? null : "must be text",
            FieldKind.Number => value is NumberValue { Number: >= 0 and <= HighestScore } ? null : $"must be a number from 0 to {HighestScore}",
            FieldKind.Time => value is TextValue time && RuleTime.TryRead(time.Text, out _) ? null : "must be a date or time such as 2026-01-31 or 2026-01-31T10:00:00Z",
            FieldKind.Truth => value is TruthValue ? null : "must be true or false",
            FieldKind.Choice => value is TextValue chosen && field.Choices.Contains(chosen.Text) ? null : $"must be one of {string.Join(", ", field.Choices)}",
            FieldKind.Any => wanted switch
            {
                FieldOperator.Contains or FieldOperator.StartsWith or FieldOperator.EndsWith => isText ? null : "must be text",
                FieldOperator.Equal or FieldOperator.NotEqual => null,
                _ => value is TruthValue ? "must be text, a date or a number" : null,
            },
        };
    }

    private bool Fit(RuleValue lower, RuleValue upper, string path)
    {
        if (lower.GetType() != upper.GetType() || Is(lower) != Is(upper))
        {
            Wrong(path, "both ends must be of one kind");
            return false;
        }

        return true;

        static bool Is(RuleValue value) => value is TextValue text && RuleTime.TryRead(text.Text, out _);
    }

    private FieldRule? Wrong(string path, string error)
    {
        faults.Add(new RuleFault(path, error));
        return null;
    }
}
