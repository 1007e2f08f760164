using Microsoft.EntityFrameworkCore;
using ScoreTracking.Data;
using ScoreTracking.Journeys.Editor;

namespace ScoreTracking.Journeys.Screens;

/// <summary>Reads a journey for its page, from sums kept as people move: as quick for a million people as for one.</summary>
internal static class JourneyPageQuery
{
    /// <param name="version">The published version to look at; null for the latest.</param>
    /// <returns>Null where there is no such journey.</returns>
    public static async Task<JourneyView?> RunAsync(ScoreDb db, long id, int? version, CancellationToken cancellationToken)
    {
        if (await db.Journeys.FirstOrDefaultAsync(journey => journey.Id == id, cancellationToken) is not { } journey)
        {
            return null;
        }

        var draft = JourneyJson.Read(journey.Definition);
        var onTheWay = await OnTheWayAsync(db, id, cancellationToken);
        var wanted = onTheWay.Keys.Append(journey.Version).Append(version ?? 0).Distinct().ToArray();
        var versions = (await db.JourneyVersions.Where(one => one.JourneyId == id && wanted.Contains(one.Version)).OrderByDescending(one => one.Version).ToListAsync(cancellationToken))
            .Select(one => new VersionRow(one.Version, one.PublishedAt, onTheWay.GetValueOrDefault(one.Version), JourneyJson.Write(JourneyJson.Read(one.Definition)))).ToArray();
        PublishedView? shown = null;
        if ((versions.FirstOrDefault(one => one.Version == version) ?? versions.FirstOrDefault()) is { } looked)
        {
            var definition = JourneyJson.Read(looked.Json);
            shown = new PublishedView(looked.Version, looked.PublishedAt, definition, await JourneyQueries.NumbersAsync(db, id, looked.Version, definition, cancellationToken));
        }

        return new JourneyView(
            journey, draft, await JourneyReferences.CheckAsync(db, draft, cancellationToken),
            await JourneyNames.ReadAsync(db, shown is null ? [draft] : [draft, shown.Definition], cancellationToken), versions, shown,
            await JourneyQueries.PeopleAsync(db, id, cancellationToken));
    }

    // By version, where there is anybody.
    private static async Task<Dictionary<int, long>> OnTheWayAsync(ScoreDb db, long id, CancellationToken cancellationToken) =>
        (await db.JourneyCounts.Where(count => count.JourneyId == id && count.Step == JourneyCounting.Whole).ToListAsync(cancellationToken))
            .GroupBy(count => count.Version)
            .ToDictionary(version => version.Key, version => version.Sum(count => count.Outcome == JourneyCounting.Entered ? count.People : -count.People))
            .Where(version => version.Value > 0).ToDictionary();
}
