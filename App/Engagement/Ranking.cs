using System.Diagnostics;
using ScoreTracking.Data;

namespace ScoreTracking.Engagement;

/// <summary>What a step of ranking came to.</summary>
internal enum RankingStep
{
    /// <summary>Every contact is ranked by the newest weights.</summary>
    Nothing,
    More,

    /// <summary>The newest weights are now in effect.</summary>
    Done,
}

/// <summary>
/// Ranks all contacts by the newest weights, beside the ranks in effect, which go on moving meanwhile; then all of them take
/// their place in one transaction, so that nobody ever sees contacts ranked by different weights. Goes on where a stop left it.
/// </summary>
internal sealed class Ranking(WriteConnection connection) : IDisposable
{
    private const int Page = 1_000;
    private const string Index = "contact_state_rank";

    private readonly EngagementRows _rows = new(connection);
    private readonly Statement _newest = connection.Prepare(
        "SELECT id, half_life_days, opened, clicked, replied, ranked_at, position, processed FROM score_weights ORDER BY id DESC LIMIT 1");
    private readonly Statement _page = connection.Prepare("SELECT contact_id FROM contact_state WHERE contact_id > ?1 ORDER BY contact_id LIMIT ?2");
    private readonly Statement _missing = connection.Prepare(
        "SELECT contact_id FROM contact_state s WHERE NOT EXISTS (SELECT 1 FROM next_ranks n WHERE n.contact_id = s.contact_id)");
    private readonly Statement _next = connection.Prepare("INSERT INTO next_ranks (contact_id, rank, rank_at) VALUES (?1, ?2, ?3) ON CONFLICT (contact_id) DO UPDATE SET rank = excluded.rank, rank_at = excluded.rank_at");
    private readonly Statement _total = connection.Prepare("UPDATE score_weights SET total = (SELECT count(*) FROM contact_state) WHERE id = ?1");
    private readonly Statement _reach = connection.Prepare("UPDATE score_weights SET position = ?2, processed = processed + ?3 WHERE id = ?1");
    private readonly Statement _adopt = connection.Prepare("UPDATE score_weights SET ranked_at = ?2 WHERE id = ?1");
    private readonly Statement _forget = connection.Prepare("DELETE FROM score_weights WHERE id < ?1");
    private readonly Statement _index = connection.Prepare("SELECT sql FROM sqlite_schema WHERE name = ?1");
    private readonly List<long> _contacts = [];
    private readonly List<EngagingEvent> _done = [];

    /// <summary>One transaction: some more contacts, or the end.</summary>
    /// <param name="longest">After this long no more contacts are begun: the event writer waits meanwhile.</param>
    /// <param name="now">Unix milliseconds.</param>
    public RankingStep Step(TimeSpan longest, long now)
    {
        connection.Begin();
        try
        {
            var step = StepIn(longest, now);
            connection.Commit();
            return step;
        }
        catch
        {
            connection.Rollback();
            throw;
        }
    }

    public void Dispose() => connection.Dispose();

    private RankingStep StepIn(TimeSpan longest, long now)
    {
        if (!TryPending(out var weights, out var position, out var isBegun))
        {
            return RankingStep.Nothing;
        }

        if (!isBegun)
        {
            // Left by weights that were overtaken.
            connection.Execute("DELETE FROM next_ranks");
            _total.Bind(1, weights.Id).Run();
        }

        Collect(_page.Bind(1, position).Bind(2, Page));
        if (_contacts.Count == 0)
        {
            Adopt(weights, now);
            return RankingStep.Done;
        }

        var (started, ranked) = (Stopwatch.GetTimestamp(), 0);
        while (ranked < _contacts.Count && (ranked == 0 || Stopwatch.GetElapsedTime(started) < longest))
        {
            Rank(_contacts[ranked++], weights);
        }

        _reach.Bind(1, weights.Id).Bind(2, _contacts[ranked - 1]).Bind(3, ranked).Run();
        return RankingStep.More;
    }

    private bool TryPending(out ScoreWeights weights, out long position, out bool isBegun)
    {
        var pending = _newest.Step() && _newest.Number(5) == 0;
        weights = EngagementRows.ReadWeights(_newest);
        (position, isBegun) = (_newest.Number(6), _newest.Number(7) > 0);
        _newest.Reset();
        return pending;
    }

    private void Rank(long contactId, ScoreWeights weights)
    {
        _rows.Read(contactId, _done);
        var (rank, at) = EngagementScore.Of(_done, weights);
        _next.Bind(1, contactId).BindReal(2, rank).Bind(3, at).Run();
    }

    // The index is made anew: moving each of a million entries costs twice as long, and the event writer waits for it.
    private void Adopt(ScoreWeights weights, long now)
    {
        // Those touched since they were ranked, and new ones.
        Collect(_missing);
        foreach (var contactId in _contacts)
        {
            Rank(contactId, weights);
        }

        _index.Bind(1, Index).Step();
        var index = _index.Text(0);
        _index.Reset();
        connection.Execute($"DROP INDEX {Index}");
        connection.Execute("""
            UPDATE contact_state SET rank = n.rank, rank_at = n.rank_at FROM next_ranks n
            WHERE n.contact_id = contact_state.contact_id AND (n.rank IS NOT contact_state.rank OR n.rank_at <> contact_state.rank_at)
            """);
        connection.Execute(index);
        connection.Execute("DELETE FROM next_ranks");
        _forget.Bind(1, weights.Id).Run();
        _adopt.Bind(1, weights.Id).Bind(2, now).Run();
    }

    private void Collect(Statement ids)
    {
        _contacts.Clear();
        while (ids.Step())
        {
            _contacts.Add(ids.Number(0));
        }

        ids.Reset();
    }
}
