namespace ScoreTracking.Components;

/// <summary>One option of a <see cref="Switch"/>: the value in the query string and its words.</summary>
public sealed record Choice(string Value, string Text);
