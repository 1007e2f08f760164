using Microsoft.Data.Sqlite;
using ScoreTracking.Data;
using ScoreTracking.Engagement;
using ScoreTracking.Segments;

namespace ScoreTracking.Journeys;

/// <summary>Asks whether a contact is one a rule speaks of, inside the transaction <paramref name="commands"/> has entered.</summary>
internal sealed class RuleChecks(SqliteConnection connection, PreparedCommands commands) : IDisposable
{
    // Rules of journeys and segments: few, and texts in them are parameters.
    private const int MostPrepared = 500;

    private readonly Dictionary<string, SqliteCommand> _prepared = new(StringComparer.Ordinal);

    /// <param name="now">Unix milliseconds.</param>
    public bool Has(SegmentRule rule, long contactId, long now)
    {
        var query = SegmentSql.Translate(rule, Clock(now));
        var sql = $"SELECT {query.Has("$contact")}";
        if (!_prepared.TryGetValue(sql, out var command))
        {
            if (_prepared.Count == MostPrepared)
            {
                Forget();
            }

            _prepared[sql] = command = connection.CreateCommand();
#pragma warning disable CA2100 // What a rule says travels as parameters.
            command.CommandText = sql;
#pragma warning restore CA2100
        }

        command.Parameters.Clear();
        foreach (var (name, value) in query.Parameters)
        {
            command.Parameters.AddWithValue(name, value);
        }

        command.Parameters.AddWithValue("$contact", contactId);
        command.Transaction = commands.Transaction;
        return command.ExecuteScalar() is 1L;
    }

    /// <summary>A segment's rule; null where the segment is gone.</summary>
    public SegmentRule? Find(long segmentId) =>
        commands.Command("SELECT rule FROM segments WHERE id = $1", segmentId).ExecuteScalar() is string json ? SegmentRuleJson.Stored(json) : null;

    /// <summary>The score a contact has, as people see it: 0 to 100.</summary>
    /// <param name="now">Unix milliseconds.</param>
    public double ScoreOf(long contactId, long now)
    {
        var rank = commands.Command("SELECT rank FROM contact_state WHERE contact_id = $1", contactId).ExecuteScalar() as double?;
        return Clock(now).Shown(rank);
    }

    public void Dispose() => Forget();

    private ScoreClock Clock(long now)
    {
        var halfLife = commands.Command("SELECT half_life_days FROM score_weights WHERE ranked_at > 0 ORDER BY id DESC LIMIT 1").ExecuteScalar() as double?;
        return ScoreClock.Of(DateTimeOffset.FromUnixTimeMilliseconds(now), halfLife);
    }

    private void Forget()
    {
        foreach (var command in _prepared.Values)
        {
            command.Dispose();
        }

        _prepared.Clear();
    }
}
