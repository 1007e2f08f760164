using ScoreTracking.Campaigns;
using ScoreTracking.Data;
using ScoreTracking.Live;

namespace ScoreTracking.Journeys;

/// <summary>What people and programs do with single enrollments, each in a transaction of its own.</summary>
internal sealed class EnrollmentEdits(IEnumerable<IStepAction> actions, SqliteFile file, JourneyRunner runner, LiveUpdates live, TimeProvider clock, ILogger<EnrollmentEdits> logger)
{
    private const string What = "enrollment";

    private readonly IReadOnlyList<IStepAction> _actions = [.. actions];

    private long Now => clock.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Sends somebody on a journey; exactly one of the two names them.</summary>
    /// <returns>The enrollment's id, or why not.</returns>
    public (long Id, Refusal? Refused) Begin(long journeyId, string? customerId, string? email)
    {
        if (!runner.TrustsClock)
        {
            return (0, new Refusal.State("The server's clock has jumped: nobody begins until it is right."));
        }

        var (begun, id, exists) = Do(journeyId, (commands, moves) =>
        {
            if (commands.Command("SELECT 1 FROM journeys WHERE id = $1", journeyId).ExecuteScalar() is null)
            {
                return (Begun.NotOpen, 0, false);
            }

            var contact = customerId is not null
                ? commands.Command("SELECT id FROM contacts WHERE customer_id = $1 AND deleted_at = 0", customerId).ExecuteScalar()
                : commands.Command("SELECT id FROM contacts WHERE email = $1 AND deleted_at = 0 ORDER BY customer_id IS NOT NULL, id LIMIT 1", email).ExecuteScalar();
            var (done, made) = new Enrolling(commands, moves).Begin(journeyId, contact as long? ?? 0, Now);
            return (done, made, true);
        });
        return begun switch
        {
            _ when !exists => (0, new Refusal.Missing("journey")),
            Begun.NoSuchContact => (0, new Refusal.Faults(customerId is null ? "email" : "customer_id", "there is no such contact")),
            Begun.NotOpen => (0, new Refusal.State("The journey is not published: nobody can begin it.")),
            Begun.AlreadyIn => (0, new Refusal.State("The contact is on this journey already.")),
            Begun.AlreadyBeen => (0, new Refusal.State("The contact went through this journey before, and everybody goes once.")),
            Begun.Suppressed => (0, new Refusal.State("The contact is suppressed, and whoever may not be mailed leaves this journey.")),
            Begun.Now => (id, null),
            _ => throw new InvalidOperationException($"{begun} has no answer."),
        };
    }

    /// <summary>Has a step that failed done once more.</summary>
    public Refusal? Retry(long journeyId, long id) => Change(journeyId, id, EnrollmentStatus.Failed, "Only what has failed can be tried again.", (moves, row) =>
        moves.Enrollments.Stand(row with { DueAt = Now, WaitsFor = 0 }));

    /// <summary>Has somebody leave.</summary>
    public Refusal? Exit(long journeyId, long id)
    {
        var refused = Change(journeyId, id, EnrollmentStatus.Active, "", Leave);
        return refused is Refusal.State ? Change(journeyId, id, EnrollmentStatus.Failed, "They are not on their way any more.", Leave) : refused;
    }

    private void Leave(JourneyMoves moves, EnrollmentRow row) => moves.Leave(row, JourneyMoves.ByHand, Now);

    private Refusal? Change(long journeyId, long id, EnrollmentStatus status, string otherwise, Action<JourneyMoves, EnrollmentRow> change) => Do<Refusal?>(journeyId, (commands, moves) =>
    {
        if (moves.Enrollments.Find(journeyId, id, status) is { } row)
        {
            change(moves, row);
            return null;
        }

        return commands.Command("SELECT 1 FROM enrollments WHERE id = $1 AND journey_id = $2", id, journeyId).ExecuteScalar() is null
            ? new Refusal.Missing(What) : new Refusal.State(otherwise);
    });

    private T Do<T>(long journeyId, Func<PreparedCommands, JourneyMoves, T> change)
    {
        using var connection = file.Open();
        using var commands = new PreparedCommands(connection);
        using var moves = new JourneyMoves(connection, commands, _actions, logger);
        using var transaction = connection.BeginTransaction();
        commands.Enter(transaction);
        var done = change(commands, moves);
        transaction.Commit();
        runner.Wake();
        live.Signal([LiveTopic.Journey(journeyId), LiveTopic.Journeys]);
        return done;
    }
}
