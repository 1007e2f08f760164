namespace ScoreTracking.Journeys.Steps;

/// <summary>Waits by the clock: counted from when the person came to the step.</summary>
internal sealed class DelayAction : IStepAction
{
    public bool Does(JourneyStep step) => step is DelayStep;

    public StepResult Act(ActingPerson person, JourneyStep step)
    {
        var due = person.StepAt + (long)((DelayStep)step).For.TotalMilliseconds;
        return person.Now >= due ? new StepResult.Go(JourneyStep.Next) : new StepResult.Later(due);
    }
}

/// <summary>
/// Waits for something to happen to a message. Whether it happened in time is asked of the log, so it makes no difference in
/// which order, how often or how late events arrive while the person waits.
/// </summary>
internal sealed class WaitForAction : IStepAction
{
    /// <summary>Of a message whose event is still settling when the time is over.</summary>
    private const long Soon = 500;

    public bool Does(JourneyStep step) => step is WaitForStep;

    public StepResult Act(ActingPerson person, JourneyStep step)
    {
        var wait = (WaitForStep)step;
        var message = new EnrollmentSql(person.Commands).MessageOf(person.EnrollmentId, wait.MessageOf);
        var events = new JourneyEvents(person.Commands);
        if (message == 0 || events.SentAt(message) is not { } sent)
        {
            return new StepResult.Go(WaitForStep.TimeoutExit, Detail: "there is no message to wait for");
        }

        var due = sent + (long)wait.Timeout.TotalMilliseconds;
        if (events.FirstOf(message, wait.Event, wait.LinkContains, person.Settled) is { } happened && happened <= due)
        {
            return new StepResult.Go(WaitForStep.EventExit, message);
        }

        if (person.Now < due)
        {
            return new StepResult.Later(due, message);
        }

        // What came in time is not lost to the seconds it takes to know a machine from a person.
        return events.FirstOf(message, wait.Event, wait.LinkContains, long.MaxValue) is { } settling && settling <= due
            ? new StepResult.Later(person.Now + Soon, message)
            : new StepResult.Go(WaitForStep.TimeoutExit, message);
    }
}
