using ScoreTracking.Live;

namespace ScoreTracking.Ingest;

/// <summary>Tells the pages that look which figures a stored batch may have changed. A signal carries no data.</summary>
internal sealed class BatchSignal(LiveUpdates live)
{
    private readonly HashSet<LiveTopic> _topics = [];

    public void Send(EventStore store)
    {
        live.SignalLog();
        if (live.Watchers == 0)
        {
            return;
        }

        _topics.Clear();
        foreach (var (messageId, campaignId) in store.Touched)
        {
            _topics.Add(LiveTopic.Message(messageId));
            if (campaignId != 0)
            {
                _topics.Add(LiveTopic.Campaign(campaignId));
                _topics.Add(LiveTopic.Campaigns);
            }
            else
            {
                _topics.Add(LiveTopic.Mails);
            }
        }

        foreach (var contactId in store.Contacts)
        {
            _topics.Add(LiveTopic.Contact(contactId));
            _topics.Add(LiveTopic.Contacts);
        }

        // Not everything that happens to a person's mail moves their score.
        foreach (var contactId in live.WatchedContacts())
        {
            if (store.HasTouchedMailOf(contactId))
            {
                _topics.Add(LiveTopic.Contact(contactId));
            }
        }

        if (store.Suppressed)
        {
            _topics.Add(LiveTopic.Suppressions);
            _topics.Add(LiveTopic.Contacts);
        }

        foreach (var connectionId in store.Connections)
        {
            _topics.Add(LiveTopic.Connection(connectionId));
            _topics.Add(LiveTopic.Connections);
        }

        live.Signal(_topics);
    }
}
