using Microsoft.EntityFrameworkCore;
using ScoreTracking.Data;

namespace ScoreTracking.Journeys.Screens;

/// <summary>A journey in the list.</summary>
public sealed record JourneyRow(long Id, string Name, string Status, int Steps, DateTimeOffset UpdatedAt, JourneyPeople People);

/// <summary>Reads the list of journeys.</summary>
internal static class JourneyListQuery
{
    /// <summary>The newest; nobody draws more.</summary>
    private const int Most = 500;

    /// <param name="archived">Those that are over, instead of all others.</param>
    public static async Task<IReadOnlyList<JourneyRow>> RunAsync(ScoreDb db, bool archived, CancellationToken cancellationToken)
    {
        var journeys = await db.Journeys.Where(journey => journey.Status == JourneyStatus.Archived == archived).OrderByDescending(journey => journey.Id).Take(Most).ToListAsync(cancellationToken);
        var ids = journeys.Select(journey => journey.Id).ToArray();
        var counts = await db.JourneyCounts.Where(count => ids.Contains(count.JourneyId) && count.Step == JourneyCounting.Whole).GroupBy(count => new { count.JourneyId, count.Outcome })
            .Select(group => new { group.Key.JourneyId, group.Key.Outcome, People = group.Sum(count => count.People) })
            .ToDictionaryAsync(count => (count.JourneyId, count.Outcome), count => count.People, cancellationToken);
        var failures = await db.Enrollments.Where(enrollment => ids.Contains(enrollment.JourneyId) && enrollment.Status == EnrollmentStatus.Failed).GroupBy(enrollment => enrollment.JourneyId)
            .Select(group => new { group.Key, People = group.LongCount() }).ToDictionaryAsync(group => group.Key, group => group.People, cancellationToken);
        return
        [
            .. journeys.Select(journey =>
            {
                var entered = counts.GetValueOrDefault((journey.Id, JourneyCounting.Entered));
                var completed = counts.GetValueOrDefault((journey.Id, JourneyCounting.Completed));
                var exited = counts.GetValueOrDefault((journey.Id, JourneyCounting.Exited));
                var failed = failures.GetValueOrDefault(journey.Id);
                return new JourneyRow(
                    journey.Id, journey.Name, journey.Status, JourneyJson.Read(journey.Definition).Steps.Count, journey.UpdatedAt,
                    new JourneyPeople(entered, entered - completed - exited - failed, completed, exited, failed));
            }),
        ];
    }
}
