using ScoreTracking.Counters;
using ScoreTracking.Data;
using ScoreTracking.Engagement;
using ScoreTracking.Events;
using ScoreTracking.Ingest.Enrichment;

namespace ScoreTracking.Ingest;

/// <summary>An event about to be stored, and the report it came from.</summary>
internal readonly record struct Piece(StoredEvent Stored, EmailEvent Reported);

/// <summary>Brings one message up to date with its news: log rows, state, clicks, counters, what it adds to its contact's engagement. Within the batch's transaction.</summary>
internal sealed class MessageUpdate(WriteConnection connection, Surroundings surroundings)
{
    private readonly List<CountChange> _changes = [];
    private readonly BurstRows _bursts = new(connection);

    public EventRows Rows { get; } = new(connection, surroundings.Catalog);

    public CounterProjection Counters { get; } = new(connection);

    public EngagementProjection Engagement { get; } = new(connection);

    /// <summary>Bursts this batch found, for the messages next to them.</summary>
    public Fleets Fleets { get; } = new(connection);

    /// <summary>Messages folded as a whole so far: what late and suspicious events cost.</summary>
    public long Refolds { get; private set; }

    /// <param name="state">As stored; replaced by what it becomes, and written.</param>
    /// <param name="news">Events the log does not have yet; sorted here.</param>
    /// <param name="byHand">Verdicts a person gave to events, the news' or older ones'; None gives one back to the rules.</param>
    public void Apply(ref MessageState state, List<Piece> news, IReadOnlyDictionary<long, Verdict> byHand)
    {
        _changes.Clear();
        var before = MessageShare.Of(state);
        news.Sort((a, b) => StoredEvent.InTime.Compare(a.Stored, b.Stored));
        if (byHand.Count == 0 && Follow(state, news))
        {
            Append(state, news);
        }
        else
        {
            Refold(ref state, news, byHand);
        }

        Rows.Update(state);
        Engagement.Note(state, before, logged: news.Count > 0);
    }

    // The quick way is right when all news is later than everything known, no hit can be a repeat of a known one, and none
    // is judged by the company it keeps.
    private bool Follow(MessageState state, List<Piece> news)
    {
        if (news.Count == 0 || news[0].Stored.OccurredAt <= state.LastAt)
        {
            return false;
        }

        var (lastOpen, lastClick) = (state.LastOpenAt, state.LastClickAt);
        if (news.Exists(piece => MessageVerdicts.Turns(piece.Stored)) && (lastOpen + lastClick != 0 || news.Exists(piece => piece.Stored.Type.IsHit())))
        {
            return false;
        }

        var (sentAt, deliveredAt) = (state.SentAt, state.DeliveredAt);
        foreach (var (stored, _) in news)
        {
            if (stored.Type.IsHit() && !MessageVerdicts.StandsAlone(state, stored, sentAt, deliveredAt, lastClick, _bursts))
            {
                return false;
            }

            switch (stored.Type)
            {
                case EventType.Opened when lastOpen != 0 && stored.OccurredAt - lastOpen <= MessageFold.OpenRepeat:
                case EventType.Clicked when lastClick != 0 && stored.OccurredAt - lastClick <= MessageFold.ClickRepeat:
                    return false;
                case EventType.Opened:
                    lastOpen = stored.OccurredAt;
                    break;
                case EventType.Clicked:
                    lastClick = stored.OccurredAt;
                    break;
                case EventType.Sent when sentAt == 0:
                    sentAt = stored.OccurredAt;
                    break;
                case EventType.Delivered when deliveredAt == 0:
                    deliveredAt = stored.OccurredAt;
                    break;
            }
        }

        return true;
    }

    private void Append(MessageState state, List<Piece> news)
    {
        foreach (var (stored, reported) in news)
        {
            var clicks = MessageFold.CountsForLink(stored) ? Rows.Click(stored) : 0;
            var firsts = Firsts(state, stored);
            Engage(state, stored, clicks);
            Insert(state, stored, reported, repeat: false);
            MessageFold.Apply(state, stored, repeat: false, firstOfLink: clicks == 1, firsts, _changes);
        }

        Count(state, _changes, 1);
    }

