using Microsoft.Data.Sqlite;
using ScoreTracking.Api;
using ScoreTracking.Data;
using ScoreTracking.Live;

namespace ScoreTracking.Segments;

/// <summary>A list as the API and the pages show it.</summary>
/// <param name="Contacts">How many people are on it.</param>
public sealed record ListAnswer(string Id, string Name, long Contacts, DateTimeOffset CreatedAt);

/// <summary>What became of a change to a list.</summary>
/// <param name="Id">0 where nothing was done.</param>
/// <param name="Error">What is wrong with the name; null where it is fine.</param>
/// <param name="Conflict">Why the state forbids it, as a sentence; null where it does not.</param>
internal sealed record ListOutcome(long Id, string? Error = null, string? Conflict = null)
{
    public static ListOutcome Missing { get; } = new(0);
}

/// <summary>Makes, names and removes lists, and says who is on them.</summary>
internal sealed class ContactLists(SqliteFile file, LiveUpdates live, TimeProvider clock)
{
    public const int MaxName = 100;

    /// <summary>More would be no choice any more: attributes tell people apart without a list for each value.</summary>
    public const int MaxLists = 1_000;

    private const int UniqueViolated = 2067;

    /// <summary>What is wrong with a name, or null.</summary>
    public static string? NameError(string? name) => name switch
    {
        null => "required",
        _ when string.IsNullOrWhiteSpace(name) => "required",
        { Length: > MaxName } => $"longer than {MaxName} characters",
        _ when name.Any(char.IsControl) => "control characters are not allowed",
        _ => null,
    };

    public ListOutcome Create(string? name)
    {
        if (NameError(name?.Trim()) is { } wrong)
        {
            return new ListOutcome(0, wrong);
        }

        using var connection = file.Open();
        using var commands = new PreparedCommands(connection);
        using var transaction = connection.BeginTransaction();
        commands.Enter(transaction);
        if ((long)commands.Command("SELECT count(*) FROM lists").ExecuteScalar()! >= MaxLists)
        {
            return new ListOutcome(0, Conflict: $"There may be {MaxLists} lists: remove one first.");
        }

        try
        {
            var id = commands.Id("INSERT INTO lists (name, created_at) VALUES ($1, $2) RETURNING id", name!.Trim(), clock.GetUtcNow().ToUnixTimeMilliseconds());
            transaction.Commit();
            live.Signal(LiveTopic.Segments);
            return new ListOutcome(id);
        }
        catch (SqliteException taken) when (taken.SqliteExtendedErrorCode == UniqueViolated)
        {
            return Taken(name!);
        }
    }

    public ListOutcome Rename(long id, string? name)
    {
        if (NameError(name?.Trim()) is { } wrong)
        {
            return new ListOutcome(0, wrong);
        }

        try
        {
            var renamed = Run("UPDATE lists SET name = $2 WHERE id = $1", id, name!.Trim());
            live.Signal(LiveTopic.Segments);
            return renamed ? new ListOutcome(id) : ListOutcome.Missing;
        }
        catch (SqliteException taken) when (taken.SqliteExtendedErrorCode == UniqueViolated)
        {
            return Taken(name!);
        }
    }

    /// <summary>Removes a list; the people stay contacts. Refused while a segment or a journey that is not archived goes by it.</summary>
    public async Task<ListOutcome> RemoveAsync(ScoreDb db, long id, CancellationToken cancellationToken)
    {
        if (await AudienceUses.WordsAsync(db, PublicId.List(id), cancellationToken) is { } used)
        {
            return new ListOutcome(0, Conflict: $"The list is used by {used}.");
        }

        if (!Run("DELETE FROM lists WHERE id = $1", id))
        {
            return ListOutcome.Missing;
        }

        live.Signal([LiveTopic.Segments, LiveTopic.Contacts]);
        return new ListOutcome(id);
    }

    /// <summary>Puts a person on a list; whoever is on it stays since when they are.</summary>
    /// <returns>False without such a list or contact.</returns>
    public bool Put(long listId, long contactId)
    {
        using var connection = file.Open();
        using var commands = new PreparedCommands(connection);
        var known = commands.Command("SELECT 1 FROM lists, contacts WHERE lists.id = $1 AND contacts.id = $2 AND contacts.deleted_at = 0", listId, contactId).ExecuteScalar() is not null;
        if (known && Put(commands, listId, contactId, clock.GetUtcNow().ToUnixTimeMilliseconds()))
        {
            Signal(contactId);
        }

        return known;
    }

    /// <summary>Puts a person on a list inside a caller's transaction; nothing where the list is gone.</summary>
    /// <param name="now">Unix milliseconds.</param>
    /// <returns>Whether the person was not on it before.</returns>
    public static bool Put(PreparedCommands commands, long listId, long contactId, long now) => commands.Command(
        "INSERT OR IGNORE INTO list_members (list_id, contact_id, added_at) SELECT id, $2, $3 FROM lists WHERE id = $1", listId, contactId, now).ExecuteNonQuery() == 1;

    /// <returns>False where the person was not on it.</returns>
    public bool TakeOff(long listId, long contactId)
    {
        if (!Run("DELETE FROM list_members WHERE list_id = $1 AND contact_id = $2", listId, contactId))
        {
            return false;
        }

        Signal(contactId);
        return true;
    }

    private static ListOutcome Taken(string name) => new(0, Conflict: $"There is a list “{name.Trim()}” already.");

    private void Signal(long contactId) => live.Signal([LiveTopic.Segments, LiveTopic.Contact(contactId), LiveTopic.Contacts]);

    private bool Run(string sql, long id, object? value = null)
    {
        using var connection = file.Open();
        using var commands = new PreparedCommands(connection);
        return (value is null ? commands.Command(sql, id) : commands.Command(sql, id, value)).ExecuteNonQuery() > 0;
    }
}
