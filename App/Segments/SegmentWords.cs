using System.Globalization;
using ScoreTracking.Events;

namespace ScoreTracking.Segments;

/// <summary>What campaigns and lists in a rule are called; those that are gone have no name.</summary>
public sealed record SegmentNames(IReadOnlyDictionary<long, string> Campaigns, IReadOnlyDictionary<long, string> Lists)
{
    public static SegmentNames None { get; } = new(new Dictionary<long, string>(), new Dictionary<long, string>());
}

/// <summary>Rules as sentences: "opened any email in the last 30 days", "has NOT clicked in the last 90 days".</summary>
public static class SegmentWords
{
    /// <summary>The whole rule in one line; groups within groups stand in brackets.</summary>
    public static string Sentence(SegmentRule rule, SegmentNames names) => Write(rule, names, outer: true);

    /// <summary>One condition, or a group with all that is in it.</summary>
    private static string Write(SegmentRule rule, SegmentNames names, bool outer)
    {
        return rule switch
        {
            AllOf { Rules: [var one] } => Write(one, names, outer),
            AnyOf { Rules: [var one] } => Write(one, names, outer),
            AllOf all => Join(all.Rules, " and "),
            AnyOf any => Join(any.Rules, " or "),
            NoneOf none => $"not ({Write(none.Rule, names, outer: true)})",
            EventRule happened => Event(happened, names),
            FieldRule field => Field(field),
            ListRule list => $"is {(list.In ? "" : "NOT ")}on the list {Named(names.Lists, list.ListId)}",
            _ => "",
        };

        string Join(IReadOnlyList<SegmentRule> rules, string word)
        {
            var joined = string.Join(word, rules.Select(each => Write(each, names, outer: false)));
            return outer ? joined : $"({joined})";
        }
    }

    private static string Event(EventRule rule, SegmentNames names)
    {
        var what = (rule.Event, rule.CampaignId) switch
        {
            (EventType.Clicked, null) when rule.LinkContains is not null || !rule.Done => "",
            (_, null) => " any email",
            (_, { } campaign) => $" {Named(names.Campaigns, campaign)}",
        };
        if (rule.LinkContains is { } link)
        {
            what = $" a link with “{link}”{(what.Length == 0 ? "" : $" in{what}")}";
        }

        var times = rule.AtLeast == 1 ? "" : string.Create(CultureInfo.InvariantCulture, $" at least {rule.AtLeast} times");
        return $"{(rule.Done ? Done(rule.Event) : NotDone(rule.Event))}{what}{times}{Within(rule.Within)}";
    }

    private static string Done(EventType type) => type switch
    {
        EventType.Sent => "was sent",
        EventType.Delivered => "was delivered",
        EventType.Bounced => "bounced",
        EventType.Complained => "complained about",
        EventType.Unsubscribed => "unsubscribed from",
        EventType.Replied => "replied to",
        _ => type.Name(),
    };

    private static string NotDone(EventType type) => type switch
    {
        EventType.Sent => "was NOT sent",
        EventType.Delivered => "was NOT delivered",
        EventType.Complained => "has NOT complained about",
        EventType.Unsubscribed => "has NOT unsubscribed from",
        EventType.Replied => "has NOT replied to",
        EventType.Bounced => "did NOT bounce",
        _ => $"has NOT {type.Name()}",
    };

    /// <summary>"in the last 30 days", with a space before it; empty for ever.</summary>
    public static string Within(TimeSpan? within)
    {
        if (within is not { } span)
        {
            return "";
        }

        var (count, unit) = span switch
        {
            { Ticks: var ticks } when ticks % TimeSpan.TicksPerDay == 0 => (ticks / TimeSpan.TicksPerDay, "day"),
            { Ticks: var ticks } when ticks % TimeSpan.TicksPerHour == 0 => (ticks / TimeSpan.TicksPerHour, "hour"),
            { Ticks: var ticks } when ticks % TimeSpan.TicksPerMinute == 0 => (ticks / TimeSpan.TicksPerMinute, "minute"),
            _ => ((long)Math.Ceiling(span.TotalSeconds), "second"),
        };
        return count == 1 ? $" in the last {unit}" : string.Create(CultureInfo.InvariantCulture, $" in the last {count} {unit}s");
    }

    private static string Field(FieldRule rule)
    {
        var name = FieldName(rule.Field);
        return rule switch
        {
            { Field: SegmentField.Suppressed } => $"is {(rule.Operator == FieldOperator.Equal == (rule.Value is TruthValue { Holds: true }) ? "" : "NOT ")}suppressed",
            { Operator: FieldOperator.Between } => $"{name} is between {Value(rule.Value)} and {Value(rule.Upper)}",
            { Operator: FieldOperator.Set or FieldOperator.NotSet } => $"{name} {OperatorWords(rule)}",
            _ => $"{name} {OperatorWords(rule)} {Value(rule.Value)}",
        };
    }

    /// <summary>What people call a field.</summary>
    public static string FieldName(string field) => field switch
    {
        SegmentField.Score => "engagement score",
        SegmentField.Email => "email address",
        SegmentField.CustomerId => "customer ID",
        SegmentField.CreatedAt => "date added",
        SegmentField.Suppressed => "suppressed",
        SegmentField.Reason => "reason of suppression",
        SegmentField.Consent => "tracking consent",
        _ => SegmentField.AttributeOf(field) ?? field,
    };

    /// <summary>How an operator reads between a field's name and its value.</summary>
    public static string OperatorWords(FieldRule rule)
    {
        var isTime = rule.Value is TextValue text && RuleTime.TryRead(text.Text, out _);
        return rule.Operator switch
        {
            FieldOperator.Equal => "is",
            FieldOperator.NotEqual => "is NOT",
            FieldOperator.Contains => "contains",
            FieldOperator.StartsWith => "starts with",
            FieldOperator.EndsWith => "ends with",
            FieldOperator.Greater => isTime ? "is after" : "is more than",
            FieldOperator.GreaterOrEqual => isTime ? "is on or after" : "is at least",
            FieldOperator.Less => isTime ? "is before" : "is less than",
            FieldOperator.LessOrEqual => isTime ? "is on or before" : "is at most",
            FieldOperator.Between => "is between",
            FieldOperator.Set => "is known",
            FieldOperator.NotSet => "is NOT known",
        };
    }

    private static string Value(RuleValue? value) => value switch
    {
        TextValue text when RuleTime.TryRead(text.Text, out _) => text.Text,
        TextValue text => $"“{text.Text}”",
        NumberValue number => number.ToString(),
        TruthValue truth => truth.Holds ? "true" : "false",
        _ => "",
    };

    private static string Named(IReadOnlyDictionary<long, string> names, long id) => names.TryGetValue(id, out var name) ? $"“{name}”" : "(deleted)";
}
