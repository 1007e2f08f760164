namespace ScoreTracking.Segments.Editing;

/// <summary>What all lines of one editor share.</summary>
/// <param name="Faults">What is wrong with the rule as it stands.</param>
/// <param name="Changed">Called after each change.</param>
public sealed record RuleScope(RuleChoices Choices, IReadOnlyList<RuleFault> Faults, Func<Task> Changed)
{
    /// <summary>What is missing in a condition, in words; null where it is complete.</summary>
    public string? FaultOf(RuleDraft rule)
    {
        foreach (var fault in Faults)
        {
            if (fault.Path == rule.Path || (fault.Path.StartsWith(rule.Path, StringComparison.Ordinal) && fault.Path[rule.Path.Length] == '.'))
            {
                return RuleTexts.Fault(fault.Path[rule.Path.Length..], fault.Error);
            }
        }

        return null;
    }
}
