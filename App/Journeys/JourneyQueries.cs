using Microsoft.EntityFrameworkCore;
using ScoreTracking.Api;
using ScoreTracking.Data;

namespace ScoreTracking.Journeys;

/// <summary>What is standing where in one version of a journey.</summary>
/// <param name="Entered">Began on this version.</param>
/// <param name="Standing">People on each step who have not failed there, by the step's id.</param>
/// <param name="Failed">People on each step who have.</param>
/// <param name="Passed">People who left each step by each exit, by (step, exit's key).</param>
/// <param name="Outcomes">The same by what the step said, which may be more than the exit.</param>
public sealed record JourneyNumbers(
    long Entered,
    IReadOnlyDictionary<string, long> Standing,
    IReadOnlyDictionary<string, long> Failed,
    IReadOnlyDictionary<(string Step, string Exit), long> Passed,
    IReadOnlyDictionary<(string Step, string Outcome), long> Outcomes);

/// <summary>Reads journeys and the people on them.</summary>
public static class JourneyQueries
{
    /// <summary>Journeys in the order they were made, those behind an id.</summary>
    public static async Task<IReadOnlyList<JourneyAnswer>> ListAsync(ScoreDb db, string? status, long after, int limit, CancellationToken cancellationToken)
    {
        var journeys = await db.Journeys.Where(journey => journey.Id > after && (status == null || journey.Status == status)).OrderBy(journey => journey.Id).Take(limit).ToListAsync(cancellationToken);
        var answers = new List<JourneyAnswer>(journeys.Count);
        foreach (var journey in journeys)
        {
            answers.Add(JourneyAnswer.Of(journey, await PublishedAsync(db, journey, cancellationToken), faults: null, await PeopleAsync(db, journey.Id, cancellationToken)));
        }

        return answers;
    }

    public static async Task<JourneyAnswer?> FindAsync(ScoreDb db, long id, CancellationToken cancellationToken)
    {
        if (await db.Journeys.FirstOrDefaultAsync(journey => journey.Id == id, cancellationToken) is not { } found)
        {
            return null;
        }

        var faults = await FaultsAsync(db, JourneyJson.Read(found.Definition), cancellationToken);
        return JourneyAnswer.Of(found, await PublishedAsync(db, found, cancellationToken), faults, await PeopleAsync(db, id, cancellationToken));
    }

    /// <summary>Everything that keeps a definition from being published.</summary>
    public static async Task<IReadOnlyList<JourneyFault>> FaultsAsync(ScoreDb db, JourneyDefinition definition, CancellationToken cancellationToken) =>
        [.. JourneyRules.Check(definition), .. await JourneyReferences.CheckAsync(db, definition, cancellationToken)];

    /// <summary>The definition as it is edited.</summary>
    public static async Task<JourneyDefinition?> DraftAsync(ScoreDb db, long id, CancellationToken cancellationToken) =>
        await db.Journeys.Where(journey => journey.Id == id).Select(journey => journey.Definition).FirstOrDefaultAsync(cancellationToken) is { } json ? JourneyJson.Read(json) : null;

    /// <summary>A published version; null without.</summary>
    public static async Task<JourneyDefinition?> VersionAsync(ScoreDb db, long id, int version, CancellationToken cancellationToken) =>
        await db.JourneyVersions.Where(published => published.JourneyId == id && published.Version == version).Select(published => published.Definition).FirstOrDefaultAsync(cancellationToken) is { } json
            ? JourneyJson.Read(json) : null;

    /// <summary>From sums kept as people move: as quick for a million people as for one.</summary>
    public static async Task<JourneyPeople> PeopleAsync(ScoreDb db, long id, CancellationToken cancellationToken)
    {
        var counts = await db.JourneyCounts.Where(count => count.JourneyId == id && count.Step == JourneyCounting.Whole)
            .GroupBy(count => count.Outcome).Select(group => new { group.Key, People = group.Sum(count => count.People) }).ToDictionaryAsync(count => count.Key, count => count.People, cancellationToken);
        var failed = await db.Enrollments.LongCountAsync(enrollment => enrollment.JourneyId == id && enrollment.Status == EnrollmentStatus.Failed, cancellationToken);
        var (entered, completed, exited) = (counts.GetValueOrDefault(JourneyCounting.Entered), counts.GetValueOrDefault(JourneyCounting.Completed), counts.GetValueOrDefault(JourneyCounting.Exited));
        return new JourneyPeople(entered, entered - completed - exited - failed, completed, exited, failed);
    }

    /// <summary>The numbers on the canvas.</summary>
    public static async Task<JourneyNumbers> NumbersAsync(ScoreDb db, long id, int version, JourneyDefinition definition, CancellationToken cancellationToken)
    {
        var counts = await db.JourneyCounts.Where(count => count.JourneyId == id && count.Version == version).ToListAsync(cancellationToken);
        var failed = await db.Enrollments.Where(enrollment => enrollment.JourneyId == id && enrollment.Status == EnrollmentStatus.Failed && enrollment.Version == version)
            .GroupBy(enrollment => enrollment.Step).Select(group => new { group.Key, People = group.LongCount() }).ToDictionaryAsync(step => step.Key, step => step.People, cancellationToken);
        var entered = counts.Where(count => count is { Step: JourneyCounting.Whole, Outcome: JourneyCounting.Entered }).Sum(count => count.People);
        var (standing, passed, outcomes) = (definition.Steps.ToDictionary(step => step.Id, _ => 0L), new Dictionary<(string, string), long>(), new Dictionary<(string, string), long>());
        if (definition.First is { } first)
        {
            standing[first.Id] = entered;
        }

        foreach (var count in counts)
        {
            if (definition.Find(count.Step) is not { } step)
            {
                continue;
            }

            standing[step.Id] -= count.People;
            if (count.Outcome == JourneyCounting.Exited)
            {
                continue;
            }

            outcomes[(step.Id, count.Outcome)] = count.People;
            if (step.ExitOf(count.Outcome) is { } exit)
            {
                passed[(step.Id, exit.Key)] = passed.GetValueOrDefault((step.Id, exit.Key)) + count.People;
                if (exit.Next is { } next && standing.ContainsKey(next))
                {
                    standing[next] += count.People;
                }
            }
        }

        foreach (var (step, people) in failed)
        {
            standing[step] = standing.GetValueOrDefault(step) - people;
        }

        return new JourneyNumbers(entered, standing, failed, passed, outcomes);
    }

    private static async Task<string?> PublishedAsync(ScoreDb db, Journey journey, CancellationToken cancellationToken) => journey.Version == 0 ? null
        : await db.JourneyVersions.Where(version => version.JourneyId == journey.Id && version.Version == journey.Version).Select(version => version.Definition).FirstOrDefaultAsync(cancellationToken);
}
