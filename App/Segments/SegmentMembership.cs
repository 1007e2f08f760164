using ScoreTracking.Data;
using ScoreTracking.Engagement;

namespace ScoreTracking.Segments;

/// <summary>Asks of one person at a time whether they belong, inside the caller's transaction; what was asked before is prepared once.</summary>
public sealed class SegmentMembership(WriteConnection connection)
{
    // Rules change seldom; whoever writes a thousand ones pays for it again.
    private const int MostPrepared = 1_000;

    private readonly Statement _weights = connection.Prepare("SELECT half_life_days FROM score_weights WHERE ranked_at > 0 ORDER BY id DESC LIMIT 1");
    private readonly Dictionary<string, Statement> _statements = new(StringComparer.Ordinal);

    public bool Has(SegmentRule rule, long contactId, DateTimeOffset now)
    {
        var query = SegmentSql.Translate(rule, Clock(now));
        var sql = $"SELECT {query.Has("$contact")}";
        if (!_statements.TryGetValue(sql, out var statement))
        {
            if (_statements.Count == MostPrepared)
            {
                foreach (var prepared in _statements.Values)
                {
                    prepared.Dispose();
                }

                _statements.Clear();
            }

            _statements[sql] = statement = connection.Prepare(sql);
        }

        foreach (var (name, value) in query.Parameters)
        {
            statement.Bind(name, value);
        }

        return statement.Bind("$contact", contactId).Scalar() == 1;
    }

    /// <summary>The moment rules look back from, by the scores the connection sees.</summary>
    public ScoreClock Clock(DateTimeOffset now)
    {
        var halfLife = _weights.Step() ? _weights.Real(0) : null;
        _weights.Reset();
        return ScoreClock.Of(now, halfLife);
    }
}
