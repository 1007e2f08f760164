using System.Globalization;
using ScoreTracking.Events;

namespace ScoreTracking.Segments;

/// <summary>Who belongs to an audience: a tree of groups over conditions. <see cref="SegmentRuleJson"/> reads and writes it, <see cref="SegmentSql"/> says what it means, <see cref="SegmentWords"/> says it in English.</summary>
public abstract record SegmentRule
{
    /// <summary>Groups within groups, the outermost included.</summary>
    public const int MaxDepth = 10;

    public const int MaxConditions = 100;
}

/// <summary>Every one of the rules holds.</summary>
public sealed record AllOf(IReadOnlyList<SegmentRule> Rules) : SegmentRule;

/// <summary>At least one of the rules holds.</summary>
public sealed record AnyOf(IReadOnlyList<SegmentRule> Rules) : SegmentRule;

/// <summary>The rule does not hold.</summary>
public sealed record NoneOf(SegmentRule Rule) : SegmentRule;

/// <summary>
/// Something happened to the person's mail. Opens and clicks are confirmed ones that do not repeat another, and an open
/// inferred from a click is an open. What happens to a message once (sent, delivered, bounced, complained, unsubscribed) is
/// taken as reports show it: by its first time, and a bounce only while it holds.
/// </summary>
/// <param name="Done">False: it did not happen so often.</param>
/// <param name="Within">How far back from now; null for ever.</param>
/// <param name="CampaignId">Null for any mail, single ones included.</param>
/// <param name="LinkContains">Part of the clicked address, in any case; of clicks only.</param>
public sealed record EventRule(EventType Event, bool Done = true, TimeSpan? Within = null, long? CampaignId = null, string? LinkContains = null, int AtLeast = 1) : SegmentRule
{
    public const int MaxAtLeast = 1_000_000;
    public const int MaxLinkText = 500;

    /// <summary>A century.</summary>
    public static readonly TimeSpan MaxWithin = TimeSpan.FromDays(36_500);

    /// <summary>What a rule can ask for, in the order an editor offers it.</summary>
    public static IReadOnlyList<EventType> Events { get; } =
    [
        EventType.Opened, EventType.Clicked, EventType.Replied, EventType.Sent, EventType.Delivered, EventType.Bounced, EventType.Complained, EventType.Unsubscribed,
    ];
}

/// <summary>Something known of the person.</summary>
/// <param name="Field">One of <see cref="SegmentField"/>, or <c>attributes.</c> and a name.</param>
/// <param name="Value">Null where the operator needs none.</param>
/// <param name="Upper">The upper end, of <see cref="FieldOperator.Between"/> only; both ends belong to it.</param>
public sealed record FieldRule(string Field, FieldOperator Operator, RuleValue? Value = null, RuleValue? Upper = null) : SegmentRule;

/// <summary>The person is, or is not, on a list.</summary>
public sealed record ListRule(long ListId, bool In = true) : SegmentRule;

/// <summary>How a field is compared.</summary>
public enum FieldOperator : byte
{
    /// <summary>Equal; text in any case.</summary>
    Equal,

    /// <summary>Also holds where nothing is known; all others then do not.</summary>
    NotEqual,
    Contains,
    StartsWith,
    EndsWith,
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
    Between,
    Set,
    NotSet,
}

/// <summary>What a field is compared with.</summary>
public abstract record RuleValue
{
    public const int MaxText = 1_000;
}

/// <summary>Text, or a time as ISO 8601 has it.</summary>
public sealed record TextValue(string Text) : RuleValue;

public sealed record NumberValue(double Number) : RuleValue
{
    public override string ToString() => Number.ToString("R", CultureInfo.InvariantCulture);
}

public sealed record TruthValue(bool Holds) : RuleValue;

/// <summary>The spelling of operators in rules.</summary>
public static class FieldOperators
{
    private static readonly (FieldOperator Operator, string Name)[] s_names =
    [
        (FieldOperator.Equal, "eq"), (FieldOperator.NotEqual, "neq"), (FieldOperator.Contains, "contains"), (FieldOperator.StartsWith, "starts_with"),
        (FieldOperator.EndsWith, "ends_with"), (FieldOperator.Greater, "gt"), (FieldOperator.GreaterOrEqual, "gte"), (FieldOperator.Less, "lt"),
        (FieldOperator.LessOrEqual, "lte"), (FieldOperator.Between, "between"), (FieldOperator.Set, "set"), (FieldOperator.NotSet, "not_set"),
    ];

    public static IReadOnlyList<FieldOperator> All { get; } = [.. s_names.Select(known => known.Operator)];

    public static string Name(this FieldOperator wanted) => Array.Find(s_names, known => known.Operator == wanted).Name;

    public static bool TryParse(string? name, out FieldOperator found)
    {
        var known = Array.Find(s_names, known => known.Name == name);
        found = known.Operator;
        return known.Name is not null;
    }

    /// <summary>Whether it asks only whether something is known.</summary>
    public static bool NeedsNoValue(this FieldOperator wanted) => wanted is FieldOperator.Set or FieldOperator.NotSet;
}
