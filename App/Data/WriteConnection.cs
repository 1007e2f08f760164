using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace ScoreTracking.Data;

/// <summary>A connection of the ingest path: SQLite's own interface without ADO.NET between, since that costs a third of the writer's speed. For one thread at a time.</summary>
public sealed class WriteConnection : IDisposable
{
    private readonly sqlite3 _db;
    private readonly List<Statement> _statements = [];
    private readonly WriteTurns? _turns;

    static WriteConnection() => Batteries_V2.Init();

    /// <summary>A connection that writes to the main database, in turn with all others of this process.</summary>
    /// <param name="pragmas">Run one by one before anything else.</param>
    /// <exception cref="SqliteException">The file cannot be opened.</exception>
    public WriteConnection(SqliteFile file, params ReadOnlySpan<string> pragmas)
        : this(file.Path, pragmas)
    {
        _turns = file.Turns;
        _turns.Serve(_db);
    }

    /// <summary>A connection to a file nobody else of this process writes to, or one that only reads.</summary>
    /// <param name="pragmas">Run one by one before anything else.</param>
    /// <exception cref="SqliteException">The file cannot be opened.</exception>
    public WriteConnection(string path, params ReadOnlySpan<string> pragmas)
    {
        var code = raw.sqlite3_open_v2(path, out _db, raw.SQLITE_OPEN_READWRITE | raw.SQLITE_OPEN_CREATE | raw.SQLITE_OPEN_NOMUTEX, null);
        Check(code);
        Check(raw.sqlite3_busy_timeout(_db, 5000));
        foreach (var pragma in pragmas)
        {
            Execute($"PRAGMA {pragma}");
        }
    }

    /// <summary>Prepares a statement that lives as long as the connection.</summary>
    public Statement Prepare(string sql)
    {
        Check(raw.sqlite3_prepare_v3(_db, sql, raw.SQLITE_PREPARE_PERSISTENT, out var statement));
        var prepared = new Statement(this, statement);
        _statements.Add(prepared);
        return prepared;
    }

    public void Execute(string sql) => Check(raw.sqlite3_exec(_db, sql));

    /// <summary>Takes the write lock at once, waiting up to five seconds for its turn.</summary>
    public void Begin()
    {
        _turns?.Await(CancellationToken.None); // A batch that waits is stored also while the server stops.
        try
        {
            Execute("BEGIN IMMEDIATE");
        }
        finally
        {
            WriteTurns.Begun();
        }
    }

    public void Commit()
    {
        Execute("COMMIT");
        _turns?.Released();
    }

    /// <summary>Ends a transaction that failed; one SQLite already ended is fine.</summary>
    public void Rollback()
    {
        if (raw.sqlite3_get_autocommit(_db) == 0)
        {
            Execute("ROLLBACK");
            _turns?.Released();
        }
    }

    /// <summary>Ends the statement that runs, from another thread: it throws with SQLITE_INTERRUPT.</summary>
    public void Interrupt() => raw.sqlite3_interrupt(_db);

    /// <summary>Rows the last statement changed.</summary>
    public int Changes => raw.sqlite3_changes(_db);

    public long LastInsertedId => raw.sqlite3_last_insert_rowid(_db);

    /// <summary>Pages written to the WAL since the last checkpoint.</summary>
    public int PagesWritten
    {
        get
        {
            raw.sqlite3_db_status(_db, raw.SQLITE_DBSTATUS_CACHE_WRITE, out var pages, out _, 0);
            return pages;
        }
    }

    /// <summary>Copies the WAL into the database as far as readers allow. True when all of it is there, synced.</summary>
    public bool Checkpoint(bool truncate = false)
    {
        raw.sqlite3_db_status(_db, raw.SQLITE_DBSTATUS_CACHE_WRITE, out _, out _, 1);
        var code = raw.sqlite3_wal_checkpoint_v2(_db, "main", truncate ? raw.SQLITE_CHECKPOINT_TRUNCATE : raw.SQLITE_CHECKPOINT_PASSIVE, out var frames, out var copied);
        return code == raw.SQLITE_OK && frames == copied;
    }

