using System.Text;
using System.Text.RegularExpressions;
using ScoreTracking.Data;
using ScoreTracking.Engagement;

namespace ScoreTracking.Segments;

/// <summary>What is known of a person, in SQL. Every condition is true or false, never null: not known is false.</summary>
internal sealed partial class FieldSql(SegmentParameters parameters, ScoreClock clock)
{
    // Scores are shown with one decimal, and meant as shown.
    private const double Shown = 10;

    public string Write(FieldRule rule) => rule.Operator switch
    {
        FieldOperator.NotEqual => $"NOT ({Write(rule with { Operator = FieldOperator.Equal })})",
        FieldOperator.NotSet => $"NOT ({Write(rule with { Operator = FieldOperator.Set })})",
        _ => rule.Field switch
        {
            SegmentField.Score => Score(rule),
            SegmentField.Email => rule.Operator == FieldOperator.Set ? "segc.email <> ''" : Text("segc.email", rule.Operator, TextOf(rule)),
            SegmentField.CustomerId => rule.Operator == FieldOperator.Set ? "segc.customer_id IS NOT NULL" : Text("segc.customer_id", rule.Operator, TextOf(rule)),
            SegmentField.CreatedAt => Time("segc.created_at", rule),
            SegmentField.Suppressed => $"segk.suppressed = {(rule.Value is TruthValue { Holds: false } ? 0 : 1)}",
            SegmentField.Reason => Reason(rule),
            SegmentField.Consent => $"segc.tracking_consent = {parameters.Add((long)ConsentOf(TextOf(rule)))}",
            _ => Attribute(SegmentField.AttributeOf(rule.Field) ?? throw new ArgumentException($"no field: {rule.Field}", nameof(rule)), rule),
        },
    };

    private static string TextOf(FieldRule rule) => ((TextValue)rule.Value!).Text;

    private static TrackingConsent ConsentOf(string name) => name switch
    {
        "granted" => TrackingConsent.Granted,
        "denied" => TrackingConsent.Denied,
        _ => TrackingConsent.Unknown,
    };

    private string Reason(FieldRule rule)
    {
        const string listed = "segk.suppressed = 1";
        return rule.Operator == FieldOperator.Set
            ? listed
            : $"{listed} AND EXISTS (SELECT 1 FROM suppressions segp WHERE segp.email = segc.email AND segp.reason = {parameters.Add(TextOf(rule))})";
    }

    private string Score(FieldRule rule)
    {
        var value = ((NumberValue)rule.Value!).Number;
        return rule.Operator switch
        {
            FieldOperator.GreaterOrEqual => Reaches(Ceiling(value)),
            FieldOperator.Greater => Reaches(Above(value)),
            FieldOperator.Less => $"NOT ({Reaches(Ceiling(value))})",
            FieldOperator.LessOrEqual => $"NOT ({Reaches(Above(value))})",
            FieldOperator.Between => $"{Reaches(Ceiling(value))} AND NOT ({Reaches(Above(((NumberValue)rule.Upper!).Number))})",
            _ => $"{Reaches(Ceiling(value))} AND NOT ({Reaches(Above(value))})",
        };

        static double Ceiling(double value) => Math.Ceiling(Math.Round(value * Shown, 6));
        static double Above(double value) => Math.Floor(Math.Round(value * Shown, 6)) + 1;
    }

    /// <param name="tenths">The least score that does, in tenths; above 100 nobody does.</param>
    private string Reaches(double tenths) => tenths switch
    {
        <= 0 => "1",
        > 100 * Shown => "0",
        _ => $"ifnull(segk.rank >= {parameters.Add(clock.RankFor(tenths / Shown))}, 0)",
    };

    private string Text(string sql, FieldOperator op, string text)
    {
        // Says the same as what follows, at a third of the cost.
        if (Ascii.IsValid(text) && Like(op, SegmentText.Pattern(text)) is { } pattern)
        {
            return $"ifnull({sql} LIKE {parameters.Add(pattern)} ESCAPE '!', 0)";
        }

        var (left, right) = SegmentText.Lower(sql, text, parameters);
        var compared = op switch
        {
            FieldOperator.Contains => $"instr({left}, {right}) > 0",
            FieldOperator.StartsWith => $"substr({left}, 1, length({right})) = {right}",
            FieldOperator.EndsWith => $"length({left}) >= length({right}) AND substr({left}, -length({right})) = {right}",
            _ => $"{left} {Symbol(op)} {right}",
        };
        return $"ifnull({compared}, 0)";
    }

