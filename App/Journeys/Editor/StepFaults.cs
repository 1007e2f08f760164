namespace ScoreTracking.Journeys.Editor;

/// <summary>What is wrong with one part of a journey, by the field it is wrong in.</summary>
/// <param name="Prefix">What the paths of its fields begin with: "steps[2].", "trigger.".</param>
public sealed record StepFaults(IReadOnlyList<JourneyFault> All, string Prefix)
{
    public static readonly StepFaults None = new([], "");

    public static StepFaults OfStep(IReadOnlyList<JourneyFault> faults, JourneyDefinition definition, string id)
    {
        var place = definition.Steps.ToList().FindIndex(step => step.Id == id);
        return new StepFaults([.. faults.Where(fault => fault.StepId == id)], FormattableString.Invariant($"steps[{place}]."));
    }

    public static StepFaults Of(IReadOnlyList<JourneyFault> faults, string part) =>
        new([.. faults.Where(fault => fault.StepId is null && (fault.Path == part || fault.Path.StartsWith($"{part}.", StringComparison.Ordinal)))], $"{part}.");

    /// <summary>Null where nothing is.</summary>
    public string? this[string field] => All.FirstOrDefault(fault => fault.Path == Prefix + field)?.Error;

    /// <summary>Of no field in particular: nobody comes here, it goes round in a circle.</summary>
    public IEnumerable<string> Whole => All.Where(fault => fault.Path + "." == Prefix).Select(fault => fault.Error);
}
