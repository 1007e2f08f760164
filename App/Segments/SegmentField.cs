using ScoreTracking.Suppressions;

namespace ScoreTracking.Segments;

/// <summary>What kind of values a field has.</summary>
public enum FieldKind : byte
{
    /// <summary>An attribute: whatever it holds, compared as the rule's value is: text, number, truth or time.</summary>
    Any,
    Text,
    Number,
    Time,
    Truth,

    /// <summary>One of <see cref="SegmentField.Choices"/>.</summary>
    Choice,
}

/// <summary>Something a rule can ask of a person.</summary>
/// <param name="Operators">Those that make sense.</param>
/// <param name="Choices">All values there are, where they are few.</param>
public sealed record SegmentField(string Name, FieldKind Kind, IReadOnlyList<FieldOperator> Operators, IReadOnlyList<string> Choices)
{
    public const string Score = "engagement_score";
    public const string Email = "email";
    public const string CustomerId = "customer_id";
    public const string CreatedAt = "created_at";
    public const string Suppressed = "suppressed";
    public const string Reason = "suppression_reason";
    public const string Consent = "tracking_consent";

    /// <summary>What stands before the name of an attribute.</summary>
    public const string AttributePrefix = "attributes.";

    /// <summary>As long as attributes' names may be.</summary>
    public const int MaxAttributeName = 64;

    private static readonly FieldOperator[] s_order = [FieldOperator.Greater, FieldOperator.GreaterOrEqual, FieldOperator.Less, FieldOperator.LessOrEqual, FieldOperator.Between];
    private static readonly FieldOperator[] s_equality = [FieldOperator.Equal, FieldOperator.NotEqual];
    private static readonly FieldOperator[] s_text = [.. s_equality, FieldOperator.Contains, FieldOperator.StartsWith, FieldOperator.EndsWith];
    private static readonly FieldOperator[] s_known = [FieldOperator.Set, FieldOperator.NotSet];

    /// <summary>All but attributes, in the order an editor offers them.</summary>
    public static IReadOnlyList<SegmentField> All { get; } =
    [
        new(Score, FieldKind.Number, [.. s_order, .. s_equality], []),
        new(Email, FieldKind.Text, [.. s_text, .. s_known], []),
        new(CustomerId, FieldKind.Text, [.. s_text, .. s_known], []),
        new(CreatedAt, FieldKind.Time, [.. s_order, .. s_equality], []),
        new(Suppressed, FieldKind.Truth, s_equality, []),
        new(Reason, FieldKind.Choice, [.. s_equality, .. s_known], SuppressionReason.All),
        new(Consent, FieldKind.Choice, s_equality, ["granted", "denied", "unknown"]),
    ];

    /// <summary>Null for a name no field has; attributes need no more than a name that may be one.</summary>
    public static SegmentField? Find(string? name) => AttributeOf(name) is { } attribute
        ? attribute.Length is > 0 and <= MaxAttributeName && !attribute.Any(char.IsControl)
            ? new SegmentField(name!, FieldKind.Any, FieldOperators.All, [])
            : null
        : All.FirstOrDefault(field => field.Name == name);

    /// <summary>The name of the attribute a field stands for; null for any other field.</summary>
    public static string? AttributeOf(string? field) =>
        field is not null && field.StartsWith(AttributePrefix, StringComparison.Ordinal) ? field[AttributePrefix.Length..] : null;
}
