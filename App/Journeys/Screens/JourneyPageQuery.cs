using Microsoft.EntityFrameworkCore;
using ScoreTracking.Data;
using ScoreTracking.Journeys.Canvas;
using ScoreTracking.Journeys.Editor;

namespace ScoreTracking.Journeys.Screens;

/// <summary>Reads a journey for its page.</summary>
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
        var standing = await StandingAsync(db, id, cancellationToken);
        var used = standing.Select(group => group.Version).Append(journey.Version).Append(version ?? 0).Distinct().ToArray();
        var versions = (await db.JourneyVersions.Where(one => one.JourneyId == id && used.Contains(one.Version)).OrderByDescending(one => one.Version).ToListAsync(cancellationToken))
            .Select(one => new VersionRow(one.Version, one.PublishedAt, standing.Where(group => group.Version == one.Version).Sum(group => group.People), JourneyJson.Write(JourneyJson.Read(one.Definition))))
            .ToArray();
        PublishedView? shown = null;
        if (versions.FirstOrDefault(one => one.Version == (version ?? journey.Version)) is { } looked)
        {
            shown = new PublishedView(looked.Version, JourneyJson.Read(looked.Json), await FiguresAsync(db, id, looked.Version, standing, cancellationToken), await TotalsAsync(db, id, cancellationToken));
        }

        var campaigns = new[] { draft, shown?.Definition }.OfType<JourneyDefinition>().SelectMany(CampaignsOf).Distinct().ToArray();
        return new JourneyView(
            journey, draft, await JourneyReferences.CheckAsync(db, draft, cancellationToken), await JourneyNames.ReadAsync(db, campaigns, cancellationToken), versions, shown);
    }

    /// <summary>People of all versions.</summary>
    public static async Task<JourneyTotals> TotalsAsync(ScoreDb db, long id, CancellationToken cancellationToken)
    {
        var counts = await db.Enrollments.Where(enrollment => enrollment.JourneyId == id).GroupBy(enrollment => enrollment.Status)
            .Select(group => new { Status = group.Key, People = group.LongCount() }).ToDictionaryAsync(group => group.Status, group => group.People, cancellationToken);
        return new JourneyTotals(
            counts.GetValueOrDefault(EnrollmentStatus.Active), counts.GetValueOrDefault(EnrollmentStatus.Completed),
            counts.GetValueOrDefault(EnrollmentStatus.Exited), counts.GetValueOrDefault(EnrollmentStatus.Failed));
    }

    private static async Task<IReadOnlyList<Standing>> StandingAsync(ScoreDb db, long id, CancellationToken cancellationToken) =>
        await db.Enrollments.Where(enrollment => enrollment.JourneyId == id && (enrollment.Status == EnrollmentStatus.Active || enrollment.Status == EnrollmentStatus.Failed))
            .GroupBy(enrollment => new { enrollment.Version, enrollment.Status, enrollment.Step })
            .Select(group => new Standing(group.Key.Version, group.Key.Status, group.Key.Step, group.LongCount())).ToListAsync(cancellationToken);

    private static async Task<JourneyFigures> FiguresAsync(ScoreDb db, long id, int version, IReadOnlyList<Standing> standing, CancellationToken cancellationToken)
    {
        var here = standing.Where(group => group.Version == version).ToArray();
        var outcomes = await db.JourneyCounts.Where(count => count.JourneyId == id && count.Version == version)
            .ToDictionaryAsync(count => (count.Step, count.Outcome), count => count.People, cancellationToken);
        return new JourneyFigures(
            here.Where(group => group.Status == EnrollmentStatus.Active).ToDictionary(group => group.Step, group => group.People),
            here.Where(group => group.Status == EnrollmentStatus.Failed).ToDictionary(group => group.Step, group => group.People),
            outcomes,
            await db.Enrollments.LongCountAsync(enrollment => enrollment.JourneyId == id && enrollment.Version == version, cancellationToken));
    }

    private static IEnumerable<long> CampaignsOf(JourneyDefinition definition) =>
        JourneyReferences.CampaignsSent(definition)
            .Append(definition.Trigger is JourneyTrigger.OfEvent begins ? begins.CampaignId : 0)
            .Append(definition.Exit.Goal is JourneyGoal.OfEvent goal ? goal.CampaignId : 0)
            .Where(campaign => campaign != 0);

    private sealed record Standing(int Version, EnrollmentStatus Status, string Step, long People);
}
