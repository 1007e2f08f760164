using ScoreTracking.Data;
using ScoreTracking.Events;

namespace ScoreTracking.Counters;

/// <summary>
/// What the events of one message add up to: its state and its share of every counter. The only place where counting
/// is decided. Events are folded in the order they happened, so any order of arrival ends in the same numbers; the write
/// path folds one more event into a stored state, and falls back to the whole message when an event comes late.
/// </summary>
public static class MessageFold
{
    /// <summary>The same message opened again from the same network and client within this many milliseconds is a repeated pixel load.</summary>
    public const long OpenRepeat = 30_000;

    /// <summary>The same link of the same message clicked again within this many milliseconds is a double click.</summary>
    public const long ClickRepeat = 2_000;

    /// <summary>Folds one event into a state that holds everything before it.</summary>
    /// <param name="repeat">Whether it only repeats an earlier hit.</param>
    /// <param name="firstOfLink">Whether no counted click of this message on this link came before.</param>
    /// <param name="firsts">The buckets in which no counted hit of this message and type came before; only looked at where <see cref="CountsInBuckets"/>.</param>
    /// <param name="changes">Receives the steps the counters take.</param>
    public static void Apply(MessageState state, in StoredEvent stored, bool repeat, bool firstOfLink, BucketKinds firsts, List<CountChange> changes)
    {
        var refused = IsRefused(state);
        state.LastAt = Math.Max(state.LastAt, stored.OccurredAt);
        switch (stored.Type)
        {
            case EventType.Opened:
                state.LastOpenAt = stored.OccurredAt;
                if (!repeat)
                {
                    Open(state, stored, firsts, changes);
                }

                break;
            case EventType.Clicked:
                state.LastClickAt = stored.OccurredAt;
                if (!repeat)
                {
                    Click(state, stored, firstOfLink, firsts, changes);
                }

                break;
            case EventType.Bounced:
                Bounce(state, stored, changes);
                break;
            case EventType.Delivered:
                Once(state.DeliveredAt, at => state.DeliveredAt = at, stored, changes);
                TakeBackBounce(state, changes);
                break;
            case EventType.Processed:
                Once(state.ProcessedAt, at => state.ProcessedAt = at, stored, changes);
                break;
            case EventType.Sent:
                TakeBackForAnotherTry(state, stored, changes);
                Once(state.SentAt, at => state.SentAt = at, stored, changes);
                break;
            case EventType.Deferred:
                Once(state.DeferredAt, at => state.DeferredAt = at, stored, changes);
                break;
            case EventType.Dropped:
                Once(state.DroppedAt, at => state.DroppedAt = at, stored, changes);
                break;
            case EventType.Complained:
                Once(state.ComplainedAt, at => state.ComplainedAt = at, stored, changes);
                break;
            case EventType.Unsubscribed:
                Once(state.UnsubscribedAt, at => state.UnsubscribedAt = at, stored, changes);
                break;
            case EventType.Replied:
                Once(state.RepliedAt, at => state.RepliedAt = at, stored, changes);
                break;
        }

        state.Status = StatusOf(state);
        if (IsRefused(state) != refused)
        {
            changes.Add(new CountChange(EventType.Bounced, VerdictGroup.None, stored.OccurredAt, 0, BounceKind.None, 0, 0, 0, Refused: refused ? -1 : 1));
        }
    }

