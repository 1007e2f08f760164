namespace ScoreTracking.Journeys.Canvas;

/// <summary>A box and the ways out of it, in their order.</summary>
public sealed record GraphNode(string Id, IReadOnlyList<GraphExit> Exits);

/// <param name="Key">Unique within its box.</param>
/// <param name="To">The box it leads to; null, or one that does not exist, ends there.</param>
/// <param name="Width">The room its words need, in pixels.</param>
public sealed record GraphExit(string Key, string? To, double Width = 0);
