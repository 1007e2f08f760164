using System.Diagnostics;
using ScoreTracking.Data;
using ScoreTracking.Events;

namespace ScoreTracking.Engagement;

/// <summary>
/// Keeps every contact's rank and <see cref="ContactActivity"/>. What is later than all that is ranked is folded in; anything else has the contact's rank made
/// again from its messages, and so has activity that was taken back. A small batch's in its own transaction; under load what is new is gathered over several batches and
/// written in one pass, because ranks lie in two places of their own and each page of them costs the same for one contact or ten.
/// </summary>
/// <remarks>
/// The cursor <c>engagement</c> says up to which event all ranks hold. It is moved with them, and whatever changes a rank
/// without a new event of its contact is never put off: so only contacts with events behind the cursor may be out of date.
/// </remarks>
public sealed class EngagementProjection(WriteConnection connection)
{
    // 24 bytes each; and what a kill leaves behind is made again contact by contact at the next start, in some seconds.
    private const int MostGathered = 200_000;
    private const int CatchUpStep = 1_000;
    private static readonly TimeSpan s_longestWait = TimeSpan.FromSeconds(3);

    private readonly EngagementRows _rows = new(connection);
    private readonly ActivityRows _activity = new(connection);
    private readonly Statement _contact = connection.Prepare("SELECT contact_id FROM messages WHERE id = ?1");
    private readonly Statement _forgetNext = connection.Prepare("DELETE FROM next_ranks WHERE contact_id = ?1");

    // Of this batch, forgotten when it is rolled back.
    private readonly List<Engaged> _news = [];
    private readonly List<Happened> _happened = [];
    private readonly HashSet<long> _again = [];
    private readonly SortedSet<long> _unlogged = [];

    // Of batches committed since the last pass.
    private readonly List<Engaged> _gathered = [];
    private readonly List<Happened> _gatheredHappened = [];
    private readonly HashSet<long> _gatheredAgain = [];

    private readonly List<Engaged> _pass = [];
    private readonly List<Happened> _happenedPass = [];
    private readonly List<EngagingEvent> _done = [];
    private Queue<long>? _behind;
    private ScoreWeights? _weights;
    private bool _pending;
    private bool _written;
    private long _gatheredSince;
    private long _writing;
    private long _reached;

    /// <summary>Contacts whose rank the last <see cref="Write"/> changed.</summary>
    public List<long> Touched { get; } = [];

    /// <summary>Ranks made again from a contact's messages since the start: what late and corrected events cost.</summary>
    public long Rebuilds { get; private set; }

    /// <summary>Whether committed events are not in the ranks yet.</summary>
    public bool Waits => _gathered.Count + _gatheredHappened.Count + _gatheredAgain.Count > 0;

    /// <summary>Something new, later than everything else the message has that engages.</summary>
    public void Add(MessageState message, EngagingEvent engaging) => _news.Add(new Engaged(ContactOf(message), engaging));

    /// <summary>What a message engages with has changed.</summary>
    /// <param name="before">As it was ranked, in time; the same for <paramref name="after"/>.</param>
    /// <param name="logged">Whether the message has new events in this batch: without, nobody would find after a crash that the rank is out of date.</param>
    public void Change(MessageState message, List<EngagingEvent> before, List<EngagingEvent> after, bool logged)
    {
        var same = 0;
        while (same < before.Count && same < after.Count && before[same] == after[same])
        {
            same++;
        }

        if (same == before.Count && same == after.Count)
        {
            return;
        }

        var contactId = ContactOf(message);
        if (!logged)
        {
            _unlogged.Add(contactId);
        }

        if (same < before.Count)
        {
            _again.Add(contactId);
            return;
        }

        foreach (var engaging in after[same..])
        {
            _news.Add(new Engaged(contactId, engaging));
        }
    }

    /// <summary>What a message alone says of its contact has changed.</summary>
    /// <param name="logged">As for <see cref="Change"/>.</param>
    public void Note(MessageState message, in MessageShare before, bool logged)
    {
        var after = MessageShare.Of(message);
        if (after == before)
        {
            return;
        }

        var contactId = ContactOf(message);
        if (!logged)
        {
            _unlogged.Add(contactId);
        }

        if (!after.OnlyAddsTo(before))
        {
            _again.Add(contactId);
            return;
        }

        foreach (var (type, at) in after.Since(before))
        {
            _happened.Add(new Happened(contactId, type, at));
        }
    }

    /// <summary>Makes ranks again that a kill left behind the log, some contacts in a transaction of its own; to be called before anything else until it returns false.</summary>
    /// <returns>Whether there is more to do.</returns>
    public bool CatchUp()
    {
        if (_behind is { Count: 0 })
        {
            return false;
        }

        connection.Begin();
        try
        {
            // Without a cursor: releases before it kept the ranks with every batch.
            _behind ??= new Queue<long>(_rows.RankedTo() is { } ranked ? _rows.Since(ranked) : []);
            Touched.Clear();
            Prepare();
            foreach (var contactId in _behind.Take(CatchUpStep))
            {
                MakeAgain(contactId);
            }

            if (_behind.Count <= CatchUpStep)
            {
                _reached = _rows.Stored();
                _rows.SetRankedTo(_reached);
            }

            connection.Commit();
        }
        catch
        {
            connection.Rollback();
            throw;
        }

        for (var made = Math.Min(_behind.Count, CatchUpStep); made > 0; made--)
        {
            _behind.Dequeue();
        }

        return _behind.Count > 0;
    }

