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
    private readonly WatchedPeople _watched = new(file);

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
                _watched.Write(journeyId, joined: members, left: [], begin: false);
                members.Clear();
            }
        }

        _watched.Write(journeyId, joined: members, left: [], begin: false);
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

        var news = _watched.TakeNews(MaxNews);
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

        return _watched.Write(journey, joined: [.. members], left: [.. contacts.Where(contact => !members.Contains(contact))], begin: true);
    }

    // Both are in the order of ids.
    private async Task<bool> LookThroughAsync(long journey, SegmentRule rule, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        var (begun, joined, left) = (false, new List<long>(), new List<long>());
        using var known = _watched.Walk(journey);
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
                begun |= _watched.Write(journey, joined, left, begin: true);
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
            _watched.Write(journey, [], some, begin: true);
        }

        begun |= _watched.Write(journey, joined, [], begin: true);
        var pause = TimeSpan.FromTicks(Math.Max(options.Value.LookEvery.Ticks, Stopwatch.GetElapsedTime(started).Ticks * Rest));
        _nextLook[journey] = clock.GetTimestamp() + (long)(pause.TotalSeconds * clock.TimestampFrequency);
        return begun;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Segments that journeys begin with could not be looked at and will be looked at again")]
    private partial void LogRetry(Exception exception);
}
