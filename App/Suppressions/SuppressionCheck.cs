using System.Text.Json;
using Microsoft.Data.Sqlite;
using ScoreTracking.Data;

namespace ScoreTracking.Suppressions;

/// <summary>The one question asked wherever mail or instrumented content leaves: may this address get it, and if not, why.</summary>
public sealed class SuppressionCheck(SqliteFile file, ErasedPeople erased, HeldUnsubscribes held)
{
    /// <summary>The question as a statement on a connection of the caller's, for one address after the other inside a transaction.</summary>
    public SuppressionLookup On(SqliteConnection connection) => new(connection, erased, held);

    /// <summary>The question within a statement of the caller's: for whoever asks thousands of times a second.</summary>
    public SuppressionColumn Column { get; } = new(erased, held);

    /// <summary>The same for many addresses at once; valid ones, as <see cref="EmailAddress"/> spells them.</summary>
    /// <returns>The suppressed ones with their reason, compared without case.</returns>
    public async Task<IReadOnlyDictionary<string, string>> ReasonsAsync(IReadOnlyCollection<string> emails, CancellationToken cancellationToken)
    {
        var reasons = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        await using var connection = file.Open();
        await using (var listed = connection.CreateCommand())
        {
            listed.CommandText = "SELECT asked.value, s.reason FROM json_each($1) asked CROSS JOIN suppressions s ON s.email = asked.value";
            listed.Parameters.AddWithValue("$1", JsonSerializer.Serialize(emails));
            await using var reader = await listed.ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
            {
                reasons[reader.GetString(0)] = reader.GetString(1);
            }
        }

        await using var any = connection.CreateCommand();
        any.CommandText = "SELECT EXISTS (SELECT 1 FROM erased_people)";
        var anyErased = await any.ExecuteScalarAsync(cancellationToken) is not 0L;
        using var lookup = new SuppressionLookup(connection, erased, held);
        foreach (var email in emails)
        {
            if (!reasons.ContainsKey(email) && (anyErased ? lookup.UnlistedReason(email, transaction: null) : held.ReasonFor(email)) is { } reason)
            {
                reasons[email] = reason;
            }
        }

        return reasons;
    }
}

/// <summary>A <see cref="SuppressionCheck"/> on one connection: prepared once, for one thread.</summary>
public sealed class SuppressionLookup : IDisposable
{
    /// <summary>What is said of an erased person's address: an administrator wished it, and nothing else is known any more.</summary>
    public const string ErasedReason = SuppressionReason.Manual;

    private readonly ErasedPeople _erased;
    private readonly HeldUnsubscribes _held;
    private readonly SqliteCommand _reason;
    private readonly SqliteCommand? _isErased;

    internal SuppressionLookup(SqliteConnection connection, ErasedPeople erased, HeldUnsubscribes held)
    {
        (_erased, _held) = (erased, held);
        _reason = connection.CreateCommand();
        _reason.CommandText = "SELECT reason FROM suppressions WHERE email = $1";
        _reason.Parameters.Add("$1", SqliteType.Text);

        using var known = connection.CreateCommand();
        known.CommandText = "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'erased_people'";
        if (known.ExecuteScalar() is not null)
        {
            _isErased = connection.CreateCommand();
            _isErased.CommandText = "SELECT 1 FROM erased_people WHERE hash = $1";
            _isErased.Parameters.Add("$1", SqliteType.Blob);
        }
    }

    /// <summary>Why an address may not get mail, as the API writes it; null when it may.</summary>
    /// <param name="transaction">The connection's, where it is in one.</param>
    public string? ReasonFor(string email, SqliteTransaction? transaction)
    {
        _reason.Transaction = transaction;
        _reason.Parameters[0].Value = email;
        return _reason.ExecuteScalar() as string ?? UnlistedReason(email, transaction);
    }

    public void Dispose()
    {
        _reason.Dispose();
        _isErased?.Dispose();
    }

    /// <summary>Why an address that is not on the list may not get mail all the same: its unsubscribe is on the way there, or the person was erased.</summary>
    internal string? UnlistedReason(string email, SqliteTransaction? transaction) =>
        _held.ReasonFor(email) ?? (IsErased(email, transaction) ? ErasedReason : null);

    private bool IsErased(string email, SqliteTransaction? transaction)
    {
        if (_isErased is null)
        {
            return false;
        }

        _isErased.Transaction = transaction;
        _isErased.Parameters[0].Value = _erased.HashOf(email);
        return _isErased.ExecuteScalar() is not null;
    }
}

/// <summary>A <see cref="SuppressionCheck"/> as a column of a statement that asks other things as well: one look at the database for all of them.</summary>
public sealed class SuppressionColumn
{
    /// <summary>The reason, or null; of the parameters ?1, the address, and ?2, what stands for it where its person was erased.</summary>
    public const string Sql = $"coalesce((SELECT reason FROM suppressions WHERE email = ?1), (SELECT '{SuppressionLookup.ErasedReason}' FROM erased_people WHERE hash = ?2))";

    private readonly ErasedPeople _erased;
    private readonly HeldUnsubscribes _held;

    internal SuppressionColumn(ErasedPeople erased, HeldUnsubscribes held) => (_erased, _held) = (erased, held);

    /// <summary>Why an address may not get mail whatever the database says. To be asked before it: what is held is let go only once the list has it.</summary>
    public string? HeldReason(string email) => _held.ReasonFor(email);

    public Statement Bind(Statement statement, string email) => statement.Bind(1, email).Bind(2, _erased.HashOf(email));
}
