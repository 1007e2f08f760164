using ScoreTracking.Data;
using ScoreTracking.Events;

namespace ScoreTracking.Ingest;

/// <summary>Counts opens and clicks of a batch that must not be anybody's: the campaign, the link and the kind of reader, and nothing else.</summary>
internal sealed class NamelessHits(WriteConnection connection)
{
    private readonly Statement _add = connection.Prepare("""
        INSERT INTO anonymous_hits (campaign_id, type, link_id, verdict, total) VALUES (?1, ?2, ?3, ?4, ?5)
        ON CONFLICT (campaign_id, type, link_id, verdict) DO UPDATE SET total = total + excluded.total
        """);
    private readonly Dictionary<(long CampaignId, EventType Type, long LinkId, Verdict Verdict), long> _hits = [];

    public void Add(long campaignId, EventType type, long linkId, Verdict verdict)
    {
        var key = (campaignId, type, linkId, verdict);
        _hits[key] = _hits.GetValueOrDefault(key) + 1;
    }

    public void Write()
    {
        foreach (var (key, total) in _hits)
        {
            _add.Bind(1, key.CampaignId).Bind(2, (long)key.Type).Bind(3, key.LinkId).Bind(4, (long)key.Verdict).Bind(5, total).Run();
        }

        _hits.Clear();
    }

    /// <summary>Forgets the batch.</summary>
    public void Discard() => _hits.Clear();
}
