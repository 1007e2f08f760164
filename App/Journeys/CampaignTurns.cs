using ScoreTracking.Data;
using ScoreTracking.Journeys.Actions;

namespace ScoreTracking.Journeys;

/// <summary>
/// Has whoever waits at a campaign looked at when it goes on or is over, a piece in each of the caller's transactions. A trigger notes
/// the campaign within the transaction that changes it, whoever does; after a crash a note is worked through from its beginning.
/// </summary>
internal sealed class CampaignTurns(PreparedCommands commands, JourneyVersions versions)
{
    /// <summary>People walked by in one transaction.</summary>
    internal const int Piece = 1_000;

    private readonly Queue<long> _journeys = [];
    private readonly HashSet<(long Journey, long Version, string Step)> _steps = [];
    private long _turn;
    private long _until;
    private (long DueAt, long Id) _behind;

    /// <summary>Asks for the next people to be looked at.</summary>
    /// <param name="now">Unix milliseconds.</param>
    /// <returns>Whether there was anything to do: there may be more.</returns>
    public bool Take(long now)
    {
        if (_turn == 0 && !Begin(now))
        {
            return false;
        }

        if (_journeys.TryPeek(out var journey))
        {
            Wake(journey, now);
            return true;
        }

        commands.Command("DELETE FROM campaign_turns WHERE id = $1", _turn).ExecuteNonQuery();
        _turn = 0;
        return true;
    }

    private bool Begin(long now)
    {
        using (var noted = commands.Command("SELECT id, campaign_id FROM campaign_turns ORDER BY id LIMIT 1").ExecuteReader())
        {
            if (!noted.Read())
            {
                return false;
            }

            _turn = noted.GetInt64(0);
            FindSteps(noted.GetInt64(1));
        }

        // Whoever waits was told to come back within this time.
        (_until, _behind) = (now + SendAction.Latest, (now, long.MaxValue));
        return true;
    }

    private void FindSteps(long campaignId)
    {
        _steps.Clear();
        _journeys.Clear();
        var published = new List<(long Journey, long Version)>();
        using (var reader = commands.Command(
            "SELECT v.journey_id, v.version FROM journey_versions v JOIN journeys j ON j.id = v.journey_id WHERE j.status IN ('published', 'paused') ORDER BY v.journey_id, v.version").ExecuteReader())
        {
            while (reader.Read())
            {
                published.Add((reader.GetInt64(0), reader.GetInt64(1)));
            }
        }

        foreach (var (journey, version) in published)
        {
            foreach (var send in versions.Find(journey, (int)version)?.Steps.OfType<SendStep>().Where(send => send.CampaignId == campaignId) ?? [])
            {
                _steps.Add((journey, version, send.Id));
            }
        }

        foreach (var journey in _steps.Select(step => step.Journey).Distinct().Order())
        {
            _journeys.Enqueue(journey);
        }
    }

    // In the order they are due: whoever was asked for is due now, and so behind the place this has come to.
    private void Wake(long journey, long now)
    {
        var (walked, waiting) = (0, new List<long>());
        using (var reader = commands.Command(
            """
            SELECT id, version, step, due_at FROM enrollments INDEXED BY enrollments_due
            WHERE journey_id = $1 AND status = 1 AND due_at > 0 AND (due_at, id) > ($2, $3) AND due_at <= $4 ORDER BY due_at, id LIMIT $5
            """,
            journey, _behind.DueAt, _behind.Id, _until, Piece).ExecuteReader())
        {
            while (reader.Read())
            {
                walked++;
                _behind = (reader.GetInt64(3), reader.GetInt64(0));
                if (_steps.Contains((journey, reader.GetInt64(1), reader.GetString(2))))
                {
                    waiting.Add(reader.GetInt64(0));
                }
            }
        }

        foreach (var id in waiting)
        {
            commands.Command("UPDATE enrollments SET due_at = 1 WHERE id = $1", id).ExecuteNonQuery();
        }

        if (walked < Piece)
        {
            _journeys.Dequeue();
            _behind = (now, long.MaxValue);
        }
    }
}