    /// <summary>Folds all events of a message from nothing.</summary>
    /// <param name="events">Sorted by <see cref="StoredEvent.InTime"/>, with the verdicts they count by.</param>
    /// <param name="repeats">Receives the ids of the events that only repeat an earlier hit.</param>
    /// <param name="links">Receives the counted clicks per link.</param>
    public static void Whole(MessageState state, List<StoredEvent> events, List<CountChange> changes, HashSet<long> repeats, Dictionary<long, LinkTally> links)
    {
        // Per group of verdicts: a machine's hit must never hide the person's that follows it.
        var opens = new Dictionary<(long, VerdictGroup), long>();
        var clicks = new Dictionary<(long, VerdictGroup), long>();
        var (opened, clicked) = (new SeenBuckets(), new SeenBuckets());
        foreach (var stored in events)
        {
            var group = stored.Verdict.Group();
            var repeat = stored.Type switch
            {
                EventType.Opened when stored.Fingerprint != 0 => Within(opens, (stored.Fingerprint, group), stored.OccurredAt, OpenRepeat),
                EventType.Clicked when stored.LinkId != 0 => Within(clicks, (stored.LinkId, group), stored.OccurredAt, ClickRepeat),
                _ => false,
            };
            if (repeat)
            {
                repeats.Add(stored.Id);
            }

            var firstOfLink = false;
            if (CountsForLink(stored) && !repeat)
            {
                firstOfLink = !links.TryGetValue(stored.LinkId, out var tally);
                links[stored.LinkId] = new LinkTally(tally.Clicks + 1, firstOfLink ? stored.OccurredAt : tally.FirstAt, stored.OccurredAt);
            }

            var firsts = repeat || !CountsInBuckets(stored) ? BucketKinds.None : (stored.Type == EventType.Opened ? opened : clicked).Add(BucketsOf(stored));
            Apply(state, stored, repeat, firstOfLink, firsts, changes);
        }
    }

    /// <summary>Whether a click is kept per link: a person's, on a link we know.</summary>
    public static bool CountsForLink(in StoredEvent stored) =>
        stored.Type == EventType.Clicked && stored.LinkId != 0 && stored.Verdict.Group() == VerdictGroup.Person;

    /// <summary>Whether a hit counts for where and with what it was made: a person's does, an open inferred from a click is no hit.</summary>
    public static bool CountsInBuckets(in StoredEvent stored) => stored.Type.IsHit() && stored.Verdict.Group() == VerdictGroup.Person;

    public static Buckets BucketsOf(in StoredEvent hit) => Buckets.Of(hit.Verdict, hit.Place, hit.Client);

    /// <summary>The status shown: the strongest thing that happened. A bounced message opened only by a machine stays bounced.</summary>
    public static MessageStatus StatusOf(MessageState state) => state switch
    {
        { ComplainedAt: > 0 } => MessageStatus.Complained,
        { UnsubscribedAt: > 0 } => MessageStatus.Unsubscribed,
        { ClickedAt: > 0 } => MessageStatus.Clicked,
        { ConfirmedAt: > 0 } => MessageStatus.Opened,
        { BouncedAt: > 0 } => MessageStatus.Bounced,
        { OpenedAt: > 0 } => MessageStatus.Opened,
        { DroppedAt: > 0 } => MessageStatus.Dropped,
        { DeliveredAt: > 0 } => MessageStatus.Delivered,
        { DeferredAt: > 0 } => MessageStatus.Deferred,
        { SentAt: > 0 } => MessageStatus.Sent,
        { ProcessedAt: > 0 } => MessageStatus.Processed,
        _ => MessageStatus.Pending,
    };

    private static bool IsRefused(MessageState state) => state.Bounce != BounceKind.None && state.SentAt == 0;

    private static void Open(MessageState state, in StoredEvent opened, BucketKinds firsts, List<CountChange> changes)
    {
        var group = opened.Verdict.Group();
        changes.Add(Total(opened, group, firsts));
        if (group == VerdictGroup.Person)
        {
            state.Opens++;
            state.ConfirmedOpens++;
            Confirm(state, opened.OccurredAt, inferred: false, changes);
        }
        else if (group == VerdictGroup.Privacy)
        {
            state.Opens++;
            if (state.OpenedAt == 0)
            {
                state.OpenedAt = opened.OccurredAt;
                changes.Add(UniqueOpen(VerdictGroup.Privacy, opened.OccurredAt, 1));
            }
        }
    }

    private static void Click(MessageState state, in StoredEvent clicked, bool firstOfLink, BucketKinds firsts, List<CountChange> changes)
    {
        var group = clicked.Verdict.Group();
        if (group != VerdictGroup.Person)
        {
            changes.Add(Total(clicked, group));
            return;
        }

        state.Clicks++;
        var first = state.ClickedAt == 0;
        if (first)
        {
            state.ClickedAt = clicked.OccurredAt;
        }

        changes.Add(Total(clicked, group, firsts) with { Unique = first ? 1 : 0, LinkUnique = firstOfLink ? 1 : 0 });
        Confirm(state, clicked.OccurredAt, inferred: true, changes);
    }