    /// <summary>Takes in what was added since the last time. Last in the transaction: it may read what the batch wrote. To be followed by <see cref="Keep"/> or <see cref="Discard"/>.</summary>
    /// <param name="position">Of the batch's last event.</param>
    /// <param name="mayWait">Whether more is coming, and nobody waits for this.</param>
    public void Write(long position, bool mayWait)
    {
        Touched.Clear();
        _writing = position;
        _written = !(mayWait && MayGather());
        if (_written)
        {
            WriteAll();
            _rows.SetRankedTo(position);
        }
        else if (_unlogged.Count > 0)
        {
            Prepare();
            foreach (var contactId in _unlogged)
            {
                MakeAgain(contactId);
                _again.Add(contactId);
            }
        }
    }

    /// <summary>Writes what waits, in the caller's transaction.</summary>
    public void Write() => Write(_reached, mayWait: false);

    /// <summary>After the commit.</summary>
    public void Keep()
    {
        _reached = _writing;
        if (_written)
        {
            _gathered.Clear();
            _gatheredHappened.Clear();
            _gatheredAgain.Clear();
        }
        else
        {
            _gatheredSince = Waits ? _gatheredSince : Stopwatch.GetTimestamp();
            _gathered.AddRange(_news);
            _gatheredHappened.AddRange(_happened);
            _gatheredAgain.UnionWith(_again);
        }

        Forget();
    }

    /// <summary>Forgets what was added, after the batch was rolled back; what batches before it left waits on.</summary>
    public void Discard()
    {
        Touched.Clear();
        Forget();
    }

    private bool MayGather()
    {
        var waiting = _news.Count + _happened.Count + _again.Count + _gathered.Count + _gatheredHappened.Count + _gatheredAgain.Count;
        return waiting is > 0 and < MostGathered && !(Waits && Stopwatch.GetElapsedTime(_gatheredSince) >= s_longestWait);
    }

    private void WriteAll()
    {
        if (_news.Count + _happened.Count + _again.Count == 0 && !Waits)
        {
            return;
        }

        Prepare();

        // In the order of the table, because a pass that walks it in its own order touches each page once.
        _pass.Clear();
        _pass.AddRange(_gathered);
        _pass.AddRange(_news);
        _pass.Sort(Engaged.InOrder);
        _happenedPass.Clear();
        _happenedPass.AddRange(_gatheredHappened);
        _happenedPass.AddRange(_happened);
        _happenedPass.Sort(Happened.InOrder);
        for (var (from, noted) = (0, 0); from < _pass.Count || noted < _happenedPass.Count;)
        {
            var contactId = Math.Min(from < _pass.Count ? _pass[from].ContactId : long.MaxValue, noted < _happenedPass.Count ? _happenedPass[noted].ContactId : long.MaxValue);
            var (to, end) = (from, noted);
            while (to < _pass.Count && _pass[to].ContactId == contactId)
            {
                to++;
            }

            while (end < _happenedPass.Count && _happenedPass[end].ContactId == contactId)
            {
                end++;
            }

            if (!_again.Contains(contactId) && !_gatheredAgain.Contains(contactId))
            {
                Fold(contactId, from, to, noted, end);
            }

            (from, noted) = (to, end);
        }

        foreach (var contactId in _again.Union(_gatheredAgain).Order())
        {
            MakeAgain(contactId);
        }
    }

    // In this transaction, so that no rank is by half the old weights and half the new.
    private void Prepare()
    {
        _weights = _rows.InEffect();
        _pending = _rows.IsPending();
    }

    private void Forget()
    {
        _news.Clear();
        _happened.Clear();
        _again.Clear();
        _unlogged.Clear();
    }

    private void Fold(long contactId, int from, int to, int noted, int end)
    {
        if (!_rows.TryState(contactId, out var before, out var activity))
        {
            return;
        }

        for (var i = noted; i < end; i++)
        {
            activity = activity.With(_happenedPass[i].Type, _happenedPass[i].At);
        }

        for (var i = from; i < to; i++)
        {
            activity = activity.With(_pass[i].Event.Type, _pass[i].Event.At);
        }

        if (from == to || _weights is null)
        {
            _rows.Update(contactId, activity);
            if (from < to)
            {
                ForgetNext(contactId);
            }

            return;
        }

        if (_pass[from].Event.At <= before.At)
        {
            Rebuilds++;
            Write(contactId, before, Ranked(contactId, _weights), activity);
            return;
        }

        var (rank, at) = before;
        for (var i = from; i < to; i++)
        {
            var engaging = _pass[i].Event;
            (rank, at) = (EngagementScore.Fold(rank, engaging.Weight(_weights), engaging.At, _weights.HalfLifeDays), engaging.At);
        }

        Write(contactId, before, (rank, at), activity);
    }

    private void MakeAgain(long contactId)
    {
        if (!_rows.TryState(contactId, out var before, out _))
        {
            return;
        }

        Rebuilds++;
        Write(contactId, before, _weights is null ? before : Ranked(contactId, _weights), _activity.Of(contactId));
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

    private long ContactOf(MessageState message) => message.ContactId != 0 ? message.ContactId : _contact.Bind(1, message.MessageId).Scalar() ?? 0;

    private readonly record struct Engaged(long ContactId, EngagingEvent Event)
    {
        public static readonly Comparison<Engaged> InOrder =
            (a, b) => a.ContactId != b.ContactId ? a.ContactId.CompareTo(b.ContactId) : EngagingEvent.InTime.Compare(a.Event, b.Event);
    }

    private readonly record struct Happened(long ContactId, EventType Type, long At)
    {
        public static readonly Comparison<Happened> InOrder = (a, b) => a.ContactId.CompareTo(b.ContactId);
    }
}
