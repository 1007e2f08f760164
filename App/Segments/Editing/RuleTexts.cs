using ScoreTracking.Events;
using ScoreTracking.Suppressions;

namespace ScoreTracking.Segments.Editing;

/// <summary>The words of the rule editor, chosen so that a line reads as a sentence.</summary>
internal static class RuleTexts
{
    /// <summary>Follows "has" or "has not" and stands before the mail.</summary>
    public static string Verb(EventType type) => type switch
    {
        EventType.Sent => "been sent",
        EventType.Delivered => "received",
        EventType.Opened => "opened",
        EventType.Clicked => "clicked in",
        EventType.Replied => "replied to",
        EventType.Bounced => "bounced on",
        EventType.Complained => "complained about",
        EventType.Unsubscribed => "unsubscribed from",
        EventType.Processed or EventType.Deferred or EventType.Dropped => type.Name(),
    };

    public static string Field(string field) => field switch
    {
        SegmentField.Score => "Engagement score",
        SegmentField.Email => "Email",
        SegmentField.CustomerId => "Customer id",
        SegmentField.CreatedAt => "Added to contacts",
        SegmentField.Suppressed => "Suppressed",
        SegmentField.Reason => "Reason of suppression",
        SegmentField.Consent => "Tracking consent",
        _ => field,
    };

    public static string Operator(FieldKind kind, FieldOperator wanted) => (kind, wanted) switch
    {
        (FieldKind.Time, FieldOperator.Greater) => "after",
        (FieldKind.Time, FieldOperator.GreaterOrEqual) => "on or after",
        (FieldKind.Time, FieldOperator.Less) => "before",
        (FieldKind.Time, FieldOperator.LessOrEqual) => "on or before",
        (FieldKind.Time, FieldOperator.Between) => "between",
        (FieldKind.Time, FieldOperator.Equal) => "on",
        (FieldKind.Time, FieldOperator.NotEqual) => "not on",
        (_, FieldOperator.Equal) => "is",
        (_, FieldOperator.NotEqual) => "is not",
        (_, FieldOperator.Contains) => "contains",
        (_, FieldOperator.StartsWith) => "starts with",
        (_, FieldOperator.EndsWith) => "ends with",
        (FieldKind.Any, FieldOperator.Greater) => "is above or after",
        (FieldKind.Any, FieldOperator.Less) => "is below or before",
        (_, FieldOperator.Greater) => "is above",
        (_, FieldOperator.GreaterOrEqual) => "is at least",
        (_, FieldOperator.Less) => "is below",
        (_, FieldOperator.LessOrEqual) => "is at most",
        (_, FieldOperator.Between) => "is between",
        (_, FieldOperator.Set) => "is known",
        (_, FieldOperator.NotSet) => "is not known",
        _ => wanted.Name(),
    };

    public static string Choice(string field, string value) => field switch
    {
        SegmentField.Reason => SuppressionWords.Reason(value),
        SegmentField.Consent => value switch { "granted" => "agreed", "denied" => "refused", _ => "never asked" },
        _ => value,
    };

    public static string Group(GroupKind kind) => kind switch
    {
        GroupKind.All => "All of these",
        GroupKind.Any => "Any of these",
        GroupKind.None => "None of these",
    };

    /// <summary>Stands between two rules of a group.</summary>
    public static string Between(GroupKind kind) => kind == GroupKind.All ? "and" : "or";

    /// <summary>What is missing in a condition, for whoever is writing it.</summary>
    /// <param name="fault">Its path goes on behind the condition's.</param>
    public static string Fault(string fault, string error) => (fault.Split('[')[0], error) switch
    {
        (".list", _) => "Choose a list.",
        (".field", _) => "Say which attribute: a name of at most 64 characters.",
        (".value", "required" or "must not be empty") => "Say what to compare with.",
        (".value", _) => $"The value {error}.",
        (".within_days" or ".within", _) => "Say how long: a whole number from 1, up to a century.",
        (".at_least", _) => "Say how often: a whole number from 1.",
        (".rules" or ".rule", "must hold at least one rule") => "Nothing in here yet: add a condition.",
        (".campaign_id", _) => $"The campaign {error}.",
        _ => $"{char.ToUpperInvariant(error[0])}{error[1..]}.",
    };
}
