using ScoreTracking.Counters;
using ScoreTracking.Data;

namespace ScoreTracking.Ingest;

/// <summary>Which messages a new burst makes suspect: those the same network and client clicked in around the same time. Clicks already turned are not asked again, so a gateway that scans everything costs each message one look, not one per burst.</summary>
internal sealed class Fleets(WriteConnection connection)
{
    private readonly List<Burst> _found = [];

    // The conditions of the index, word for word, or it is not used.
    private readonly Statement _lone = connection.Prepare("""
        SELECT DISTINCT message_id FROM events INDEXED BY events_lone_clicks
        WHERE campaign_id = ?1 AND fingerprint = ?2 AND occurred_at BETWEEN ?3 AND ?4 AND message_id <> ?5
            AND type = 8 AND origin < 4 AND (reasons & 35840) = 0
        """);

    public void Add(Burst burst) => _found.Add(burst);

    /// <summary>Messages to be folded again for the bursts added since, in their order; forgets those bursts.</summary>
    public SortedSet<long> Suspects()
    {
        var suspects = new SortedSet<long>();
        foreach (var fleet in _found.GroupBy(burst => (burst.CampaignId, burst.Fingerprint)))
        {
            // Where windows overlap they are asked for as one: the bursts of a batch mostly lie seconds apart.
            Burst? first = null;
            var (last, source) = (0L, 0L);
            foreach (var burst in fleet.OrderBy(burst => burst.At))
            {
                if (first is not null && burst.At - last > 2 * LinkBurst.FleetWindow)
                {
                    Ask(first, last, source, suspects);
                    first = null;
                }

                source = first is null || source == burst.MessageId ? burst.MessageId : 0;
                first ??= burst;
                last = burst.At;
            }

            if (first is not null)
            {
                Ask(first, last, source, suspects);
            }
        }

        _found.Clear();
        return suspects;
    }

    /// <summary>Forgets bursts of a batch that was rolled back.</summary>
    public void Discard() => _found.Clear();

    // A message is not suspect for its own burst.
    private void Ask(Burst first, long last, long source, SortedSet<long> suspects)
    {
        _lone.Bind(1, first.CampaignId).Bind(2, first.Fingerprint).Bind(3, first.At - LinkBurst.FleetWindow).Bind(4, last + LinkBurst.FleetWindow).Bind(5, source);
        while (_lone.Step())
        {
            suspects.Add(_lone.Number(0));
        }

        _lone.Reset();
    }
}
