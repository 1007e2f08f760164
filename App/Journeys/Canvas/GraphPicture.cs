namespace ScoreTracking.Journeys.Canvas;

/// <summary>Where everything lies, in pixels from the upper left corner.</summary>
public sealed record GraphPicture(double Width, double Height, IReadOnlyList<PlacedNode> Nodes, IReadOnlyList<PlacedExit> Exits);

/// <summary>A box by its upper left corner; all are <see cref="GraphLayout.NodeWidth"/> × <see cref="GraphLayout.NodeHeight"/>.</summary>
public sealed record PlacedNode(string Id, double X, double Y);

/// <summary>The line of one exit.</summary>
/// <param name="X">The middle of its joint, where its words and its "+" stand.</param>
/// <param name="Y">The middle of its joint.</param>
/// <param name="Path">The line as an SVG path.</param>
/// <param name="EndX">The middle of its end, where it leads to no box; else null.</param>
/// <param name="EndY">See <paramref name="EndX"/>.</param>
/// <param name="IsBack">It leads back to a box above: a circle, which nobody may walk.</param>
public sealed record PlacedExit(string From, string Key, string? To, double X, double Y, string Path, double? EndX, double? EndY, bool IsBack);