    // Before the event is in the log and in the state.
    private void Engage(MessageState state, in StoredEvent stored, int clicks)
    {
        if (EngagingEvent.Is(stored))
        {
            var nth = stored.Type switch
            {
                EventType.Opened => state.ConfirmedOpens + 1,
                EventType.Clicked when clicks > 0 => clicks,
                EventType.Clicked when state.Clicks > 0 => Rows.UnlinkedClicks(state.MessageId) + 1,
                _ => 1,
            };
            Engagement.Add(state, new EngagingEvent(stored.OccurredAt, stored.Type, nth));
        }
    }

    // The first hit of a message is the first everywhere; only a later one needs a look at those before it.
    private BucketKinds Firsts(MessageState state, in StoredEvent stored)
    {
        if (state.CampaignId == 0 || !MessageFold.CountsInBuckets(stored))
        {
            return BucketKinds.None;
        }

        return (stored.Type == EventType.Opened ? state.ConfirmedOpens : state.Clicks) == 0 ? BucketKinds.All : Rows.Firsts(stored);
    }

    // The careful way: what the message counted for before is taken back, and the whole of it judged and counted again.
    private void Refold(ref MessageState state, List<Piece> news, IReadOnlyDictionary<long, Verdict> byHand)
    {
        Refolds++;
        var (events, marks) = Rows.Events(state.MessageId);
        var oldLinks = new Dictionary<long, LinkTally>();
        events.Sort(StoredEvent.InTime);
        var oldRepeats = new HashSet<long>();
        MessageFold.Whole(MessageStateRow.Untouched(state), events, _changes, oldRepeats, oldLinks);
        Count(state, _changes, -1);
        var engagedBefore = EngagingEvent.Of(events, oldRepeats);
        var oldBursts = state.Swept ? LinkBurst.Rows(state, events, LinkBurst.Find(events, _bursts)) : [];

        _changes.Clear();
        foreach (var (stored, _) in news)
        {
            events.Add(stored);
        }

        GiveByHand(events, byHand);
        events.Sort(StoredEvent.InTime);
        var repeats = new HashSet<long>();
        var links = new Dictionary<long, LinkTally>();
        state = MessageStateRow.Untouched(state);
        var bursts = MessageVerdicts.Judge(state, events, _bursts);
        MessageFold.Whole(state, events, _changes, repeats, links);
        Count(state, _changes, 1);
        Change(oldBursts, bursts);
        Engagement.Change(state, engagedBefore, EngagingEvent.Of(events, repeats), logged: news.Count > 0);

        var reports = news.ToDictionary(piece => piece.Stored.Id, piece => piece.Reported);
        foreach (var stored in events)
        {
            var repeat = repeats.Contains(stored.Id);
            if (reports.TryGetValue(stored.Id, out var reported))
            {
                Insert(state, stored, reported, repeat);
            }
            else if (marks[stored.Id] != new Marks(repeat, stored.Verdict, stored.Reasons))
            {
                Rows.Mark(stored, repeat);
            }
        }

        foreach (var (linkId, tally) in links)
        {
            if (!oldLinks.Remove(linkId, out var before) || before != tally)
            {
                Rows.SetClicks(linkId, state.MessageId, tally);
            }
        }

        foreach (var linkId in oldLinks.Keys)
        {
            Rows.DropClicks(linkId, state.MessageId);
        }
    }

    private static void GiveByHand(List<StoredEvent> events, IReadOnlyDictionary<long, Verdict> byHand)
    {
        for (var i = 0; i < events.Count; i++)
        {
            if (events[i].Type.IsHit() && byHand.TryGetValue(events[i].Id, out var given))
            {
                events[i] = given == Verdict.None
                    ? events[i] with { Reasons = events[i].Reasons & ~VerdictReasons.ByHand }
                    : events[i] with { Verdict = given, Reasons = events[i].Reasons | VerdictReasons.ByHand };
            }
        }
    }

    private void Change(List<Burst> before, List<Burst> after)
    {
        foreach (var burst in before.Except(after))
        {
            _bursts.Remove(burst);
        }

        foreach (var burst in after.Except(before))
        {
            _bursts.Add(burst);
            Fleets.Add(burst);
        }
    }

    private void Insert(MessageState state, in StoredEvent stored, EmailEvent reported, bool repeat) =>
        Rows.Insert(state.CampaignId, stored, reported, surroundings.Clients.AgentId(reported.UserAgent, stored.ReceivedAt), repeat);

    private void Count(MessageState state, List<CountChange> changes, int sign)
    {
        foreach (var change in changes)
        {
            Counters.Add(CountedMessage.Of(state), change, sign);
        }
    }
}
