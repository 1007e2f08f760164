namespace ScoreTracking.Segments;

/// <summary>A segment to begin with.</summary>
/// <param name="Key">In the address of the page.</param>
internal sealed record SegmentExample(string Key, string Name, string Text, string Rule)
{
    public string Address => $"{SegmentAddress.New}?example={Key}";

    public static IReadOnlyList<SegmentExample> All { get; } =
    [
        new("readers", "Readers", "Opened any email in the last 30 days.", """{"op":"and","rules":[{"event":"opened","done":true,"within_days":30}]}"""),
        new(
            "lapsed", "Lapsed", "Was sent something, but has NOT clicked in the last 90 days.",
            """{"op":"and","rules":[{"event":"sent","done":true,"within_days":90},{"event":"clicked","done":false,"within_days":90}]}"""),
        new("engaged", "Most engaged", "An engagement score of at least 50, and gets mail.", """{"op":"and","rules":[{"field":"engagement_score","op":"gte","value":50},{"field":"suppressed","op":"eq","value":false}]}"""),
        new(
            "quiet", "Never reacted", "Neither opened, clicked nor replied, ever.",
            """{"op":"not","rule":{"op":"or","rules":[{"event":"opened","done":true},{"event":"clicked","done":true},{"event":"replied","done":true}]}}"""),
    ];
}
