using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using ScoreTracking.Data;
using ScoreTracking.Journeys;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Journeys;

/// <summary>People standing on one step of a published journey, and that step acting on them in a transaction of its own, as it is moved in.</summary>
internal static class StepScene
{
    /// <summary>A person on the first step of a journey of its own.</summary>
    public static async Task<Enrollment> GivenStandingAsync(this TestApp app, JourneyStep step, long contactId, bool leaves = true)
    {
        var definition = new JourneyDefinition(new JourneyTrigger.Api(), [step], new JourneyExits(leaves, null), AgainAfterEnd: false);
        await using var db = app.Database();
        var now = app.Clock.GetUtcNow();
        var journey = new Journey { Name = "Welcome <b>", Status = JourneyStatus.Published, Definition = JourneyJson.Write(definition), Version = 1, CreatedAt = now, UpdatedAt = now };
        db.Add(journey);
        await db.SaveChangesAsync();
        db.Add(new JourneyVersion { JourneyId = journey.Id, Version = 1, Definition = journey.Definition, PublishedAt = now });
        var enrollment = new Enrollment
        {
            JourneyId = journey.Id, Version = 1, ContactId = contactId, TriggerKey = "api", Status = EnrollmentStatus.Active, Step = step.Id, StepAt = now, EnteredAt = now,
        };
        db.Add(enrollment);
        await db.SaveChangesAsync();
        return enrollment;
    }

    /// <summary>Acts once; what follows is stored as a runner stores it, or taken back.</summary>
    public static async Task<StepResult> ActAsync(this TestApp app, Enrollment standing, bool commits = true)
    {
        await using var db = app.Database();
        var enrollment = await db.Enrollments.SingleAsync(one => one.Id == standing.Id);
        var definition = JourneyJson.Read((await db.JourneyVersions.SingleAsync(version => version.JourneyId == enrollment.JourneyId && version.Version == enrollment.Version)).Definition);
        var step = definition.Find(enrollment.Step)!;
        var action = app.Services.GetServices<IStepAction>().Single(one => one.Does(step));
        using var connection = app.Services.GetRequiredService<SqliteFile>().Open();
        using var transaction = connection.BeginTransaction();
        using var commands = new PreparedCommands(connection);
        commands.Enter(transaction);
        var now = app.Clock.GetUtcNow().ToUnixTimeMilliseconds();
        var result = action.Act(
            new ActingPerson(
                enrollment.Id, enrollment.JourneyId, enrollment.Version, enrollment.ContactId, enrollment.Sequence, enrollment.EnteredAt.ToUnixTimeMilliseconds(),
                enrollment.StepAt.ToUnixTimeMilliseconds(), now, definition, connection, transaction, commands),
            step);
        switch (result)
        {
            case StepResult.Go go:
                commands.Command(
                    "INSERT INTO enrollment_steps (enrollment_id, sequence, step, at, outcome, message_id, detail) VALUES ($1, $2, $3, $4, $5, $6, $7)",
                    enrollment.Id, enrollment.Sequence, step.Id, now, go.Outcome, go.MessageId, go.Detail).ExecuteNonQuery();
                commands.Command("UPDATE enrollments SET sequence = sequence + 1, status = 2, due_at = 0 WHERE id = $1", enrollment.Id).ExecuteNonQuery();
                break;
            case StepResult.Later later:
                commands.Command("UPDATE enrollments SET due_at = $2 WHERE id = $1", enrollment.Id, later.DueAt).ExecuteNonQuery();
                break;
            case StepResult.Failed:
                commands.Command("UPDATE enrollments SET status = 4, due_at = 0 WHERE id = $1", enrollment.Id).ExecuteNonQuery();
                break;
            case StepResult.Handed:
                commands.Command("UPDATE enrollments SET due_at = 0 WHERE id = $1", enrollment.Id).ExecuteNonQuery();
                break;
        }

        if (commits)
        {
            transaction.Commit();
        }
        else
        {
            transaction.Rollback();
        }

        action.Ended(commits);
        return result;
    }

    /// <summary>Waits until something asks for another look at a person.</summary>
    public static Task AskedForAsync(this TestApp app, Enrollment standing) => Eventually.TrueAsync(async () =>
    {
        await using var db = app.Database();
        return await db.Enrollments.AnyAsync(one => one.Id == standing.Id && one.DueAt > 0);
    });

    public static async Task<StepCall?> CallAsync(this TestApp app, Enrollment standing)
    {
        await using var db = app.Database();
        return await db.StepCalls.SingleOrDefaultAsync(call => call.EnrollmentId == standing.Id);
    }
}