    // A message counts as opened once, by its best witness: a person's open takes the place of a privacy proxy's.
    private static void Confirm(MessageState state, long at, bool inferred, List<CountChange> changes)
    {
        if (state.ConfirmedAt != 0)
        {
            return;
        }

        if (state.OpenedAt != 0)
        {
            changes.Add(UniqueOpen(VerdictGroup.Privacy, state.OpenedAt, -1));
        }
        else
        {
            state.OpenedAt = at;
        }

        state.ConfirmedAt = at;
        state.OpenInferred = inferred;
        changes.Add(UniqueOpen(VerdictGroup.Person, at, 1));
    }

    private static void Bounce(MessageState state, in StoredEvent bounced, List<CountChange> changes)
    {
        var kind = bounced.Bounce == BounceKind.None ? BounceKind.Soft : bounced.Bounce;
        changes.Add(new CountChange(EventType.Bounced, VerdictGroup.None, bounced.OccurredAt, 0, kind, 1, 0, 0));
        if (Strength(kind) <= Strength(state.Bounce))
        {
            return;
        }

        if (state.Bounce == BounceKind.None)
        {
            state.BouncedAt = bounced.OccurredAt;
        }
        else
        {
            changes.Add(UniqueBounce(state, -1));
        }

        state.Bounce = kind;
        changes.Add(UniqueBounce(state, 1));
    }

    // Bounced is a final state: what was delivered after a soft bounce or a block did arrive.
    private static void TakeBackBounce(MessageState state, List<CountChange> changes)
    {
        if (state.Bounce is BounceKind.Soft or BounceKind.Block)
        {
            changes.Add(UniqueBounce(state, -1));
            state.Bounce = BounceKind.None;
            state.BouncedAt = 0;
        }
    }

    // Handed over again by us after a soft bounce: how that ends is open once more.
    private static void TakeBackForAnotherTry(MessageState state, in StoredEvent sent, List<CountChange> changes)
    {
        if (sent.Source == EventSource.Smtp && state.SentAt != 0 && state.Bounce == BounceKind.Soft)
        {
            TakeBackBounce(state, changes);
        }
    }

    private static int Strength(BounceKind kind) => kind switch
    {
        BounceKind.None => 0,
        BounceKind.Soft => 1,
        BounceKind.Block => 2,
        BounceKind.Hard => 3,
    };

    private static void Once(long first, Action<long> set, in StoredEvent stored, List<CountChange> changes)
    {
        if (first == 0)
        {
            set(stored.OccurredAt);
        }

        changes.Add(Total(stored, VerdictGroup.None) with { Unique = first == 0 ? 1 : 0 });
    }

    private static CountChange Total(in StoredEvent stored, VerdictGroup group) =>
        new(stored.Type, group, stored.OccurredAt, stored.Type == EventType.Clicked ? stored.LinkId : 0, BounceKind.None, 1, 0, 0);

    private static CountChange Total(in StoredEvent hit, VerdictGroup group, BucketKinds firsts) =>
        group == VerdictGroup.Person ? Total(hit, group) with { Buckets = BucketsOf(hit), Firsts = firsts } : Total(hit, group);

    private static CountChange UniqueOpen(VerdictGroup group, long at, int step) =>
        new(EventType.Opened, group, at, 0, BounceKind.None, 0, step, 0);

    private static CountChange UniqueBounce(MessageState state, int step) =>
        new(EventType.Bounced, VerdictGroup.None, state.BouncedAt, 0, state.Bounce, 0, step, 0);

    private static bool Within(Dictionary<(long, VerdictGroup), long> last, (long, VerdictGroup) key, long at, long window)
    {
        var repeat = last.TryGetValue(key, out var previous) && at - previous <= window;
        last[key] = at;
        return repeat;
    }
}

/// <summary>Counted clicks of one message on one link; times in Unix milliseconds.</summary>
public readonly record struct LinkTally(int Clicks, long FirstAt, long LastAt);
