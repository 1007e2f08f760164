using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using ScoreTracking.Data;
using ScoreTracking.Journeys;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Journeys;

/// <summary>People standing on one step of a published journey: the runner is not to look at them until it is told to, and the step may be asked to act by the test.</summary>
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
        db.Add(new JourneyCount { JourneyId = journey.Id, Version = 1, Step = JourneyCounting.Whole, Outcome = JourneyCounting.Entered, People = 1 });
        await db.SaveChangesAsync();
        return enrollment;
    }

    /// <summary>Has the runner look at a person.</summary>
    public static async Task StartAsync(this TestApp app, Enrollment standing)
    {
        await using var db = app.Database();
        await db.Enrollments.Where(one => one.Id == standing.Id).ExecuteUpdateAsync(set => set.SetProperty(one => one.DueAt, 1));
        app.Services.GetRequiredService<JourneyRunner>().Wake();
    }

    /// <summary>Waits until the runner has brought a person to the end, or to a failure; returns what the step said.</summary>
    public static async Task<(EnrollmentStatus Status, string Detail)> EndedAsync(this TestApp app, Enrollment standing)
    {
        Enrollment now = standing;
        await Eventually.TrueAsync(async () =>
        {
            await using var db = app.Database();
            return (now = await db.Enrollments.SingleAsync(one => one.Id == standing.Id)).Status != EnrollmentStatus.Active;
        });
        await using var log = app.Database();
        return (now.Status, now.EndedBecause.Length > 0 ? now.EndedBecause : (await log.EnrollmentSteps.SingleAsync(step => step.EnrollmentId == standing.Id)).Detail);
    }

    /// <summary>Acts once, in a transaction of its own; what follows is stored as the runner stores it, or taken back.</summary>
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
        using var rules = new RuleChecks(connection, commands);
        var now = app.Clock.GetUtcNow().ToUnixTimeMilliseconds();
        var result = action.Act(
            new ActingPerson(
                enrollment.Id, enrollment.JourneyId, enrollment.Version, enrollment.ContactId, enrollment.Sequence, enrollment.EnteredAt.ToUnixTimeMilliseconds(),
                enrollment.StepAt.ToUnixTimeMilliseconds(), now, long.MaxValue, definition, connection, transaction, commands, rules),
            step);
        var sql = new EnrollmentSql(commands);
        var row = sql.Find(enrollment.JourneyId, enrollment.Id, EnrollmentStatus.Active)!;
        switch (result)
        {
            case StepResult.Go go:
                sql.Note(row.Id, row.Sequence, step.Id, now, go);
                sql.Count(row.JourneyId, row.Version, step.Id, go.Outcome);
                sql.End(row with { Sequence = row.Sequence + 1 }, EnrollmentStatus.Completed, "", now);
                sql.Count(row.JourneyId, row.Version, JourneyCounting.Whole, JourneyCounting.Completed);
                break;
            case StepResult.Failed failed:
                sql.End(row, EnrollmentStatus.Failed, failed.Why, now);
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

    /// <summary>Waits until something asks for another look at a person, where the runner does not look because the clock has jumped.</summary>
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
