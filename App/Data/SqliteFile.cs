using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore.Diagnostics;
using SQLitePCL;
using System.Data.Common;
using System.Runtime.CompilerServices;

namespace ScoreTracking.Data;

/// <summary>Where the database is and how its connections are tuned.</summary>
public sealed class SqliteFile(string path)
{
    public string Path { get; } = path;

    /// <summary>For reads and admin writes: they wait up to five seconds for the event writer, and never checkpoint.</summary>
    public string ConnectionString { get; } = new SqliteConnectionStringBuilder
    {
        DataSource = path,
        DefaultTimeout = 5,
        Pooling = true,
        ForeignKeys = true,
    }.ToString();

    public SqliteConnection Open()
    {
        var connection = new SqliteConnection(ConnectionString);
        connection.Open();
        Tune(connection);
        return connection;
    }

    // Versions before 3.51.3 can corrupt a WAL when two connections checkpoint while another commits,
    // so only the event writer ever does: every other connection switches it off.
    internal static void Tune(DbConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA wal_autocheckpoint=0; PRAGMA synchronous=FULL; PRAGMA busy_timeout=5000; PRAGMA secure_delete=ON; PRAGMA temp_store=MEMORY; PRAGMA cache_size=-8000;";
        command.ExecuteNonQuery();
    }

    /// <summary>Tunes each connection EF opens: once per SQLite handle, since pooled ones keep their settings and six statements would cost more than most reads.</summary>
    internal sealed class TuneInterceptor : DbConnectionInterceptor
    {
        private readonly ConditionalWeakTable<sqlite3, object> _tuned = [];

        public override void ConnectionOpened(DbConnection connection, ConnectionEndEventData eventData) => TuneOnce(connection);

        public override Task ConnectionOpenedAsync(DbConnection connection, ConnectionEndEventData eventData, CancellationToken cancellationToken = default)
        {
            TuneOnce(connection);
            return Task.CompletedTask;
        }

        private void TuneOnce(DbConnection connection)
        {
            var handle = ((SqliteConnection)connection).Handle!;
            if (!_tuned.TryGetValue(handle, out _))
            {
                Tune(connection);
                _tuned.AddOrUpdate(handle, this);
            }
        }
    }
}