    private static string? Like(FieldOperator op, string text) => op switch
    {
        FieldOperator.Contains => $"%{text}%",
        FieldOperator.StartsWith => $"{text}%",
        FieldOperator.EndsWith => $"%{text}",
        _ => null,
    };

    private string Time(string milliseconds, FieldRule rule)
    {
        RuleTime.TryRead(TextOf(rule), out var time);
        var compared = rule.Operator switch
        {
            FieldOperator.Greater => $"{milliseconds} >= {parameters.Add(time.Until)}",
            FieldOperator.GreaterOrEqual => $"{milliseconds} >= {parameters.Add(time.From)}",
            FieldOperator.Less => $"{milliseconds} < {parameters.Add(time.From)}",
            FieldOperator.LessOrEqual => $"{milliseconds} < {parameters.Add(time.Until)}",
            FieldOperator.Between when RuleTime.TryRead(((TextValue)rule.Upper!).Text, out var end) => Between(time.From, end.Until),
            _ => Between(time.From, time.Until),
        };
        return $"ifnull({compared}, 0)";

        string Between(long from, long until) => $"({milliseconds} >= {parameters.Add(from)} AND {milliseconds} < {parameters.Add(until)})";
    }

    private string Attribute(string name, FieldRule rule)
    {
        var attribute = new AttributeSql(name, parameters);
        return rule switch
        {
            { Operator: FieldOperator.Set } => $"{attribute.Named} AND {attribute.Value} IS NOT NULL",
            { Operator: FieldOperator.Contains or FieldOperator.StartsWith or FieldOperator.EndsWith } => Holding(TextOf(rule)),
            { Value: TruthValue truth } => Holding(truth.Holds ? "true" : "false", FieldOperator.Equal),
            { Value: NumberValue number } => Number(attribute, rule, number.Number, (rule.Upper as NumberValue)?.Number),
            { Value: TextValue text } when RuleTime.TryRead(text.Text, out _) => $"{attribute.Named} AND {Time(attribute.Time, rule)}",
            { Value: TextValue text } when rule.Operator != FieldOperator.Equal && IsNumber(text.Text, out var number) && (rule.Upper is not TextValue upper || IsNumber(upper.Text, out _)) =>
                Number(attribute, rule, number, rule.Upper is TextValue end && IsNumber(end.Text, out var last) ? last : null),
            { Operator: FieldOperator.Between, Upper: TextValue end } =>
                $"{attribute.Named} AND {Text(attribute.Text, FieldOperator.GreaterOrEqual, TextOf(rule))} AND {Text(attribute.Text, FieldOperator.LessOrEqual, end.Text)}",
            { Operator: FieldOperator.Equal } => Holding(TextOf(rule)),
            _ => $"{attribute.Named} AND {Text(attribute.Text, rule.Operator, TextOf(rule))}",
        };

        string Holding(string text, FieldOperator? op = null) => $"{attribute.MayHold(text)} AND {Text(attribute.Text, op ?? rule.Operator, text)}";
    }

    private string Number(AttributeSql attribute, FieldRule rule, double number, double? upper)
    {
        var compared = rule.Operator == FieldOperator.Between
            ? $"{{0}} BETWEEN {parameters.Add(number)} AND {parameters.Add(upper ?? number)}"
            : $"{{0}} {Symbol(rule.Operator)} {parameters.Add(number)}";
        return attribute.Number(CompositeFormat.Parse(compared));
    }

    private static bool IsNumber(string text, out double number)
    {
        number = 0;
        return JsonNumber().IsMatch(text) && double.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, out number) && double.IsFinite(number);
    }

    private static string Symbol(FieldOperator op) => op switch
    {
        FieldOperator.Greater => ">",
        FieldOperator.GreaterOrEqual => ">=",
        FieldOperator.Less => "<",
        FieldOperator.LessOrEqual => "<=",
        _ => "=",
    };

    [GeneratedRegex(@"^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$", RegexOptions.CultureInvariant)]
    private static partial Regex JsonNumber();
}
