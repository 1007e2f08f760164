using System.Globalization;
using ScoreTracking.Data;
using ScoreTracking.Events;

namespace ScoreTracking.Ingest;

/// <summary>Events whose message is not known (yet): kept, and handed in again once it is.</summary>
internal sealed class UnmatchedRows(WriteConnection connection)
{
    private readonly Statement _insert = connection.Prepare("""
        INSERT INTO unmatched_events (id, received_at, esp_message_id, campaign_id, email, customer_id, payload) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
        ON CONFLICT DO NOTHING
        """);
    private readonly Statement _page = connection.Prepare("SELECT id, payload FROM unmatched_events WHERE id > ?1 ORDER BY id LIMIT ?2");
    private readonly Statement _exists = connection.Prepare("SELECT 1 FROM message_state WHERE message_id = ?1 AND variant >= 0");
    private readonly Statement _delete = connection.Prepare("DELETE FROM unmatched_events WHERE id = ?1");
    private readonly Statement _purge = connection.Prepare("DELETE FROM unmatched_events WHERE received_at < ?1");
    private readonly MessageMatch _match = new(connection);

    // Without its address, which only place and verdict would need; with a key, so that handing it in again can be repeated.
    public void Keep(InboxEvent waiting)
    {
        var kept = waiting.Reported with
        {
            IpAddress = null,
            SourceKey = waiting.Reported.SourceKey ?? string.Create(CultureInfo.InvariantCulture, $"unmatched:{waiting.Position}"),
        };
        _insert.Bind(1, waiting.Position).Bind(2, kept.ReceivedAt.ToUnixTimeMilliseconds()).Bind(3, kept.EspMessageId).Bind(4, kept.CampaignId)
            .Bind(5, kept.CustomerEmail).Bind(6, kept.CustomerId).Bind(7, EventCodec.Write(kept)).Run();
    }

    /// <summary>Looks through a page of them for those whose message exists by now.</summary>
    /// <returns>The matches, and the last id looked at, 0 at the end.</returns>
    public (List<InboxEvent> Found, long Last) FindMatches(long after, int limit)
    {
        var page = new List<InboxEvent>();
        _page.Bind(1, after).Bind(2, limit);
        while (_page.Step())
        {
            page.Add(new InboxEvent(_page.Number(0), EventCodec.Read(_page.Blob(1))));
        }

        _page.Reset();
        var found = page.Where(waiting => _match.Find(waiting.Reported) is not 0 and var id && _exists.Bind(1, id).Scalar() is not null).ToList();
        return (found, page.Count == limit ? page[^1].Position : 0);
    }

    public void Delete(long id) => _delete.Bind(1, id).Run();

    public void Purge(DateTimeOffset before) => _purge.Bind(1, before.ToUnixTimeMilliseconds()).Run();
}
