using ScoreTracking.Data;

namespace ScoreTracking.Counters;

/// <summary>The bursts of every message, as its neighbours' verdicts ask for them, and the links a burst is measured by.</summary>
public sealed class BurstRows(WriteConnection connection)
{
    private readonly Statement _elsewhere = connection.Prepare(
        "SELECT 1 FROM bursts WHERE campaign_id = ?1 AND fingerprint = ?2 AND at BETWEEN ?3 AND ?4 AND message_id <> ?5 LIMIT 1");
    private readonly Statement _one = connection.Prepare("SELECT 1 FROM bursts WHERE campaign_id = ?1 AND fingerprint = ?2 AND at = ?3 AND message_id = ?4");
    private readonly Statement _count = connection.Prepare("SELECT count(*) FROM bursts WHERE ?1 = 0 OR campaign_id = ?1");
    private readonly Statement _add = connection.Prepare("INSERT INTO bursts (campaign_id, fingerprint, at, message_id) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING");
    private readonly Statement _remove = connection.Prepare("DELETE FROM bursts WHERE campaign_id = ?1 AND fingerprint = ?2 AND at = ?3 AND message_id = ?4");
    private readonly Statement _clear = connection.Prepare("DELETE FROM bursts WHERE ?1 = 0 OR campaign_id = ?1");

    // How many links stand in the content a link belongs to. HTML that callers bring themselves differs from mail to mail
    // and its links are kept together: nobody knows how many one mail had.
    private readonly Statement _links = connection.Prepare("""
        SELECT count(DISTINCT beside.position) FROM links l JOIN links beside ON beside.campaign_id = l.campaign_id AND beside.content = l.content
        WHERE l.id = ?1 AND l.content <> 'own'
        """);
    private readonly Statement _linksOfMessage = connection.Prepare(
        "SELECT count(*) FROM links WHERE message_id = (SELECT message_id FROM links WHERE id = ?1)");

    /// <summary>Whether a network and client swept another message of the campaign within <see cref="LinkBurst.FleetWindow"/> of a moment.</summary>
    public bool Elsewhere(long campaignId, long messageId, long fingerprint, long at) =>
        _elsewhere.Bind(1, campaignId).Bind(2, fingerprint).Bind(3, at - LinkBurst.FleetWindow).Bind(4, at + LinkBurst.FleetWindow).Bind(5, messageId).Scalar() is not null;

    /// <summary>Tracked links of the content a link stands in, itself included; 0 when nobody knows.</summary>
    public long LinksBeside(long linkId) => _links.Bind(1, linkId).Scalar() is > 0 and var count ? count : _linksOfMessage.Bind(1, linkId).Scalar() ?? 0;

    public bool Contains(Burst burst) => Bind(_one, burst).Scalar() is not null;

    public void Add(Burst burst) => Bind(_add, burst).Run();

    public void Remove(Burst burst) => Bind(_remove, burst).Run();

    /// <param name="campaignId">0 for all.</param>
    public long Count(long campaignId) => _count.Bind(1, campaignId).Scalar() ?? 0;

    /// <param name="campaignId">0 for all.</param>
    public void Clear(long campaignId) => _clear.Bind(1, campaignId).Run();

    private static Statement Bind(Statement statement, Burst burst) =>
        statement.Bind(1, burst.CampaignId).Bind(2, burst.Fingerprint).Bind(3, burst.At).Bind(4, burst.MessageId);
}
