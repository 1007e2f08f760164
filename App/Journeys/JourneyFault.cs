namespace ScoreTracking.Journeys;

/// <summary>Something wrong with a journey.</summary>
/// <param name="StepId">The step at fault; null where it is none.</param>
/// <param name="Path">The place in the JSON: "steps[2].timeout".</param>
/// <param name="Error">In words.</param>
/// <param name="IsUnreadable">A wrong kind of value or an unknown member: nothing that could be put right by choosing something else.</param>
public sealed record JourneyFault(string? StepId, string Path, string Error, bool IsUnreadable = false)
{
    /// <summary>With the step's name, for lists that show no boxes.</summary>
    public string Words => StepId is null ? Error : $"step {StepId}: {Error}";

    internal static Dictionary<string, string[]> ToErrors(IEnumerable<JourneyFault> faults) =>
        faults.GroupBy(fault => fault.Path, StringComparer.Ordinal).ToDictionary(path => path.Key, path => path.Select(fault => fault.Words).ToArray(), StringComparer.Ordinal);
}
