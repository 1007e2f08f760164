using ScoreTracking.Data;
using ScoreTracking.Journeys.Canvas;
using ScoreTracking.Journeys.Editor;

namespace ScoreTracking.Journeys.Screens;

/// <summary>A journey as its page shows it.</summary>
/// <param name="Draft">As it is edited.</param>
/// <param name="Faults">What keeps the draft from being published.</param>
/// <param name="Versions">Published ones that somebody is on, and the latest; the newest first.</param>
/// <param name="Shown">The published version that is looked at; null before the first.</param>
public sealed record JourneyView(
    Journey Journey, JourneyDefinition Draft, IReadOnlyList<JourneyFault> Faults, JourneyNames Names, IReadOnlyList<VersionRow> Versions, PublishedView? Shown)
{
    /// <summary>The draft differs from what is published.</summary>
    public bool HasChanges => Versions.Count == 0 || Versions[0].Json != JourneyJson.Write(Draft);

    public long Id => Journey.Id;
}

/// <param name="OnTheWay">People on it now.</param>
/// <param name="Json">Its definition, written anew, so that equal ones are equal.</param>
public sealed record VersionRow(int Version, DateTimeOffset PublishedAt, long OnTheWay, string Json);

/// <summary>A published version and who is on it.</summary>
public sealed record PublishedView(int Version, JourneyDefinition Definition, JourneyFigures Figures, JourneyTotals Totals);

/// <summary>People of all versions of a journey, by how far they are.</summary>
public sealed record JourneyTotals(long Active, long Completed, long Exited, long Failed)
{
    public static readonly JourneyTotals None = new(0, 0, 0, 0);

    public long All => Active + Completed + Exited + Failed;
}
