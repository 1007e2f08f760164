namespace ScoreTracking.Journeys.Canvas;

/// <summary>How many people are where on one version of a journey.</summary>
/// <param name="People">On the way, by the step they stand on.</param>
/// <param name="Failures">Failed, by the step they stand on.</param>
/// <param name="Outcomes">Who left a step, by what came of it.</param>
public sealed record JourneyFigures(
    IReadOnlyDictionary<string, long> People, IReadOnlyDictionary<string, long> Failures, IReadOnlyDictionary<(string Step, string Outcome), long> Outcomes, long Begun)
{
    /// <summary>Whoever failed stands there, too.</summary>
    public long Standing(string step) => People.GetValueOrDefault(step) + FailedAt(step);

    public long FailedAt(string step) => Failures.GetValueOrDefault(step);

    public long Left(JourneyStep step, string exit) =>
        Outcomes.Where(count => count.Key.Step == step.Id && step.ExitOf(count.Key.Outcome)?.Key == exit).Sum(count => count.Value);
}

/// <summary>The way one person has come.</summary>
/// <param name="Taken">The steps they left, and what came of each.</param>
/// <param name="StandsOn">Null where they have come to an end.</param>
public sealed record PersonPath(IReadOnlyList<(string Step, string Outcome)> Taken, string? StandsOn)
{
    public bool Was(string step) => StandsOn == step || Taken.Any(taken => taken.Step == step);

    public bool Took(JourneyStep step, string exit) => Taken.Any(taken => taken.Step == step.Id && step.ExitOf(taken.Outcome)?.Key == exit);
}
