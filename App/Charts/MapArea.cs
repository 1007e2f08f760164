namespace ScoreTracking.Charts;

/// <summary>A country of a <see cref="WorldMap"/>.</summary>
/// <param name="Code">ISO 3166 alpha-2; one the map does not have is left out.</param>
/// <param name="Text">Shown on hover: name and figures.</param>
public sealed record MapArea(string Code, double Value, string Text);
