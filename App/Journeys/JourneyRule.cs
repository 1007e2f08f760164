namespace ScoreTracking.Journeys;

/// <summary>A segment's rule within a journey, as JSON.</summary>
public sealed record JourneyRule(string Json);
