using System.Collections.Concurrent;
using System.Globalization;
using ScoreTracking.Data;
using ScoreTracking.Events;

namespace ScoreTracking.Tests.Ingest;

/// <summary>
/// What was sent, and what of it the server said is on disk. Afterwards the log must hold everything acknowledged, and
/// nothing that was not sent: a hit without an answer may be there or not, a reported event at most once.
/// </summary>
public sealed class Acknowledgements
{
    private readonly ConcurrentDictionary<(EventType Type, long MessageId, long LinkId), (int Sent, int Acknowledged)> _hits = new();
    private readonly ConcurrentDictionary<string, bool> _reported = new();

    /// <summary>Everything acknowledged.</summary>
    public int Count => _hits.Values.Sum(hit => hit.Acknowledged) + _reported.Values.Count(acknowledged => acknowledged);

    public void HitSent(EventType type, long messageId, long linkId = 0) =>
        _hits.AddOrUpdate((type, messageId, linkId), (1, 0), (_, hit) => (hit.Sent + 1, hit.Acknowledged));

    public void HitAcknowledged(EventType type, long messageId, long linkId = 0) =>
        _hits.AddOrUpdate((type, messageId, linkId), (0, 1), (_, hit) => (hit.Sent, hit.Acknowledged + 1));

    public void ReportSent(IEnumerable<string> eventIds)
    {
        foreach (var eventId in eventIds)
        {
            _reported[eventId] = false;
        }
    }

    public void ReportAcknowledged(IEnumerable<string> eventIds)
    {
        foreach (var eventId in eventIds)
        {
            _reported[eventId] = true;
        }
    }

    /// <summary>Compares with the log of a database.</summary>
    /// <returns>One line per event lost or made up; empty when the promise is kept.</returns>
    public IReadOnlyList<string> Broken(string database)
    {
        using var connection = new WriteConnection(database, "query_only=1", "wal_autocheckpoint=0");
        return [.. BrokenHits(connection), .. BrokenReports(connection)];
    }

    private IEnumerable<string> BrokenHits(WriteConnection connection)
    {
        var stored = new Dictionary<(EventType, long, long), int>();
        var rows = connection.Prepare($"SELECT type, message_id, link_id, count(*) FROM events WHERE source = {(int)EventSource.Tracking} GROUP BY type, message_id, link_id");
        while (rows.Step())
        {
            stored[((EventType)rows.Number(0), rows.Number(1), rows.Number(2))] = (int)rows.Number(3);
        }

        rows.Reset();
        foreach (var (hit, (sent, acknowledged)) in _hits)
        {
            stored.Remove(hit, out var found);
            if (found < acknowledged || found > sent)
            {
                yield return string.Create(CultureInfo.InvariantCulture, $"{hit}: {sent} sent, {acknowledged} acknowledged, {found} stored");
            }
        }

        foreach (var (hit, found) in stored)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"{hit}: never sent, {found} stored");
        }
    }

    private IEnumerable<string> BrokenReports(WriteConnection connection)
    {
        var stored = new Dictionary<string, int>();
        var rows = connection.Prepare($"SELECT detail ->> '$.source_key', count(*) FROM events WHERE source = {(int)EventSource.Api} GROUP BY 1");
        while (rows.Step())
        {
            stored[rows.Text(0)] = (int)rows.Number(1);
        }

        rows.Reset();
        foreach (var (eventId, acknowledged) in _reported)
        {
            stored.Remove($"api:{eventId}", out var found);
            if (found > 1 || (acknowledged && found == 0))
            {
                yield return string.Create(CultureInfo.InvariantCulture, $"{eventId}: {(acknowledged ? "acknowledged" : "sent")}, {found} stored");
            }
        }

        foreach (var (eventId, found) in stored)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"{eventId}: never sent, {found} stored");
        }
    }
}
