using Microsoft.Data.Sqlite;

namespace ScoreTracking.Data;

/// <summary>Statements of one connection, each prepared once: preparing them again for each row costs more than running them.</summary>
internal sealed class PreparedCommands(SqliteConnection connection) : IDisposable
{
    private readonly Dictionary<string, SqliteCommand> _commands = new(StringComparer.Ordinal);
    private SqliteTransaction? _transaction;

    /// <summary>Statements from here on belong to this transaction, or to none.</summary>
    public void Enter(SqliteTransaction? transaction) => _transaction = transaction;

    /// <summary>The transaction statements now belong to; null for none.</summary>
    public SqliteTransaction? Transaction => _transaction;

    /// <summary>A statement of the transaction in progress, prepared once; parameters are $1, $2 …</summary>
    public SqliteCommand Command(string sql, params ReadOnlySpan<object?> values)
    {
        if (!_commands.TryGetValue(sql, out var command))
        {
            _commands[sql] = command = connection.CreateCommand();
#pragma warning disable CA2100 // Every statement is a constant of this program.
            command.CommandText = sql;
#pragma warning restore CA2100
            for (var i = 1; i <= values.Length; i++)
            {
                command.Parameters.Add(new SqliteParameter { ParameterName = $"${i}" });
            }
        }

        command.Transaction = _transaction;
        for (var i = 0; i < values.Length; i++)
        {
            command.Parameters[i].Value = values[i] ?? DBNull.Value;
        }

        return command;
    }

    /// <summary>Runs a statement that returns the id of what it inserted.</summary>
    public long Id(string sql, params ReadOnlySpan<object?> values) => (long)Command(sql, values).ExecuteScalar()!;

    public void Dispose()
    {
        foreach (var command in _commands.Values)
        {
            command.Dispose();
        }
    }
}
