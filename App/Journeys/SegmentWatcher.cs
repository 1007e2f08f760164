using System.Diagnostics;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using ScoreTracking.Data;
using ScoreTracking.Engagement;
using ScoreTracking.Segments;

namespace ScoreTracking.Journeys;

/// <summary>
/// Finds out who joins the segments journeys begin with. People something happened to are looked at at once; by time alone
/// people join and leave, too, so the whole segment is looked through now and then.
/// </summary>
internal sealed partial class SegmentWatcher(
    SegmentQueries segments, IDbContextFactory<ScoreDb> databases, SqliteFile file, JourneyRunner runner, TimeProvider clock, IOptions<JourneyOptions> options, ILogger<SegmentWatcher> logger)
    : BackgroundService
{
    /// <summary>People looked at in one query, and rows written in one transaction.</summary>
    private const int Chunk = 500;

    /// <summary>Beyond so many it is quicker to look through the whole segment.</summary>
    private const int MaxNews = 20_000;

    /// <summary>Between two looks at least so many times what the last one took.</summary>
    private const int Rest = 20;

    private static readonly TimeSpan s_tick = TimeSpan.FromMilliseconds(500);

    // By the monotonic clock.
    private readonly System.Collections.Concurrent.ConcurrentDictionary<long, long> _nextLook = [];
    private readonly ClockGuard _guard = new(clock);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(s_tick);
        using var end = stoppingToken.Register(timer.Dispose);
        try
        {
            while (await timer.WaitForNextTickAsync(CancellationToken.None)) // Disposed at the end, it says false.
            {
                try
                {
                    if (_guard.IsSane)
                    {
                        await LookAsync(stoppingToken);
                    }
                }
                catch (SqliteException exception)
                {
                    LogRetry(exception);
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Whom it did not come to is met at the next look.
        }
    }

    /// <summary>Notes who is in a segment now: they do not begin. Before the journey is published.</summary>
    public async Task SetOutAsync(long journeyId, SegmentRule? rule, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        while (await db.Database.ExecuteSqlAsync(
            $"DELETE FROM segment_watch WHERE journey_id = {journeyId} AND contact_id IN (SELECT contact_id FROM segment_watch WHERE journey_id = {journeyId} LIMIT 5000)", cancellationToken) > 0)
        {
        }

        _nextLook.TryRemove(journeyId, out _);
        if (rule is null)
        {
            return;
        }

        var members = new List<long>();
        await foreach (var contact in segments.MembersAsync(rule, cancellationToken))
        {
            members.Add(contact);
            if (members.Count == Chunk)
            {
                Write(journeyId, joined: members, left: [], begin: false);
                members.Clear();
            }
        }

        Write(journeyId, joined: members, left: [], begin: false);
    }

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var watched = await (
            from watching in db.JourneySegments
            join segment in db.Segments on watching.SegmentId equals segment.Id
            select new { watching.JourneyId, segment.Rule }).ToListAsync(cancellationToken);
        if (watched.Count == 0)
        {
            return;
        }

        var news = Take();
        var begun = false;
        foreach (var (journey, rule) in watched.Select(one => (one.JourneyId, SegmentRuleJson.Stored(one.Rule))))
        {
            var now = clock.GetTimestamp();
            if (news.Count >= MaxNews || !_nextLook.TryGetValue(journey, out var next) || now >= next)
            {
                begun |= await LookThroughAsync(journey, rule, cancellationToken);
            }
            else
            {
                foreach (var some in news.Chunk(Chunk))
                {
                    begun |= LookAt(journey, rule, some);
                }
            }
        }

        if (begun)
        {
            runner.Wake();
        }
    }

    // Taken off the list before they are looked at: whatever happens to them meanwhile puts them on it again.
    private List<long> Take()
    {
        using var connection = file.Open();
        using var command = connection.CreateCommand();
        command.CommandText = $"DELETE FROM contact_news WHERE contact_id IN (SELECT contact_id FROM contact_news LIMIT {MaxNews}) RETURNING contact_id";
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

    private static bool HasNews(SqliteConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT EXISTS (SELECT 1 FROM contact_news)";
        return command.ExecuteScalar() is 1L;
    }

    private bool LookAt(long journey, SegmentRule rule, long[] contacts)
    {
        var members = new HashSet<long>();
        using (var connection = file.Open())
        using (var command = connection.CreateCommand())
        {
            command.CommandText = "SELECT half_life_days FROM score_weights WHERE ranked_at > 0 ORDER BY id DESC LIMIT 1";
            var query = SegmentSql.Translate(rule, ScoreClock.Of(clock.GetUtcNow(), command.ExecuteScalar() as double?));
#pragma warning disable CA2100 // What a rule says travels as parameters.
            command.CommandText = $"SELECT segk.contact_id FROM {SegmentQuery.From} WHERE segk.contact_id IN (SELECT value FROM json_each($contacts)) AND {query.Where}";
#pragma warning restore CA2100
            command.Parameters.AddWithValue("$contacts", $"[{string.Join(',', contacts)}]");
            foreach (var (name, value) in query.Parameters)
            {
                command.Parameters.AddWithValue(name, value);
            }

            using var reader = command.ExecuteReader();
            while (reader.Read())
            {
                members.Add(reader.GetInt64(0));
            }
        }

        return Write(journey, joined: [.. members], left: [.. contacts.Where(contact => !members.Contains(contact))], begin: true);
    }

    // Both are in the order of ids.
    private async Task<bool> LookThroughAsync(long journey, SegmentRule rule, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        var (begun, joined, left) = (false, new List<long>(), new List<long>());
        using var known = new WatchWalk(file, journey);
        await foreach (var member in segments.MembersAsync(rule, cancellationToken))
        {
            while (known.Current is { } before && before < member)
            {
                left.Add(before);
                known.Next();
            }

            if (known.Current == member)
            {
                known.Next();
            }
            else
            {
                joined.Add(member);
            }

            if (joined.Count + left.Count >= Chunk)
            {
                begun |= Write(journey, joined, left, begin: true);
                joined.Clear();
                left.Clear();
            }
        }

        for (; known.Current is { } gone; known.Next())
        {
            left.Add(gone);
        }

        foreach (var some in left.Chunk(Chunk))
        {
            Write(journey, [], some, begin: true);
        }

        begun |= Write(journey, joined, [], begin: true);
        var pause = TimeSpan.FromTicks(Math.Max(options.Value.LookEvery.Ticks, Stopwatch.GetElapsedTime(started).Ticks * Rest));
        _nextLook[journey] = clock.GetTimestamp() + (long)(pause.TotalSeconds * clock.TimestampFrequency);
        return begun;
    }

    // Whoever was noted before does not begin again, whatever found them.
    private bool Write(long journey, List<long> joined, IReadOnlyList<long> left, bool begin)
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

    [LoggerMessage(Level = LogLevel.Warning, Message = "Segments that journeys begin with could not be looked at and will be looked at again")]
    private partial void LogRetry(Exception exception);

    /// <summary>Who was in the segment when it was last looked at, by id, a page at a time: no reader stays open.</summary>
    private sealed class WatchWalk : IDisposable
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
