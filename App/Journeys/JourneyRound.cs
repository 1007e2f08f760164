using Microsoft.Data.Sqlite;
using ScoreTracking.Data;

namespace ScoreTracking.Journeys;

/// <summary>One transaction of the runner after another, on a connection of its own.</summary>
internal sealed class JourneyRound : IDisposable
{
    private readonly IReadOnlyList<IStepAction> _actions;
    private readonly SqliteConnection _connection;
    private readonly PreparedCommands _commands;
    private readonly JourneyMoves _moves;
    private readonly Enrolling _enrolling;
    private readonly CampaignTurns _turns;
    private readonly TimeProvider _clock;
    private readonly HashSet<long> _touched = [];

    // The journey whose turn is next: a large one must not keep the others waiting.
    private long _last;

    public JourneyRound(SqliteFile file, IReadOnlyList<IStepAction> actions, TimeProvider clock, ILogger logger)
    {
        (_actions, _clock) = (actions, clock);
        _connection = file.Open();
        _commands = new PreparedCommands(_connection);
        _moves = new JourneyMoves(_connection, _commands, actions, logger);
        _enrolling = new Enrolling(_commands, _moves);
        _turns = new CampaignTurns(_commands, _moves.Versions);
    }

    /// <summary>Journeys in which something happened in the last transaction.</summary>
    public IReadOnlyCollection<long> Touched => _touched;

    private long Now => _clock.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Whether there may be more to do than the last transaction had room for.</summary>
    public bool HasMore { get; private set; }

    /// <summary>Whether anybody is due, arrived or left over, without taking the write lock.</summary>
    public bool HasWork()
    {
        _commands.Enter(null);
        return _commands.Command(
            """
            SELECT EXISTS (SELECT 1 FROM journey_arrivals a LEFT JOIN journeys j ON j.id = a.journey_id WHERE coalesce(j.status, '') <> 'paused')
                OR EXISTS (SELECT 1 FROM journeys j WHERE j.status = 'published'
                    AND EXISTS (SELECT 1 FROM enrollments e WHERE e.journey_id = j.id AND e.status = 1 AND e.due_at > 0 AND e.due_at <= $1))
                OR EXISTS (SELECT 1 FROM journeys j WHERE j.status = 'archived'
                    AND EXISTS (SELECT 1 FROM enrollments e WHERE e.journey_id = j.id AND e.status IN (1, 4)))
                OR EXISTS (SELECT 1 FROM campaign_turns)
            """,
            Now).ExecuteScalar() is 1L;
    }

    /// <summary>Begins and moves up to so many people in one transaction.</summary>
    /// <param name="followed">How far the log was followed before this began.</param>
    /// <returns>How many were looked at.</returns>
    public int Run(long followed, int limit)
    {
        _touched.Clear();
        using var transaction = _connection.BeginTransaction();
        _commands.Enter(transaction);
        try
        {
            var isTurning = _turns.Take(Now);
            var done = Begin(limit) + End(limit);
            done += Move(followed, limit - done);
            HasMore = isTurning || done >= limit;
            transaction.Commit();
            Tell(committed: true);
            return done;
        }
        catch
        {
            _touched.Clear();
            Tell(committed: false);
            throw;
        }
        finally
        {
            _commands.Enter(null);
        }
    }

    public void Dispose()
    {
        _moves.Dispose();
        _commands.Dispose();
        _connection.Dispose();
    }

    private void Tell(bool committed)
    {
        foreach (var action in _actions)
        {
            action.Ended(committed);
        }
    }

    // Those of a paused journey wait until it goes on.
    private int Begin(int limit)
    {
        var arrived = new List<(long Id, long Journey, long Contact)>();
        using (var reader = _commands.Command(
            """
            SELECT a.id, a.journey_id, a.contact_id FROM journey_arrivals a LEFT JOIN journeys j ON j.id = a.journey_id
            WHERE coalesce(j.status, '') <> 'paused' ORDER BY a.id LIMIT $1
            """,
            limit).ExecuteReader())
        {
            while (reader.Read())
            {
                arrived.Add((reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2)));
            }
        }

        foreach (var (id, journey, contact) in arrived)
        {
            _commands.Command("DELETE FROM journey_arrivals WHERE id = $1", id).ExecuteNonQuery();
            if (_enrolling.Begin(journey, contact, Now).Id != 0)
            {
                _touched.Add(journey);
            }
        }

        return arrived.Count;
    }

    // Whoever is on the way of a journey that is archived.
    private int End(int limit)
    {
        var ended = 0;
        foreach (var journey in Journeys(JourneyStatus.Archived))
        {
            foreach (var row in limit > ended ? _moves.Enrollments.Unended(journey, limit - ended) : [])
            {
                _moves.Leave(row, JourneyMoves.Archived, Now);
                _touched.Add(journey);
                ended++;
            }
        }

        return ended;
    }

    private int Move(long followed, int limit)
    {
        // What is committed with the cursor is settled, too: a look that was asked for by it must see why.
        var settled = Math.Max(followed, _commands.Command("SELECT position FROM cursors WHERE name = $1", JourneyFollower.CursorName).ExecuteScalar() as long? ?? 0);
        var moved = 0;
        var journeys = Journeys(JourneyStatus.Published);
        foreach (var journey in journeys.Where(id => id > _last).Concat(journeys.Where(id => id <= _last)))
        {
            if (moved >= limit)
            {
                break;
            }

            var due = _moves.Enrollments.Due(journey, Now, limit - moved);
            foreach (var row in due)
            {
                _moves.Move(row, Now, settled);
            }

            if (due.Count > 0)
            {
                _touched.Add(journey);
                _last = journey;
                moved += due.Count;
            }
        }

        return moved;
    }

    private List<long> Journeys(string status)
    {
        var ids = new List<long>();
        using var reader = _commands.Command("SELECT id FROM journeys WHERE status = $1 ORDER BY id", status).ExecuteReader();
        while (reader.Read())
        {
            ids.Add(reader.GetInt64(0));
        }

        return ids;
    }
}
