namespace ScoreTracking.Journeys.Canvas;

/// <summary>The way one person has come.</summary>
/// <param name="Taken">The steps they left, and what came of each.</param>
/// <param name="StandsOn">Null where they have come to an end.</param>
public sealed record PersonPath(IReadOnlyList<(string Step, string Outcome)> Taken, string? StandsOn)
{
    public bool Was(string step) => StandsOn == step || Taken.Any(taken => taken.Step == step);

    public bool Took(JourneyStep step, string exit) => Taken.Any(taken => taken.Step == step.Id && step.ExitOf(taken.Outcome)?.Key == exit);
}
