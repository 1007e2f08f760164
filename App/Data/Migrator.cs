using System.Reflection;
using Microsoft.Data.Sqlite;

namespace ScoreTracking.Data;

/// <summary>Brings a database to the newest schema: numbered SQL files, each applied once in a transaction of its own. <c>PRAGMA user_version</c> holds the last number applied.</summary>
public static class Migrator
{
    private const string Prefix = "Migrations/";

    /// <summary>Applies what is missing, after a copy of an existing database named after its version.</summary>
    /// <returns>How many migrations were applied.</returns>
    /// <exception cref="InvalidOperationException">The database was written by a newer release.</exception>
    public static int Apply(SqliteFile file)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(file.Path)!);
        using var connection = file.Open();
        Execute(connection, "PRAGMA journal_mode=WAL");

        var migrations = All();
        var version = Version(connection);
        if (version > migrations[^1].Number)
        {
            throw new InvalidOperationException(
                $"The database is at version {version}, this program knows only {migrations[^1].Number}: it was written by a newer release. Start that one, or restore a backup.");
        }

        var missing = migrations.Where(migration => migration.Number > version).ToList();
        if (version > 0 && missing.Count > 0)
        {
            Backup(connection, $"{file.Path}.before-{missing[0].Number:0000}");
        }

        foreach (var migration in missing)
        {
            using var transaction = connection.BeginTransaction();
            Execute(connection, migration.Sql, transaction);
            Execute(connection, $"PRAGMA user_version={migration.Number}", transaction);
            transaction.Commit();
        }

        return missing.Count;
    }

    /// <summary>Every migration of this release, in order.</summary>
    public static IReadOnlyList<(int Number, string Sql)> All()
    {
        var assembly = Assembly.GetExecutingAssembly();
        return [.. assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(Prefix, StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .Select(name =>
            {
                using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
                return (int.Parse(name.AsSpan(Prefix.Length, 4), provider: null), reader.ReadToEnd());
            })];
    }

    private static long Version(SqliteConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA user_version";
        return (long)command.ExecuteScalar()!;
    }

    private static void Backup(SqliteConnection connection, string path)
    {
        File.Delete(path);
        using var command = connection.CreateCommand();
        command.CommandText = "VACUUM INTO $path";
        command.Parameters.AddWithValue("$path", path);
        command.ExecuteNonQuery();
    }

    private static void Execute(SqliteConnection connection, string sql, SqliteTransaction? transaction = null)
    {
        using var command = connection.CreateCommand();
        command.Transaction = transaction;
#pragma warning disable CA2100 // The text comes from this assembly, never from input.
        command.CommandText = sql;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }
}
