using ScoreTracking.Data;
using ScoreTracking.Live;

namespace ScoreTracking.Suppressions;

/// <summary>What came of taking an address off the list.</summary>
public enum LiftOutcome
{
    Lifted,
    NotListed,

    /// <summary>A complaint or an unsubscribe is only lifted with a note.</summary>
    NoteMissing,
}

/// <summary>Changes the suppression list where a person, a program, a file or an ESP says so. Each call is one transaction, on disk when it returns.</summary>
/// <exception cref="Microsoft.Data.Sqlite.SqliteException">The database is busy or its disk is full: nothing changed.</exception>
public sealed class SuppressionList(SqliteFile file, LiveUpdates live, TimeProvider clock)
{
    /// <summary>In characters.</summary>
    public const int MaxNote = 500;

    /// <summary>What is wrong with a note, to stand behind its field's name; null if nothing is.</summary>
    public static string? NoteError(string note) =>
        note.Length > MaxNote ? $"must have at most {MaxNote} characters" : note.Any(character => char.IsControl(character) && character != '\n') ? "must be plain text" : null;

    /// <summary>Puts an address on the list by hand. One that is on it keeps its reason; a new note replaces that of an earlier entry by hand.</summary>
    /// <returns>Whether it was not on the list before.</returns>
    public bool Add(string email, string source, string note)
    {
        var added = Write(rows =>
        {
            var grounds = rows.Of(email);
            var before = SuppressionRows.Find(grounds, SuppressionReason.Manual);
            var ground = before is { } known
                ? known with { Note = note.Length > 0 ? note : known.Note }
                : new SuppressionGround(email, SuppressionReason.Manual, source, 0, 0, note, clock.GetUtcNow().ToUnixTimeMilliseconds());
            rows.Put(ground);
            return grounds.Count == 0;
        });
        live.Signal([LiveTopic.Suppressions, LiveTopic.Contacts]);
        return added;
    }

    /// <summary>Takes an address off the list: what was known against it until now counts no longer, what happens from now on does.</summary>
    /// <param name="by">Who does, by name.</param>
    public LiftOutcome Lift(string email, string note, string by)
    {
        var outcome = Write(rows =>
        {
            var grounds = rows.Of(email);
            if (grounds.Count == 0)
            {
                return LiftOutcome.NotListed;
            }

            if (note.Length == 0 && grounds.Exists(ground => SuppressionRules.NeedsNote(ground.Reason)))
            {
                return LiftOutcome.NoteMissing;
            }

            rows.Lift(email, note, by, clock.GetUtcNow().ToUnixTimeMilliseconds());
            return LiftOutcome.Lifted;
        });
        if (outcome == LiftOutcome.Lifted)
        {
            live.Signal([LiveTopic.Suppressions, LiveTopic.Contacts]);
        }

        return outcome;
    }

    /// <summary>An ESP took something back: the address asked for mail again, or a complaint was a mistake. What was reported as happening later still holds, whichever arrives first.</summary>
    public void Retract(IReadOnlyCollection<(string Email, string Reason, DateTimeOffset At)> retracted, string by)
    {
        Write(rows =>
        {
            foreach (var (email, reason, at) in retracted)
            {
                rows.LiftReported(email, reason, by, at.ToUnixTimeMilliseconds());
            }

            return true;
        });
        live.Signal([LiveTopic.Suppressions, LiveTopic.Contacts]);
    }

    /// <summary>Does something to the list in a transaction of its own; nothing stays where it throws.</summary>
    internal T Write<T>(Func<SuppressionRows, T> change)
    {
        using var connection = Open();
        connection.Begin();
        try
        {
            var result = change(new SuppressionRows(connection));
            connection.Commit();
            return result;
        }
        catch
        {
            connection.Rollback();
            throw;
        }
    }

    internal WriteConnection Open() => new(file, "wal_autocheckpoint=0", "synchronous=FULL", "secure_delete=ON", "temp_store=MEMORY");
}
