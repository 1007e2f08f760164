using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore.Diagnostics;
using SQLitePCL;
using System.Data;
using System.Data.Common;
using System.Runtime.CompilerServices;

namespace ScoreTracking.Data;

/// <summary>Where the database is and how its connections are tuned.</summary>
public sealed class SqliteFile(string path)
{
    public string Path { get; } = path;

    /// <summary>Who writes to it next.</summary>
    internal WriteTurns Turns { get; } = new();

    /// <summary>For reads and admin writes: they wait up to five seconds for their turn to write, and never checkpoint.</summary>
    public string ConnectionString { get; } = new SqliteConnectionStringBuilder
    {
        DataSource = path,
        DefaultTimeout = 5,
        Pooling = true,
        ForeignKeys = true,
    }.ToString();

    public SqliteConnection Open()
    {
        var connection = new TurnTakingConnection(this);
        connection.Open();
        Tune(connection);
        return connection;
    }

    // Versions before 3.51.3 can corrupt a WAL when two connections checkpoint while another commits,
    // so only the event writer ever does: every other connection switches it off.
    private void Tune(SqliteConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA wal_autocheckpoint=0; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON; PRAGMA temp_store=MEMORY; PRAGMA cache_size=-8000;";
        command.ExecuteNonQuery();
        Turns.Serve(connection.Handle!);
    }

    private sealed class TurnTakingConnection(SqliteFile file) : SqliteConnection(file.ConnectionString)
    {
        public override SqliteTransaction BeginTransaction(IsolationLevel isolationLevel, bool deferred)
        {
            // Deferred is how a read begins.
            if (!deferred)
            {
                file.Turns.Await(CancellationToken.None); // The interface has none.
            }

            try
            {
                return base.BeginTransaction(isolationLevel, deferred);
            }
            finally
            {
                WriteTurns.Begun();
            }
        }
    }

    /// <summary>Tunes each connection EF opens: once per SQLite handle, since pooled ones keep their settings and six statements would cost more than most reads.</summary>
    internal sealed class TuneInterceptor(SqliteFile file) : DbConnectionInterceptor
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
            var opened = (SqliteConnection)connection;
            var handle = opened.Handle!;
            if (!_tuned.TryGetValue(handle, out _))
            {
                file.Tune(opened);
                _tuned.AddOrUpdate(handle, this);
            }
        }
    }

    /// <summary>Has each transaction EF begins wait its turn, those of SaveChanges too. Single statements outside of one wait where they find the database locked.</summary>
    internal sealed class TurnInterceptor(SqliteFile file) : DbTransactionInterceptor
    {
        public override InterceptionResult<DbTransaction> TransactionStarting(
            DbConnection connection, TransactionStartingEventData eventData, InterceptionResult<DbTransaction> result)
        {
            Await(CancellationToken.None); // A synchronous call has none.
            return result;
        }

        public override ValueTask<InterceptionResult<DbTransaction>> TransactionStartingAsync(
            DbConnection connection, TransactionStartingEventData eventData, InterceptionResult<DbTransaction> result, CancellationToken cancellationToken = default)
        {
            Await(cancellationToken);
            return new(result);
        }

        // Nobody tells whether it then began, so a refusal after this wait counts as a new wish.
        private void Await(CancellationToken cancellationToken)
        {
            file.Turns.Await(cancellationToken);
            WriteTurns.Begun();
        }
    }
}
