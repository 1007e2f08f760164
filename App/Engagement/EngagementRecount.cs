using ScoreTracking.Data;
using ScoreTracking.Events;

namespace ScoreTracking.Engagement;

/// <summary>Ranks every contact again from the log, and compares. Verdicts and repeats are taken as they are marked. Memory holds one contact.</summary>
/// <remarks>The connection must stay in one transaction while it runs.</remarks>
public sealed class EngagementRecount(WriteConnection connection)
{
    // Two machines may round the last digit of a logarithm differently.
    private const double Tolerance = 1e-9;

    private readonly EngagementRows _rows = new(connection);
    private readonly Statement _states = connection.Prepare("SELECT contact_id, rank, rank_at FROM contact_state ORDER BY contact_id");
    private readonly Statement _events = connection.Prepare(
        $"SELECT m.contact_id, e.message_id, e.type, e.link_id, e.occurred_at {EngagementRows.Engaging} ORDER BY m.contact_id");
    private readonly Statement _contact = connection.Prepare("SELECT 1 FROM contacts WHERE id = ?1");
    private readonly List<(long MessageId, long At, EventType Type, long LinkId)> _read = [];
    private readonly List<EngagingEvent> _done = [];

    /// <summary>Leaves out contacts with events their ranks do not have yet: a busy server writes those some seconds later.</summary>
    /// <param name="differ">Called for each contact with what is stored of it, null where its row is missing, and what is right.</param>
    public void Run(Action<long, (double? Rank, long At)?, (double? Rank, long At)> differ, CancellationToken cancellationToken)
    {
        var behind = _rows.RankedTo() is { } ranked ? _rows.Since(ranked) : [];
        RunAll(
            (contactId, stored, right) =>
            {
                if (!behind.Contains(contactId))
                {
                    differ(contactId, stored, right);
                }
            },
            cancellationToken);
    }

    /// <summary>Writes the ranks that are wrong or behind.</summary>
    public void Mend(CancellationToken cancellationToken)
    {
        var wrong = new List<(long, (double?, long))>();
        RunAll((contactId, stored, right) =>
        {
            if (stored is not null)
            {
                wrong.Add((contactId, right));
            }
        }, cancellationToken);
        foreach (var (contactId, right) in wrong)
        {
            _rows.Update(contactId, right);
        }
    }

    private void RunAll(Action<long, (double? Rank, long At)?, (double? Rank, long At)> differ, CancellationToken cancellationToken)
    {
        // Without weights nothing was ranked yet, and nothing is wrong.
        if (_rows.InEffect() is not { } weights)
        {
            return;
        }

        var (contactId, more) = (0L, _states.Step());
        foreach (var engaged in Engaged())
        {
            cancellationToken.ThrowIfCancellationRequested();
            for (; more && (contactId = _states.Number(0)) < engaged; more = _states.Step())
            {
                Compare(contactId, (_states.Real(1), _states.Number(2)), (null, 0), differ);
            }

            _rows.Count(_read, _done);
            var right = EngagementScore.Of(_done, weights);
            if (more && contactId == engaged)
            {
                Compare(engaged, (_states.Real(1), _states.Number(2)), right, differ);
                more = _states.Step();
            }
            else if (_contact.Bind(1, engaged).Scalar() is not null)
            {
                differ(engaged, null, right);
            }
        }

        for (; more; more = _states.Step())
        {
            cancellationToken.ThrowIfCancellationRequested();
            Compare(_states.Number(0), (_states.Real(1), _states.Number(2)), (null, 0), differ);
        }

        _states.Reset();
    }

    // Each engaged contact in turn, what it did being in _read meanwhile.
    private IEnumerable<long> Engaged()
    {
        for (var more = _events.Step(); more;)
        {
            var contactId = _events.Number(0);
            _read.Clear();
            for (; more && _events.Number(0) == contactId; more = _events.Step())
            {
                _read.Add((_events.Number(1), _events.Number(4), (EventType)_events.Number(2), _events.Number(3)));
            }

            yield return contactId;
        }

        _events.Reset();
    }

    private static void Compare(long contactId, (double? Rank, long At) stored, (double? Rank, long At) right, Action<long, (double? Rank, long At)?, (double? Rank, long At)> differ)
    {
        if (stored.At != right.At || stored.Rank.HasValue != right.Rank.HasValue || Math.Abs((stored.Rank - right.Rank) ?? 0) > Tolerance)
        {
            differ(contactId, stored, right);
        }
    }
}
