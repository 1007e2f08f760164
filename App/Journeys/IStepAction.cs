using Microsoft.Data.Sqlite;
using ScoreTracking.Data;

namespace ScoreTracking.Journeys;

/// <summary>
/// What one kind of step does. Acting happens within the transaction that moves the person on: what is written through
/// <see cref="ActingPerson.Commands"/> is committed together with the move, and so happens exactly once.
/// </summary>
internal interface IStepAction
{
    bool Does(JourneyStep step);

    /// <summary>
    /// Acts, with SQL alone: the write lock is held. It is asked again, with the same sequence, each time the person is
    /// looked at while they stand on the step, until it answers with an outcome or a failure.
    /// </summary>
    StepResult Act(ActingPerson person, JourneyStep step);

    /// <summary>Called once after each transaction it acted in: signals, and nothing that could fail.</summary>
    /// <param name="committed">False where it was taken back: what was noted for signals is void.</param>
    void Ended(bool committed)
    {
    }
}

/// <summary>A person on the way, as a step meets them.</summary>
/// <param name="EnrollmentId">With <paramref name="Sequence"/> it names this one acting of the step, for all time.</param>
/// <param name="Sequence">Steps done before this one.</param>
/// <param name="EnteredAt">Unix milliseconds when they began the journey.</param>
/// <param name="StepAt">Unix milliseconds when they came to the step.</param>
/// <param name="Now">Unix milliseconds.</param>
/// <param name="Commands">Statements of the transaction in progress.</param>
internal sealed record ActingPerson(
    long EnrollmentId,
    long JourneyId,
    int Version,
    long ContactId,
    int Sequence,
    long EnteredAt,
    long StepAt,
    long Now,
    JourneyDefinition Definition,
    SqliteConnection Connection,
    SqliteTransaction Transaction,
    PreparedCommands Commands);

/// <summary>What came of acting.</summary>
internal abstract record StepResult
{
    private StepResult()
    {
    }

    /// <summary>Done: the person goes on by the exit <see cref="JourneyStep.ExitOf"/> names.</summary>
    /// <param name="Outcome">The exit's key, or a word that says more.</param>
    /// <param name="MessageId">The message a send step made or found; 0 for others.</param>
    /// <param name="Detail">More in words, without addresses; "" where there is nothing to say.</param>
    public sealed record Go(string Outcome, long MessageId = 0, string Detail = "") : StepResult;

    /// <summary>Not yet: asked again at that time, or when an event of the message it waits for arrives.</summary>
    /// <param name="DueAt">Unix milliseconds.</param>
    /// <param name="WaitsFor">A message; 0 for none.</param>
    public sealed record Later(long DueAt, long WaitsFor = 0) : StepResult;

    /// <summary>Something else is at work, and asks for another look when it is done.</summary>
    public sealed record Handed : StepResult
    {
        public static readonly Handed Over = new();
    }

    /// <summary>It cannot be done: the person stands here until somebody tries again.</summary>
    /// <param name="Why">In words, without addresses.</param>
    public sealed record Failed(string Why) : StepResult;

    /// <summary>The person leaves the journey.</summary>
    /// <param name="Because">As it is stored: "suppressed".</param>
    public sealed record Leave(string Because) : StepResult;
}
