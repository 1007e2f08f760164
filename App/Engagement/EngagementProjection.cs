using ScoreTracking.Data;

namespace ScoreTracking.Engagement;

/// <summary>Keeps every contact's rank, in the batch's transaction. What is later than all that is ranked is folded in; anything else has the contact's rank made again from its messages.</summary>
public sealed class EngagementProjection(WriteConnection connection)
{
    private readonly EngagementRows _rows = new(connection);
    private readonly Statement _contact = connection.Prepare("SELECT contact_id FROM messages WHERE id = ?1");
    private readonly Statement _forgetNext = connection.Prepare("DELETE FROM next_ranks WHERE contact_id = ?1");

    private readonly List<(long ContactId, EngagingEvent Event)> _news = [];
    private readonly SortedSet<long> _again = [];
    private readonly List<EngagingEvent> _done = [];
    private ScoreWeights? _weights;
    private bool _pending;

    /// <summary>Contacts whose rank the last <see cref="Write"/> changed.</summary>
    public List<long> Touched { get; } = [];

    /// <summary>Ranks made again from a contact's messages since the start: what late and corrected events cost.</summary>
    public long Rebuilds { get; private set; }

    /// <summary>Something new, later than everything else the message has that engages.</summary>
    public void Add(MessageState message, EngagingEvent engaging) => _news.Add((ContactOf(message), engaging));

    /// <summary>What a message engages with has changed.</summary>
    /// <param name="before">As it was ranked, in time; the same for <paramref name="after"/>.</param>
    public void Change(MessageState message, List<EngagingEvent> before, List<EngagingEvent> after)
    {
        var same = 0;
        while (same < before.Count && same < after.Count && before[same] == after[same])
        {
            same++;
        }

        if (same < before.Count)
        {
            _again.Add(ContactOf(message));
            return;
        }

        foreach (var engaging in after[same..])
        {
            Add(message, engaging);
        }
    }

    /// <summary>Writes what was added since the last time. Last in the transaction: it may read what the batch wrote.</summary>
    public void Write()
    {
        Touched.Clear();
        if (_news.Count == 0 && _again.Count == 0)
        {
            return;
        }

        // In this transaction, so that no rank is by half the old weights and half the new.
        _weights = _rows.InEffect();
        _pending = _rows.IsPending();

        // In the order of the table, because a batch that walks it in its own order touches each page once.
        _news.Sort((a, b) => a.ContactId != b.ContactId ? a.ContactId.CompareTo(b.ContactId) : EngagingEvent.InTime.Compare(a.Event, b.Event));
        for (var from = 0; from < _news.Count;)
        {
            var contactId = _news[from].ContactId;
            var to = from + 1;
            while (to < _news.Count && _news[to].ContactId == contactId)
            {
                to++;
            }

            if (!_again.Contains(contactId))
            {
                Fold(contactId, from, to);
            }

            from = to;
        }

        foreach (var contactId in _again)
        {
            if (_rows.TryState(contactId, out var before))
            {
                MakeAgain(contactId, before);
            }
        }

        Forget();
    }

    /// <summary>Forgets what was added, after the batch was rolled back.</summary>
    public void Discard()
    {
        Touched.Clear();
        Forget();
    }

    private void Forget()
    {
        _news.Clear();
        _again.Clear();
    }

    private void Fold(long contactId, int from, int to)
    {
        if (!_rows.TryState(contactId, out var state))
        {
            return;
        }

        if (_news[from].Event.At <= state.At)
        {
            MakeAgain(contactId, state);
            return;
        }

        if (_weights is null)
        {
            ForgetNext(contactId);
            return;
        }

        var (rank, at) = state;
        for (var i = from; i < to; i++)
        {
            var engaging = _news[i].Event;
            (rank, at) = (EngagementScore.Fold(rank, engaging.Weight(_weights), engaging.At, _weights.HalfLifeDays), engaging.At);
        }

        Update(contactId, (rank, at));
    }

    private void MakeAgain(long contactId, (double? Rank, long At) before)
    {
        Rebuilds++;
        if (_weights is null)
        {
            ForgetNext(contactId);
            return;
        }

        _rows.Read(contactId, _done);
        var after = EngagementScore.Of(_done, _weights);
        if (after != before)
        {
            Update(contactId, after);
        }
        else
        {
            ForgetNext(contactId);
        }
    }

    private void Update(long contactId, (double? Rank, long At) state)
    {
        _rows.Update(contactId, state);
        Touched.Add(contactId);
        ForgetNext(contactId);
    }

    // What was ranked by weights to come no longer holds.
    private void ForgetNext(long contactId)
    {
        if (_pending)
        {
            _forgetNext.Bind(1, contactId).Run();
        }
    }

    private long ContactOf(MessageState message) => message.ContactId != 0 ? message.ContactId : _contact.Bind(1, message.MessageId).Scalar() ?? 0;
}
