using Microsoft.Data.Sqlite;
using ScoreTracking.Data;
using SQLitePCL;

namespace ScoreTracking.Segments;

/// <summary>A reading connection with one rule prepared on it. For one thread at a time.</summary>
internal sealed class SegmentReader : IDisposable
{
    private readonly WriteConnection _connection;
    private readonly Statement _statement;

    private SegmentReader(WriteConnection connection, Statement statement) => (_connection, _statement) = (connection, statement);

    /// <summary>Counts the members among ranges of contacts. What is the same for all ranges is looked up here, which may take a while.</summary>
    /// <exception cref="OperationCanceledException">Even in the middle of a statement.</exception>
    public static SegmentReader Counting(string path, SegmentRule rule, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var connection = Open(path, "query_only=0");
        try
        {
            var query = SegmentCountQuery.Of(rule, new SegmentMembership(connection).Clock(now));
            foreach (var set in query.Sets)
            {
                Interruptible(connection, () => Bind(connection.Prepare(set), query.Parameters).Step(), cancellationToken);
            }

            connection.Execute("PRAGMA query_only=1");
            return new SegmentReader(connection, Bind(connection.Prepare(query.Sql), query.Parameters));
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Looks whether single contacts are members.</summary>
    public static SegmentReader Asking(string path, SegmentRule rule, DateTimeOffset now) => Open(path, rule, now, "SELECT count(*)", "");

    /// <summary>Finds the members in a range of contacts, in the order of their ids.</summary>
    public static SegmentReader Finding(string path, SegmentRule rule, DateTimeOffset now) =>
        Open(path, rule, now, "SELECT segk.contact_id", " ORDER BY segk.contact_id LIMIT $limit");

    /// <summary>The highest id a contact has.</summary>
    public static long LastContact(string path)
    {
        using var connection = Open(path);
        return connection.Prepare("SELECT max(contact_id) FROM contact_state").Scalar() ?? 0;
    }

    /// <param name="after">The contact before the first.</param>
    /// <param name="until">The last.</param>
    /// <exception cref="OperationCanceledException">Even in the middle of a statement.</exception>
    public long Count(long after, long until, CancellationToken cancellationToken) =>
        Interruptible(_connection, () => _statement.Bind("$after", after).Bind("$until", until).Scalar() ?? 0, cancellationToken);

    /// <inheritdoc cref="Count"/>
    public void Find(long after, long until, int limit, List<long> into, CancellationToken cancellationToken) => Interruptible(
        _connection,
        () =>
        {
            _statement.Bind("$after", after).Bind("$until", until).Bind("$limit", limit);
            while (_statement.Step())
            {
                into.Add(_statement.Number(0));
            }

            _statement.Reset();
            return 0L;
        },
        cancellationToken);

    public void Dispose() => _connection.Dispose();

    private static SegmentReader Open(string path, SegmentRule rule, DateTimeOffset now, string select, string tail)
    {
        var connection = Open(path);
        try
        {
            var query = SegmentSql.TranslateRanged(rule, new SegmentMembership(connection).Clock(now));
            var statement = connection.Prepare($"{select} FROM {SegmentQuery.From} WHERE {SegmentSql.InRange("segk.contact_id")} AND {query.Where}{tail}");
            return new SegmentReader(connection, Bind(statement, query.Parameters));
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private static WriteConnection Open(string path, string mode = "query_only=1") => new(path, mode, "wal_autocheckpoint=0", "temp_store=MEMORY", "cache_size=-8000");

    private static Statement Bind(Statement statement, IReadOnlyList<(string Name, object Value)> parameters)
    {
        foreach (var (name, value) in parameters)
        {
            statement.Bind(name, value);
        }

        return statement;
    }

    private static T Interruptible<T>(WriteConnection connection, Func<T> read, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();

        // Disposing waits for an interrupt under way, so that none hits the next statement.
        using var registration = cancellationToken.Register(connection.Interrupt);
        try
        {
            return read();
        }
        catch (SqliteException exception) when (exception.SqliteErrorCode == raw.SQLITE_INTERRUPT)
        {
            throw new OperationCanceledException(exception.Message, exception, cancellationToken);
        }
    }
}
