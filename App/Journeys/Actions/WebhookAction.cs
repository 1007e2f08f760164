using System.Globalization;

namespace ScoreTracking.Journeys.Actions;

/// <summary>
/// Tells a server that somebody came to the step. The step only notes the request: <see cref="StepCalls"/> makes it, beside the
/// runner, and what came of it moves the person on.
/// </summary>
internal sealed class WebhookAction(StepCalls calls) : IStepAction
{
    private const string Find = "SELECT next_at, status, error, attempts FROM step_calls WHERE enrollment_id = $1 AND sequence = $2";
    private const string Add = "INSERT INTO step_calls (enrollment_id, sequence, host, url, created_at, next_at) VALUES ($1, $2, $3, $4, $5, $5)";
    private const string Remove = "DELETE FROM step_calls WHERE enrollment_id = $1 AND sequence = $2";

    private bool _added;

    public bool Does(JourneyStep step) => step is WebhookStep;

    public StepResult Act(ActingPerson person, JourneyStep step)
    {
        if (Look(person) is not { } known)
        {
            var url = ((WebhookStep)step).Url;
            person.Commands.Command(Add, person.EnrollmentId, person.Sequence, new Uri(url).Authority, url, person.Now).ExecuteNonQuery();
            _added = true;
            return StepResult.Handed.Over;
        }

        if (!known.IsOver)
        {
            return StepResult.Handed.Over;
        }

        // Whoever tries a failed one again begins anew, with the same id.
        person.Commands.Command(Remove, person.EnrollmentId, person.Sequence).ExecuteNonQuery();
        return known.Error.Length == 0
            ? new StepResult.Go(JourneyStep.Next, Detail: $"Answered {known.Status}{(known.Attempts > 1 ? $" at attempt {known.Attempts}" : "")}.")
            : new StepResult.Failed(string.Create(CultureInfo.InvariantCulture, $"{known.Error}, at attempt {known.Attempts}."));
    }

    public void Ended(bool committed)
    {
        if (committed && _added)
        {
            calls.Wake();
        }

        _added = false;
    }

    private static Known? Look(ActingPerson person)
    {
        using var row = person.Commands.Command(Find, person.EnrollmentId, person.Sequence).ExecuteReader();
        return row.Read() ? new Known(row.GetInt64(0) == 0, row.GetInt32(1), row.GetString(2), row.GetInt32(3)) : null;
    }

    private readonly record struct Known(bool IsOver, int Status, string Error, int Attempts);
}
