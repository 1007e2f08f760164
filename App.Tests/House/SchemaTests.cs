using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using ScoreTracking.Data;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.House;

public sealed class SchemaTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("scoretracking-schema-").FullName;

    [Fact]
    public void The_migrations_make_the_golden_schema()
    {
        var file = Migrated("golden.db");

        using var connection = file.Open();
        var statements = Read(connection, "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY type DESC, name");

        Golden.Matches("House/schema.sql", string.Join(";\n\n", statements) + ";\n");
    }

    [Fact]
    public void The_migrations_and_the_model_agree_on_every_column()
    {
        var migrated = Migrated("migrated.db");
        var modelled = new SqliteFile(Path.Combine(_directory, "modelled.db"));
        using var db = new ScoreDb(new DbContextOptionsBuilder<ScoreDb>().UseSqlite(modelled.ConnectionString).Options);
        db.Database.EnsureCreated();

        const string columns = """
            SELECT t.name || '.' || c.name || ' ' || c.type || ' notnull=' || max(c."notnull", c.pk > 0) || ' key=' || c.pk
            FROM sqlite_schema t JOIN pragma_table_info(t.name) c WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%' ORDER BY 1
            """;
        using var a = migrated.Open();
        using var b = modelled.Open();

        Assert.Equal(Read(b, columns), Read(a, columns));
    }

    [Fact]
    public void Migrating_twice_changes_nothing()
    {
        var file = Migrated("twice.db");

        Assert.Equal(0, Migrator.Apply(file));
    }

    [Fact]
    public void A_database_of_a_newer_release_is_refused_in_words()
    {
        var file = Migrated("newer.db");
        using (var connection = file.Open())
        {
            Read(connection, "PRAGMA user_version=9999");
        }

        var refused = Assert.Throws<InvalidOperationException>(() => Migrator.Apply(file));

        Assert.Contains("newer release", refused.Message, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        Directory.Delete(_directory, recursive: true);
    }

    private SqliteFile Migrated(string name)
    {
        var file = new SqliteFile(Path.Combine(_directory, name));
        Migrator.Apply(file);
        return file;
    }

    private static List<string> Read(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        using var reader = command.ExecuteReader();
        var rows = new List<string>();
        while (reader.Read())
        {
            rows.Add(reader.GetString(0));
        }

        return rows;
    }
}
