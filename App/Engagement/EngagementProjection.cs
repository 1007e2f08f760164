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
    private readonly ContactFold _fold = new(connection);
    private readonly Statement _contact = connection.Prepare("SELECT contact_id FROM messages WHERE id = ?1");
    private readonly ContactNews _news = new();
    private Queue<long>? _behind;
    private bool _written;
    private long _gatheredSince;
    private long _writing;
    private long _reached;

    /// <summary>Contacts whose rank the last <see cref="Write"/> changed.</summary>
    public List<long> Touched => _fold.Touched;

    /// <summary>Ranks made again from a contact's messages since the start: what late and corrected events cost.</summary>
    public long Rebuilds => _fold.Rebuilds;

    /// <summary>Whether committed events are not in the ranks yet.</summary>
    public bool Waits => _news.Waits;

    /// <summary>Something new, later than everything else the message has that engages.</summary>
    public void Add(MessageState message, EngagingEvent engaging) => _news.Add(ContactOf(message), engaging);

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
            _news.NoteUnlogged(contactId);
        }

        if (same < before.Count)
        {
            _news.MakeAgain(contactId);
            return;
        }

        foreach (var engaging in after[same..])
        {
            _news.Add(contactId, engaging);
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
            _news.NoteUnlogged(contactId);
        }

        if (!after.OnlyAddsTo(before))
        {
            _news.MakeAgain(contactId);
            return;
        }

        foreach (var (type, at) in after.Since(before))
        {
            _news.Add(contactId, type, at);
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
            _fold.Prepare();
            foreach (var contactId in _behind.Take(CatchUpStep))
            {
                _fold.MakeAgain(contactId);
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
        else if (_news.Unlogged.Count > 0)
        {
            _fold.Prepare();
            foreach (var contactId in _news.Unlogged)
            {
                _fold.MakeAgain(contactId);
                _news.MakeAgain(contactId);
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
            _news.Clear();
            return;
        }

        _gatheredSince = Waits ? _gatheredSince : Stopwatch.GetTimestamp();
        _news.Gather();
    }

    /// <summary>Forgets what was added, after the batch was rolled back; what batches before it left waits on.</summary>
    public void Discard()
    {
        Touched.Clear();
        _news.Discard();
    }

    private bool MayGather() => _news.Count is > 0 and < MostGathered && !(Waits && Stopwatch.GetElapsedTime(_gatheredSince) >= s_longestWait);

    private void WriteAll()
    {
        if (_news.Count == 0)
        {
            return;
        }

        _fold.Prepare();
        foreach (var share in _news.InOrder())
        {
            _fold.Add(share.ContactId, _news.Did(share), _news.HappenedTo(share));
        }

        foreach (var contactId in _news.Again)
        {
            _fold.MakeAgain(contactId);
        }
    }

    private long ContactOf(MessageState message) => message.ContactId != 0 ? message.ContactId : _contact.Bind(1, message.MessageId).Scalar() ?? 0;
}
