using ScoreTracking.Data;
using ScoreTracking.Journeys.Canvas;
using ScoreTracking.Journeys.Editor;

namespace ScoreTracking.Journeys.Screens;

/// <summary>A journey as its page shows it.</summary>
/// <param name="Draft">As it is edited.</param>
/// <param name="Missing">What the draft speaks of and is not there; <see cref="JourneyRules"/> finds all other faults.</param>
/// <param name="Versions">Published ones that somebody is on, and the latest; the newest first.</param>
/// <param name="Shown">The published version that is looked at; null before the first.</param>
/// <param name="People">Of all versions.</param>
public sealed record JourneyView(
    Journey Journey, JourneyDefinition Draft, IReadOnlyList<JourneyFault> Missing, JourneyNames Names, IReadOnlyList<VersionRow> Versions, PublishedView? Shown, JourneyPeople People)
{
    /// <summary>The draft differs from what is published.</summary>
    public bool HasChanges => Versions.Count == 0 || Versions[0].Json != JourneyJson.Write(Draft);

    public long Id => Journey.Id;

    /// <summary>Everything that keeps the draft from being published.</summary>
    public IReadOnlyList<JourneyFault> Faults => [.. JourneyRules.Check(Draft), .. Missing];
}

/// <param name="OnTheWay">People on it now, those who failed included.</param>
/// <param name="Json">Its definition, written anew, so that equal ones are equal.</param>
public sealed record VersionRow(int Version, DateTimeOffset PublishedAt, long OnTheWay, string Json);

/// <summary>A published version and who is on it.</summary>
public sealed record PublishedView(int Version, DateTimeOffset PublishedAt, JourneyDefinition Definition, JourneyNumbers Numbers);
