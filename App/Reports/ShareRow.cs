namespace ScoreTracking.Reports;

/// <summary>One row of a <see cref="ShareTable"/>.</summary>
/// <param name="Note">A quieter second line; null none.</param>
/// <param name="Known">False for rows of what is not known, which stand below the rest however many there are.</param>
public sealed record ShareRow(string Name, string? Note, bool Known, long Messages, long Events, Ratio Share);
