using Microsoft.Data.Sqlite;
using ScoreTracking.Data;

namespace ScoreTracking.Journeys;

/// <summary>
/// Moves people on, inside the caller's transaction, each as far as they come: through all steps that are done at once, to one
/// that waits, fails or ends. A connection's own; for one thread at a time.
/// </summary>
internal sealed partial class JourneyMoves(SqliteConnection connection, PreparedCommands commands, IReadOnlyList<IStepAction> actions, ILogger logger) : IDisposable
{
    /// <summary>Ends that are no step's outcome.</summary>
    public const string Deleted = "deleted";
    public const string Goal = "goal";
    public const string Archived = "archived";
    public const string ByHand = "by_hand";

    private const string Unexpected = "Something went wrong here; the error is in the server's log.";

    private readonly EnrollmentSql _enrollments = new(commands);
    private readonly JourneyEvents _events = new(commands);
    private readonly RuleChecks _rules = new(connection, commands);

    public EnrollmentSql Enrollments => _enrollments;

    public JourneyVersions Versions { get; } = new(commands);

    /// <summary>Moves one person. What goes wrong in a step is theirs alone: others in the transaction go on.</summary>
    /// <param name="now">Unix milliseconds.</param>
    /// <param name="settled">The last event of the log whose verdict is taken for final.</param>
    public void Move(EnrollmentRow row, long now, long settled)
    {
        var transaction = commands.Transaction!;
        transaction.Save("person");
        try
        {
            Walk(row, now, settled);
            transaction.Release("person");
        }
        catch (Exception exception) when (exception is not (SqliteException or OutOfMemoryException))
        {
            transaction.Rollback("person");
            transaction.Release("person");
            LogFailed(exception, row.Id, row.Step);
            _enrollments.End(row, EnrollmentStatus.Failed, Unexpected, now);
        }
    }

    /// <summary>A person leaves before the end.</summary>
    public void Leave(EnrollmentRow row, string because, long now)
    {
        _enrollments.End(row, EnrollmentStatus.Exited, because, now);
        _enrollments.Count(row.JourneyId, row.Version, row.Step, JourneyCounting.Exited);
        _enrollments.Count(row.JourneyId, row.Version, JourneyCounting.Whole, JourneyCounting.Exited);
    }

    /// <summary>Why an address may not be mailed, as far as the list of suppressions says; null where it may.</summary>
    public string? SuppressedFor(long contactId) =>
        commands.Command("SELECT s.reason FROM contacts c JOIN suppressions s ON s.email = c.email WHERE c.id = $1", contactId).ExecuteScalar() as string;

    public bool IsThere(long contactId) => commands.Command("SELECT 1 FROM contacts WHERE id = $1 AND deleted_at = 0", contactId).ExecuteScalar() is not null;

    public void Dispose() => _rules.Dispose();

    private void Walk(EnrollmentRow row, long now, long settled)
    {
        if (Versions.Find(row.JourneyId, row.Version) is not { } definition)
        {
            _enrollments.End(row, EnrollmentStatus.Failed, "The journey's version is gone.", now);
            return;
        }

        while (true)
        {
            if (LeavesBecause(row, definition, now, settled) is { } because)
            {
                Leave(row, because, now);
                return;
            }

            if (definition.Find(row.Step) is not { } step || actions.FirstOrDefault(one => one.Does(step)) is not { } action)
            {
                _enrollments.End(row, EnrollmentStatus.Failed, "This server knows no such step.", now);
                return;
            }

            var person = new ActingPerson(
                row.Id, row.JourneyId, row.Version, row.ContactId, row.Sequence, row.EnteredAt, row.StepAt, now, settled, definition, connection, commands.Transaction!, commands, _rules);
            switch (action.Act(person, step))
            {
                case StepResult.Go done:
                    if (Pass(row, step, done, now) is not { } next)
                    {
                        return;
                    }

                    row = next;
                    continue;
                case StepResult.Later later:
                    _enrollments.Stand(row with { DueAt = Math.Max(later.DueAt, 1), WaitsFor = later.WaitsFor });
                    return;
                case StepResult.Handed:
                    _enrollments.Stand(row with { DueAt = 0, WaitsFor = 0 });
                    return;
                case StepResult.Failed failed:
                    _enrollments.End(row, EnrollmentStatus.Failed, failed.Why, now);
                    return;
                case StepResult.Leave leave:
                    Leave(row, leave.Because, now);
                    return;
            }
        }
    }

    // Null where the journey ended.
    private EnrollmentRow? Pass(EnrollmentRow row, JourneyStep step, StepResult.Go done, long now)
    {
        _enrollments.Note(row.Id, row.Sequence, step.Id, now, done);
        _enrollments.Count(row.JourneyId, row.Version, step.Id, done.Outcome);
        var passed = row with { Sequence = row.Sequence + 1 };
        if (step.ExitOf(done.Outcome)?.Next is { } next)
        {
            return passed with { Step = next, StepAt = now };
        }

        _enrollments.End(passed, EnrollmentStatus.Completed, "", now);
        _enrollments.Count(row.JourneyId, row.Version, JourneyCounting.Whole, JourneyCounting.Completed);
        return null;
    }

    private string? LeavesBecause(EnrollmentRow row, JourneyDefinition definition, long now, long settled) =>
        !IsThere(row.ContactId) ? Deleted
        : definition.Exit.Unsubscribed && SuppressedFor(row.ContactId) is { } reason ? reason
        : HasReached(definition.Exit.Goal, row, now, settled) ? Goal
        : null;

    private bool HasReached(JourneyGoal? goal, EnrollmentRow row, long now, long settled) => goal switch
    {
        JourneyGoal.OfEvent reported => _events.HasHappened(row.ContactId, reported.Type, reported.CampaignId, reported.LinkContains, row.EnteredAt, settled),
        JourneyGoal.OfRule rule => _rules.Has(rule.Rule, row.ContactId, now),
        _ => false,
    };

    [LoggerMessage(Level = LogLevel.Error, Message = "Enrollment {Id} could not be moved on from step {Step}; it waits for somebody to try again")]
    private partial void LogFailed(Exception exception, long id, string step);
}
