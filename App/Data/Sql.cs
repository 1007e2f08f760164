using System.Data.Common;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace ScoreTracking.Data;

/// <summary>Runs one statement of a report on the context's connection, past EF: a summary is read within microseconds.</summary>
internal static class Sql
{
    /// <summary>Until disposed, every read on this context sees the same commit. Nothing is locked.</summary>
    public static async Task<IAsyncDisposable> SnapshotAsync(ScoreDb db, CancellationToken cancellationToken)
    {
        await db.Database.OpenConnectionAsync(cancellationToken);

        // Deferred, because the default begins as a writer and would make the event writer wait.
        var transaction = ((SqliteConnection)db.Database.GetDbConnection()).BeginTransaction(deferred: true);
        return new Snapshot(db, transaction);
    }

    /// <param name="sql">A constant; values travel as parameters.</param>
    /// <param name="read">Called for each row.</param>
    public static async Task ReadAsync(
        ScoreDb db, string sql, (string Name, object Value)[] parameters, Action<DbDataReader> read, CancellationToken cancellationToken)
    {
        await db.Database.OpenConnectionAsync(cancellationToken);
        try
        {
            await using var command = db.Database.GetDbConnection().CreateCommand();
#pragma warning disable CA2100 // Callers pass constants.
            command.CommandText = sql;
#pragma warning restore CA2100
            foreach (var (name, value) in parameters)
            {
                var parameter = command.CreateParameter();
                parameter.ParameterName = name;
                parameter.Value = value;
                command.Parameters.Add(parameter);
            }

            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
            {
                read(reader);
            }
        }
        finally
        {
            await db.Database.CloseConnectionAsync();
        }
    }

    private sealed class Snapshot(ScoreDb db, SqliteTransaction transaction) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await transaction.DisposeAsync();
            await db.Database.CloseConnectionAsync();
        }
    }
}
