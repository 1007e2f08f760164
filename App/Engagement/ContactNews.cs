using System.Runtime.InteropServices;
using ScoreTracking.Events;

namespace ScoreTracking.Engagement;

/// <summary>What is new of contacts and not in their rows yet: of the batch at hand, which is forgotten when it is rolled back, and of batches committed since the last pass.</summary>
internal sealed class ContactNews
{
    private readonly List<Engaged> _engaged = [];
    private readonly List<Happened> _happened = [];
    private readonly HashSet<long> _again = [];
    private readonly SortedSet<long> _unlogged = [];

    private readonly List<Engaged> _gatheredEngaged = [];
    private readonly List<Happened> _gatheredHappened = [];
    private readonly HashSet<long> _gatheredAgain = [];

    private readonly List<Engaged> _engagedPass = [];
    private readonly List<Happened> _happenedPass = [];

    /// <summary>All there is, each piece counted.</summary>
    public int Count => _engaged.Count + _happened.Count + _again.Count + _gatheredEngaged.Count + _gatheredHappened.Count + _gatheredAgain.Count;

    /// <summary>Whether batches committed before this one left something.</summary>
    public bool Waits => _gatheredEngaged.Count + _gatheredHappened.Count + _gatheredAgain.Count > 0;

    /// <summary>Of this batch: changed without an event of its own, so that nobody would find after a crash that the row is out of date.</summary>
    public IReadOnlyCollection<long> Unlogged => _unlogged;

    /// <summary>Contacts of which something was taken back, in the order of their ids.</summary>
    public IEnumerable<long> Again => _again.Union(_gatheredAgain).Order();

    /// <summary>The contact did something.</summary>
    public void Add(long contactId, in EngagingEvent engaging) => _engaged.Add(new Engaged(contactId, engaging));

    /// <summary>Something happened to the contact's mail.</summary>
    public void Add(long contactId, EventType type, long at) => _happened.Add(new Happened(contactId, type, at));

    /// <summary>What the row says cannot be added to: it is to be made again.</summary>
    public void MakeAgain(long contactId) => _again.Add(contactId);

    public void NoteUnlogged(long contactId) => _unlogged.Add(contactId);

    /// <summary>Contacts to whose rows something is to be added, those to be made again left out. In the order of the table, because a pass that walks it in its own order touches each page once.</summary>
    public IEnumerable<ContactShare> InOrder()
    {
        Fill(_engagedPass, _gatheredEngaged, _engaged, Engaged.InOrder);
        Fill(_happenedPass, _gatheredHappened, _happened, Happened.InOrder);
        for (var (from, noted) = (0, 0); from < _engagedPass.Count || noted < _happenedPass.Count;)
        {
            var contactId = Math.Min(
                from < _engagedPass.Count ? _engagedPass[from].ContactId : long.MaxValue, noted < _happenedPass.Count ? _happenedPass[noted].ContactId : long.MaxValue);
            var (to, end) = (from, noted);
            while (to < _engagedPass.Count && _engagedPass[to].ContactId == contactId)
            {
                to++;
            }

            while (end < _happenedPass.Count && _happenedPass[end].ContactId == contactId)
            {
                end++;
            }

            if (!_again.Contains(contactId) && !_gatheredAgain.Contains(contactId))
            {
                yield return new ContactShare(contactId, from..to, noted..end);
            }

            (from, noted) = (to, end);
        }
    }

    /// <summary>What a contact of <see cref="InOrder"/> did, in time.</summary>
    public ReadOnlySpan<Engaged> Did(in ContactShare share) => CollectionsMarshal.AsSpan(_engagedPass)[share.Engaged];

    /// <summary>What else happened to the mail of a contact of <see cref="InOrder"/>.</summary>
    public ReadOnlySpan<Happened> HappenedTo(in ContactShare share) => CollectionsMarshal.AsSpan(_happenedPass)[share.Happened];

    /// <summary>Keeps what this batch brought for a later pass.</summary>
    public void Gather()
    {
        _gatheredEngaged.AddRange(_engaged);
        _gatheredHappened.AddRange(_happened);
        _gatheredAgain.UnionWith(_again);
        Discard();
    }

    /// <summary>Forgets everything: it is written.</summary>
    public void Clear()
    {
        _gatheredEngaged.Clear();
        _gatheredHappened.Clear();
        _gatheredAgain.Clear();
        Discard();
    }

    /// <summary>Forgets what this batch brought.</summary>
    public void Discard()
    {
        _engaged.Clear();
        _happened.Clear();
        _again.Clear();
        _unlogged.Clear();
    }

    private static void Fill<T>(List<T> pass, List<T> gathered, List<T> added, Comparison<T> order)
    {
        pass.Clear();
        pass.AddRange(gathered);
        pass.AddRange(added);
        pass.Sort(order);
    }
}

/// <summary>Which part of the news is one contact's.</summary>
internal readonly record struct ContactShare(long ContactId, Range Engaged, Range Happened);

internal readonly record struct Engaged(long ContactId, EngagingEvent Event)
{
    public static readonly Comparison<Engaged> InOrder =
        (a, b) => a.ContactId != b.ContactId ? a.ContactId.CompareTo(b.ContactId) : EngagingEvent.InTime.Compare(a.Event, b.Event);
}

internal readonly record struct Happened(long ContactId, EventType Type, long At)
{
    public static readonly Comparison<Happened> InOrder = (a, b) => a.ContactId.CompareTo(b.ContactId);
}
