namespace ScoreTracking.Charts;

/// <summary>One field of a <see cref="Heatmap"/>.</summary>
/// <param name="Value">The figure, as written.</param>
/// <param name="Notes">What stands small below it.</param>
/// <param name="Step">Its colour, from <see cref="HeatScale"/>; null leaves it without.</param>
/// <param name="IsThin">Hatched: too little is known for its colour to count.</param>
/// <param name="Title">All of it in words, on hover.</param>
public sealed record HeatTile(string Value, IReadOnlyList<string> Notes, int? Step, bool IsThin, string Title);

/// <summary>A row or a column of a <see cref="Heatmap"/>.</summary>
/// <param name="Key">Its short name.</param>
/// <param name="Words">What it stands for, where the name does not say it.</param>
public sealed record HeatLine(string Key, string? Words = null);
