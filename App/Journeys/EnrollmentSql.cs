using Microsoft.Data.Sqlite;
using ScoreTracking.Data;

namespace ScoreTracking.Journeys;

/// <summary>A person on the way, as stored.</summary>
internal sealed record EnrollmentRow(
    long Id, long JourneyId, int Version, long ContactId, string Step, long StepAt, int Sequence, long DueAt, long WaitsFor, long EnteredAt);

/// <summary>Reads and writes people on journeys, inside the transaction <paramref name="commands"/> has entered.</summary>
internal sealed class EnrollmentSql(PreparedCommands commands)
{
    private const string Columns = "id, journey_id, version, contact_id, step, step_at, sequence, due_at, waits_for, entered_at";

    /// <summary>Has an active enrollment looked at again at the next opportunity; for work that was handed to something else.</summary>
    public const string LookAgain = "UPDATE enrollments SET due_at = 1 WHERE id = $1 AND sequence = $2 AND status = 1";

    /// <summary>People of a journey whose time has come, those waiting longest first.</summary>
    public List<EnrollmentRow> Due(long journeyId, long now, int limit)
    {
        using var reader = commands.Command(
            $"SELECT {Columns} FROM enrollments INDEXED BY enrollments_due WHERE journey_id = $1 AND status = 1 AND due_at > 0 AND due_at <= $2 ORDER BY due_at, id LIMIT $3",
            journeyId, now, limit).ExecuteReader();
        return Read(reader);
    }

    /// <summary>People who have not come to an end yet.</summary>
    public List<EnrollmentRow> Unended(long journeyId, int limit)
    {
        using var reader = commands.Command($"SELECT {Columns} FROM enrollments WHERE journey_id = $1 AND status IN (1, 4) LIMIT $2", journeyId, limit).ExecuteReader();
        return Read(reader);
    }

    /// <summary>An enrollment that is active or has failed; null without.</summary>
    public EnrollmentRow? Find(long journeyId, long id, EnrollmentStatus status)
    {
        using var reader = commands.Command($"SELECT {Columns} FROM enrollments WHERE id = $1 AND journey_id = $2 AND status = $3", id, journeyId, (long)status).ExecuteReader();
        return Read(reader).FirstOrDefault();
    }

    /// <returns>0 where the contact has begun the journey by the same key before.</returns>
    public long Insert(long journeyId, int version, long contactId, string key, string firstStep, long now) => commands.Command(
        """
        INSERT INTO enrollments (journey_id, version, contact_id, trigger_key, status, step, step_at, sequence, due_at, waits_for, entered_at)
        VALUES ($1, $2, $3, $4, 1, $5, $6, 0, $6, 0, $6) ON CONFLICT (journey_id, trigger_key) DO NOTHING RETURNING id
        """,
        journeyId, version, contactId, key, firstStep, now).ExecuteScalar() as long? ?? 0;

    /// <summary>How often a contact has begun the journey, and whether they are still on it.</summary>
    public (long Times, bool IsIn) Rounds(long journeyId, long contactId)
    {
        using var reader = commands.Command(
            "SELECT count(*), coalesce(sum(status IN (1, 4)), 0) FROM enrollments INDEXED BY enrollments_contact WHERE contact_id = $1 AND journey_id = $2", contactId, journeyId).ExecuteReader();
        reader.Read();
        return (reader.GetInt64(0), reader.GetInt64(1) > 0);
    }

    /// <summary>Where a person stands from now on.</summary>
    public void Stand(EnrollmentRow row) => commands.Command(
        "UPDATE enrollments SET status = 1, step = $2, step_at = $3, sequence = $4, due_at = $5, waits_for = $6, ended_because = '' WHERE id = $1",
        row.Id, row.Step, row.StepAt, row.Sequence, row.DueAt, row.WaitsFor).ExecuteNonQuery();

    /// <summary>A person moves no more, where the row says they are.</summary>
    public void End(EnrollmentRow row, EnrollmentStatus status, string because, long now) => commands.Command(
        "UPDATE enrollments SET status = $2, step = $3, step_at = $4, sequence = $5, due_at = 0, waits_for = 0, ended_at = $6, ended_because = $7 WHERE id = $1",
        row.Id, (long)status, row.Step, row.StepAt, row.Sequence, status == EnrollmentStatus.Failed ? 0 : now, because).ExecuteNonQuery();

    public void Note(long enrollmentId, int sequence, string step, long now, StepResult.Go done) => commands.Command(
        "INSERT INTO enrollment_steps (enrollment_id, sequence, step, at, outcome, message_id, detail) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        enrollmentId, sequence, step, now, done.Outcome, done.MessageId, done.Detail).ExecuteNonQuery();

    public void Count(long journeyId, int version, string step, string outcome) => commands.Command(
        "INSERT INTO journey_counts (journey_id, version, step, outcome, people) VALUES ($1, $2, $3, $4, 1) ON CONFLICT (journey_id, version, step, outcome) DO UPDATE SET people = people + 1",
        journeyId, version, step, outcome).ExecuteNonQuery();

    /// <summary>The message a send step of this enrollment made or found; 0 without.</summary>
    public long MessageOf(long enrollmentId, string step) => commands.Command(
        "SELECT message_id FROM enrollment_steps WHERE enrollment_id = $1 AND step = $2 AND message_id > 0 ORDER BY sequence DESC LIMIT 1", enrollmentId, step).ExecuteScalar() as long? ?? 0;

    private static List<EnrollmentRow> Read(SqliteDataReader reader)
    {
        var rows = new List<EnrollmentRow>();
        while (reader.Read())
        {
            rows.Add(new EnrollmentRow(
                reader.GetInt64(0), reader.GetInt64(1), reader.GetInt32(2), reader.GetInt64(3), reader.GetString(4), reader.GetInt64(5), reader.GetInt32(6), reader.GetInt64(7), reader.GetInt64(8),
                reader.GetInt64(9)));
        }

        return rows;
    }
}

/// <summary>The words journey_counts has beside the outcomes of steps.</summary>
internal static class JourneyCounting
{
    /// <summary>Stands where a step does, for the journey as a whole.</summary>
    public const string Whole = "";
    public const string Entered = "entered";
    public const string Completed = "completed";

    /// <summary>Of the whole, and of the step people stood on when they left: no branch may have this key.</summary>
    public const string Exited = "exited";
}
