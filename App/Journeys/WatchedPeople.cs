using Microsoft.Data.Sqlite;
using ScoreTracking.Data;

namespace ScoreTracking.Journeys;

/// <summary>Who was in the segments journeys begin with when they were last looked at, and who may have joined or left since.</summary>
internal sealed class WatchedPeople(SqliteFile file)
{
    /// <summary>Takes people off the list before they are looked at: whatever happens to them meanwhile puts them on it again.</summary>
    public List<long> TakeNews(int limit)
    {
        using var connection = file.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "DELETE FROM contact_news WHERE contact_id IN (SELECT contact_id FROM contact_news LIMIT $limit) RETURNING contact_id";
        command.Parameters.AddWithValue("$limit", limit);
        if (!HasNews(connection))
        {
            return [];
        }

        var news = new List<long>();
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            news.Add(reader.GetInt64(0));
        }

        return news;
    }

    /// <summary>Notes who is in the segment of a journey and who is not any more. Whoever was noted before does not begin again, whatever found them.</summary>
    /// <param name="begin">Whether those who joined begin.</param>
    /// <returns>Whether anybody is to begin.</returns>
    public bool Write(long journey, List<long> joined, IReadOnlyList<long> left, bool begin)
    {
        if (joined.Count + left.Count == 0)
        {
            return false;
        }

        using var connection = file.Open();
        using var transaction = connection.BeginTransaction();
        using var commands = new PreparedCommands(connection);
        commands.Enter(transaction);
        var begun = false;
        foreach (var contact in left)
        {
            commands.Command("DELETE FROM segment_watch WHERE journey_id = $1 AND contact_id = $2", journey, contact).ExecuteNonQuery();
        }

        foreach (var contact in joined)
        {
            if (commands.Command("INSERT INTO segment_watch (journey_id, contact_id) VALUES ($1, $2) ON CONFLICT DO NOTHING", journey, contact).ExecuteNonQuery() > 0 && begin)
            {
                commands.Command("INSERT INTO journey_arrivals (journey_id, contact_id) VALUES ($1, $2)", journey, contact).ExecuteNonQuery();
                begun = true;
            }
        }

        transaction.Commit();
        return begun;
    }

    public WatchWalk Walk(long journey) => new(file, journey);

    private static bool HasNews(SqliteConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT EXISTS (SELECT 1 FROM contact_news)";
        return command.ExecuteScalar() is 1L;
    }

    /// <summary>Who was in the segment when it was last looked at, by id, a page at a time: no reader stays open.</summary>
    internal sealed class WatchWalk : IDisposable
    {
        private const int Page = 5_000;

        private readonly SqliteConnection _connection;
        private readonly long _journey;
        private readonly Queue<long> _page = [];
        private long _after;
        private bool _isDone;

        public WatchWalk(SqliteFile file, long journey)
        {
            (_connection, _journey) = (file.Open(), journey);
            Next();
        }

        /// <summary>Null behind the last.</summary>
        public long? Current { get; private set; }

        public void Next()
        {
            if (_page.Count == 0 && !_isDone)
            {
                using var command = _connection.CreateCommand();
                command.CommandText = "SELECT contact_id FROM segment_watch WHERE journey_id = $journey AND contact_id > $after ORDER BY contact_id LIMIT $page";
                command.Parameters.AddWithValue("$journey", _journey);
                command.Parameters.AddWithValue("$after", _after);
                command.Parameters.AddWithValue("$page", Page);
                using var reader = command.ExecuteReader();
                while (reader.Read())
                {
                    _page.Enqueue(reader.GetInt64(0));
                }

                _isDone = _page.Count < Page;
            }

            Current = _page.TryDequeue(out var next) ? next : null;
            _after = Current ?? _after;
        }

        public void Dispose() => _connection.Dispose();
    }
}
