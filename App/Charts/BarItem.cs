namespace ScoreTracking.Charts;

/// <summary>One row of <see cref="Bars"/>.</summary>
/// <param name="Detail">Behind the number, such as a rate.</param>
/// <param name="Href">Where the name leads; only an address of our own.</param>
public sealed record BarItem(string Name, double Value, string? Detail = null, string? Href = null);
