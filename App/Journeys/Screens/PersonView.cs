using ScoreTracking.Data;
using ScoreTracking.Journeys.Canvas;
using ScoreTracking.Journeys.Editor;

namespace ScoreTracking.Journeys.Screens;

/// <summary>One person's way through a journey, on the version they began on.</summary>
public sealed record PersonView(string Journey, EnrollmentAnswer Person, JourneyDefinition Definition, JourneyNames Names)
{
    public PersonPath Path => new(
        [.. Person.Log.Select(step => (step.StepId, step.Outcome))],
        Person.Status is "active" or "failed" ? Person.StepId : null);

    /// <returns>Null where there is no such journey or nobody like that on it.</returns>
    internal static async Task<PersonView?> ReadAsync(ScoreDb db, long journeyId, long enrollmentId, CancellationToken cancellationToken)
    {
        if (await JourneyQueries.FindAsync(db, journeyId, cancellationToken) is not { } journey
            || await EnrollmentQueries.FindAsync(db, journeyId, enrollmentId, cancellationToken) is not { } person
            || await JourneyQueries.VersionAsync(db, journeyId, person.Version, cancellationToken) is not { } definition)
        {
            return null;
        }

        return new PersonView(journey.Name, person, definition, await JourneyNames.ReadAsync(db, [definition], cancellationToken));
    }
}