    public void Dispose()
    {
        foreach (var statement in _statements)
        {
            statement.Dispose();
        }

        _db.Dispose();
    }

    internal void Check(int code)
    {
        if (code is raw.SQLITE_OK or raw.SQLITE_ROW or raw.SQLITE_DONE)
        {
            return;
        }

        throw new SqliteException(raw.sqlite3_errmsg(_db).utf8_to_string(), code & 0xFF, raw.sqlite3_extended_errcode(_db));
    }
}

/// <summary>A prepared statement. Parameters count from 1, columns from 0.</summary>
public sealed class Statement(WriteConnection connection, sqlite3_stmt statement) : IDisposable
{
    public Statement Bind(int parameter, long value)
    {
        connection.Check(raw.sqlite3_bind_int64(statement, parameter, value));
        return this;
    }

    public Statement Bind(int parameter, string? value)
    {
        connection.Check(value is null ? raw.sqlite3_bind_null(statement, parameter) : raw.sqlite3_bind_text(statement, parameter, value));
        return this;
    }

    public Statement Bind(int parameter, ReadOnlySpan<byte> value)
    {
        connection.Check(raw.sqlite3_bind_blob(statement, parameter, value));
        return this;
    }

    public Statement BindReal(int parameter, double? value)
    {
        connection.Check(value is { } real ? raw.sqlite3_bind_double(statement, parameter, real) : raw.sqlite3_bind_null(statement, parameter));
        return this;
    }

    /// <summary>Binds a parameter by its name, "$campaign"; a name the statement does not have is passed by.</summary>
    /// <exception cref="ArgumentException">Neither null, text nor a number.</exception>
    public Statement Bind(string name, object? value)
    {
        var parameter = raw.sqlite3_bind_parameter_index(statement, name);
        if (parameter == 0)
        {
            return this;
        }

        return value switch
        {
            null or DBNull => Bind(parameter, (string?)null),
            string text => Bind(parameter, text),
            double real => BindReal(parameter, real),
            IConvertible number => Bind(parameter, number.ToInt64(provider: null)),
            _ => throw new ArgumentException($"{name} cannot be bound", nameof(value)),
        };
    }

    /// <summary>True while there is a row. A statement that returned one must be <see cref="Reset"/>.</summary>
    public bool Step()
    {
        var code = raw.sqlite3_step(statement);
        if (code == raw.SQLITE_ROW)
        {
            return true;
        }

        if (code != raw.SQLITE_DONE)
        {
            raw.sqlite3_reset(statement);
            connection.Check(code);
        }

        return false;
    }

    public void Reset() => raw.sqlite3_reset(statement);

    /// <summary>Runs a statement that returns nothing.</summary>
    public void Run()
    {
        Step();
        Reset();
    }

    /// <summary>The first column of the first row, or null without one.</summary>
    public long? Scalar()
    {
        long? value = Step() ? Number(0) : null;
        Reset();
        return value;
    }

    public long Number(int column) => raw.sqlite3_column_int64(statement, column);

    /// <summary>Null for null.</summary>
    public double? Real(int column) => IsNull(column) ? null : raw.sqlite3_column_double(statement, column);

    public string Text(int column) => raw.sqlite3_column_text(statement, column).utf8_to_string();

    /// <summary>A blob, or a text in UTF-8; empty for null. Valid until the next step.</summary>
    public ReadOnlySpan<byte> Blob(int column) => raw.sqlite3_column_blob(statement, column);

    /// <summary>What SQLite counted for this statement since it was prepared: steps of its machine, sorts, rows of full scans.</summary>
    internal long Cost(int what) => raw.sqlite3_stmt_status(statement, what, 0);

    public bool IsNull(int column) => raw.sqlite3_column_type(statement, column) == raw.SQLITE_NULL;

    public void Dispose() => statement.Dispose();
}
