using System.Text.Json;

namespace ScoreTracking.Segments;

/// <summary>A rule as an editor has it: perhaps not complete.</summary>
internal static class SegmentDraft
{
    /// <summary>Null while it is not complete.</summary>
    public static SegmentRule? Read(string json) => Read(json, []);

    /// <param name="faults">What is missing or wrong.</param>
    public static SegmentRule? Read(string json, List<RuleFault> faults)
    {
        if (json.Length == 0)
        {
            faults.Add(new RuleFault("rule", "must hold at least one rule"));
            return null;
        }

        using var document = JsonDocument.Parse(json, SegmentRuleJson.Document);
        return SegmentRuleJson.Read(document.RootElement, "rule", faults);
    }
}
