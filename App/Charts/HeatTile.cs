namespace ScoreTracking.Charts;

/// <summary>One field of a <see cref="Heatmap"/>.</summary>
/// <param name="Value">The figure, as written.</param>
/// <param name="Notes">What stands small below it.</param>
/// <param name="Step">Its colour, 0 to <see cref="MaxStep"/>; null leaves it without.</param>
/// <param name="IsThin">Hatched: too little is known for its colour to count.</param>
/// <param name="Title">All of it in words, on hover.</param>
public sealed record HeatTile(string Value, IReadOnlyList<string> Notes, int? Step, bool IsThin, string Title)
{
    public const int MaxStep = 8;

    /// <summary>The colour of a value beside others: the middle one is <paramref name="average"/>, the outermost are <paramref name="reach"/> away from it.</summary>
    public static int StepOf(double value, double average, double reach) =>
        reach > 0 ? (int)Math.Round(Math.Clamp((value - average) / reach, -1, 1) * (MaxStep / 2.0), MidpointRounding.AwayFromZero) + (MaxStep / 2) : MaxStep / 2;
}

/// <summary>A row or a column of a <see cref="Heatmap"/>.</summary>
/// <param name="Key">Its short name.</param>
/// <param name="Words">What it stands for, where the name does not say it.</param>
public sealed record HeatLine(string Key, string? Words = null);
