using ScoreTracking.Counters;
using ScoreTracking.Data;
using ScoreTracking.Events;
using ScoreTracking.Ingest.Enrichment;

namespace ScoreTracking.Ingest;

/// <summary>An event about to be stored, and the report it came from.</summary>
internal readonly record struct Piece(StoredEvent Stored, EmailEvent Reported);

/// <summary>Brings one message up to date with its news: log rows, state, clicks, counters. Within the batch's transaction.</summary>
internal sealed class MessageUpdate(WriteConnection connection, Surroundings surroundings)
{
    private readonly List<CountChange> _changes = [];

    public EventRows Rows { get; } = new(connection, surroundings.Catalog);

    public CounterProjection Counters { get; } = new(connection);

    /// <param name="state">As stored; replaced by what it becomes, and written.</param>
    /// <param name="news">Events the log does not have yet; sorted here.</param>
    public void Apply(ref MessageState state, List<Piece> news)
    {
        _changes.Clear();
        news.Sort((a, b) => StoredEvent.InTime.Compare(a.Stored, b.Stored));
        if (Follow(state, news))
        {
            Append(state, news);
        }
        else
        {
            Refold(ref state, news);
        }

        Rows.Update(state);
    }

    // The quick way is right when all news is later than everything known and no hit can be a repeat of a known one.
    private static bool Follow(MessageState state, List<Piece> news)
    {
        var (lastOpen, lastClick) = (state.LastOpenAt, state.LastClickAt);
        if (news[0].Stored.OccurredAt <= state.LastAt)
        {
            return false;
        }

        if (news.Exists(piece => MessageVerdicts.Turns(piece.Stored)) && (lastOpen + lastClick != 0 || news.Exists(piece => piece.Stored.Type.IsHit())))
        {
            return false;
        }

        foreach (var (stored, _) in news)
        {
            if (stored.Type == EventType.Opened)
            {
                if (lastOpen != 0 && stored.OccurredAt - lastOpen <= MessageFold.OpenRepeat)
                {
                    return false;
                }

                lastOpen = stored.OccurredAt;
            }
            else if (stored.Type == EventType.Clicked)
            {
                if (lastClick != 0 && stored.OccurredAt - lastClick <= MessageFold.ClickRepeat)
                {
                    return false;
                }

                lastClick = stored.OccurredAt;
            }
        }

        return true;
    }

    private void Append(MessageState state, List<Piece> news)
    {
        foreach (var (stored, reported) in news)
        {
            var firstOfLink = MessageFold.CountsForLink(stored) && Rows.Click(stored);
            var firsts = Firsts(state, stored);
            Insert(state, stored, reported, repeat: false);
            MessageFold.Apply(state, stored, repeat: false, firstOfLink, firsts, _changes);
        }

        Count(state, _changes, 1);
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

    // The careful way: what the message counted for before is taken back, and the whole of it counted again.
    private void Refold(ref MessageState state, List<Piece> news)
    {
        var (events, marks) = Rows.Events(state.MessageId);
        var oldLinks = new Dictionary<long, LinkTally>();
        MessageFold.Whole(MessageStateRow.Untouched(state), events, _changes, [], oldLinks);
        Count(state, _changes, -1);

        _changes.Clear();
        foreach (var (stored, _) in news)
        {
            events.Add(stored);
        }

        var repeats = new HashSet<long>();
        var links = new Dictionary<long, LinkTally>();
        state = MessageStateRow.Untouched(state);
        MessageFold.Whole(state, events, _changes, repeats, links);
        Count(state, _changes, 1);

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
