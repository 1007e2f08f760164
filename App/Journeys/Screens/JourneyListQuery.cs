using Microsoft.EntityFrameworkCore;
using ScoreTracking.Data;

namespace ScoreTracking.Journeys.Screens;

/// <summary>A journey in the list.</summary>
public sealed record JourneyRow(long Id, string Name, string Status, int Version, int Steps, DateTimeOffset UpdatedAt, JourneyTotals People);

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
        var people = await db.Enrollments.Where(enrollment => ids.Contains(enrollment.JourneyId)).GroupBy(enrollment => new { enrollment.JourneyId, enrollment.Status })
            .Select(group => new { group.Key.JourneyId, group.Key.Status, People = group.LongCount() })
            .ToDictionaryAsync(group => (group.JourneyId, group.Status), group => group.People, cancellationToken);
        return
        [
            .. journeys.Select(journey => new JourneyRow(
                journey.Id, journey.Name, journey.Status, journey.Version, JourneyJson.Read(journey.Definition).Steps.Count, journey.UpdatedAt,
                new JourneyTotals(
                    people.GetValueOrDefault((journey.Id, EnrollmentStatus.Active)), people.GetValueOrDefault((journey.Id, EnrollmentStatus.Completed)),
                    people.GetValueOrDefault((journey.Id, EnrollmentStatus.Exited)), people.GetValueOrDefault((journey.Id, EnrollmentStatus.Failed))))),
        ];
    }
}
