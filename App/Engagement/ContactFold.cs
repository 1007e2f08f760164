using ScoreTracking.Data;
using ScoreTracking.Events;

namespace ScoreTracking.Engagement;

/// <summary>Writes a contact's row: its rank, by the weights in effect, and its activity. Every call belongs into a transaction.</summary>
internal sealed class ContactFold(WriteConnection connection)
{
    private readonly EngagementRows _rows = new(connection);
    private readonly ActivityRows _activity = new(connection);
    private readonly Statement _forgetNext = connection.Prepare("DELETE FROM next_ranks WHERE contact_id = ?1");
    private readonly List<EngagingEvent> _done = [];
    private ScoreWeights? _weights;
    private bool _pending;

    /// <summary>Contacts whose rank was changed, until somebody clears it.</summary>
    public List<long> Touched { get; } = [];

    /// <summary>Rows made again from a contact's messages.</summary>
    public long Rebuilds { get; private set; }

    /// <summary>To be called in each transaction first, so that no rank is by half the old weights and half the new.</summary>
    public void Prepare()
    {
        _weights = _rows.InEffect();
        _pending = _rows.IsPending();
    }

    /// <summary>Adds what is new to a contact's row.</summary>
    public void Add(long contactId, ReadOnlySpan<Engaged> did, ReadOnlySpan<Happened> happened)
    {
        // Most of all news: what is added to the row needs no look at it.
        if (did.IsEmpty && Handed(happened) is { } handed)
        {
            _rows.Add(contactId, handed);
            return;
        }

        if (!_rows.TryState(contactId, out var before, out var activity))
        {
            return;
        }

        foreach (var (_, type, at) in happened)
        {
            activity = activity.With(type, at);
        }

        foreach (var (_, engaging) in did)
        {
            activity = activity.With(engaging.Type, engaging.At);
        }

        if (did.IsEmpty || _weights is null)
        {
            _rows.Update(contactId, activity);
            if (!did.IsEmpty)
            {
                ForgetNext(contactId);
            }

            return;
        }

        if (did[0].Event.At <= before.At)
        {
            Rebuilds++;
            Write(contactId, before, Ranked(contactId, _weights), activity);
            return;
        }

        var (rank, rankedAt) = before;
        foreach (var (_, engaging) in did)
        {
            (rank, rankedAt) = (EngagementScore.Fold(rank, engaging.Weight(_weights), engaging.At, _weights.HalfLifeDays), engaging.At);
        }

        Write(contactId, before, (rank, rankedAt), activity);
    }

    /// <summary>Makes a contact's row again from its messages and the log.</summary>
    public void MakeAgain(long contactId)
    {
        if (!_rows.TryState(contactId, out var before, out _))
        {
            return;
        }

        Rebuilds++;
        Write(contactId, before, _weights is null ? before : Ranked(contactId, _weights), _activity.Of(contactId));
    }

    // What there is to add where mail was sent and delivered and nothing else; null elsewhere.
    private static ContactActivity? Handed(ReadOnlySpan<Happened> happened)
    {
        var handed = default(ContactActivity);
        foreach (var (_, type, at) in happened)
        {
            if (type is not (EventType.Sent or EventType.Delivered))
            {
                return null;
            }

            handed = handed.With(type, at);
        }

        return handed;
    }

    private (double? Rank, long At) Ranked(long contactId, ScoreWeights weights)
    {
        _rows.Read(contactId, _done);
        return EngagementScore.Of(_done, weights);
    }

    private void Write(long contactId, (double? Rank, long At) before, (double? Rank, long At) after, in ContactActivity activity)
    {
        if (after != before)
        {
            _rows.Update(contactId, after, activity);
            Touched.Add(contactId);
        }
        else
        {
            _rows.Update(contactId, activity);
        }

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
}
