using System.Text.Json;
using ScoreTracking.Api;
using ScoreTracking.Data;
using ScoreTracking.EventLog;
using ScoreTracking.Live;

namespace ScoreTracking.Reports.Streams;

/// <summary>New events of a campaign, as one update of a stream.</summary>
/// <param name="From">Position behind which it begins.</param>
/// <param name="To">Position up to which everything is told, in full or as skipped.</param>
/// <param name="Events">Oldest first.</param>
/// <param name="Skipped">Earlier ones left out, because there were too many at once.</param>
internal sealed record Activity(long From, long To, IReadOnlyList<LoggedEvent> Events, long Skipped)
{
    private byte[]? _json;

    /// <summary>As every stream sends it, written once for all of them.</summary>
    public byte[] Json => _json ??= JsonSerializer.SerializeToUtf8Bytes(new ActivityBody(Events, Skipped), ApiSetup.Json);

    private sealed record ActivityBody(IReadOnlyList<LoggedEvent> Data, long Skipped);
}

/// <summary>The end of a campaign's log. Events are numbered in the order they were stored, so a number is a place to go on from.</summary>
internal static class ActivityQuery
{
    private const string Head = "SELECT coalesce(max(id), 0) FROM events WHERE campaign_id = $campaign";

    private const string Count = "SELECT count(*) FROM events WHERE campaign_id = $campaign AND id > $from AND id <= $to";

    private const string Between = "SELECT * FROM events INDEXED BY events_campaign WHERE campaign_id = $campaign AND id > $from AND id <= $to ORDER BY id";

    private const string Newest = "SELECT " + LoggedEvent.Columns + " FROM (" + Between + " DESC LIMIT $limit) e " + LoggedEvent.Joins;

    private const string Next = "SELECT " + LoggedEvent.Columns + " FROM (" + Between + " LIMIT $limit) e " + LoggedEvent.Joins;

    /// <summary>What is new since the last read, shared by all who watch the campaign. The first read only finds the end of the log.</summary>
    public static LiveQuery<Activity> Live(long campaignId, int limit)
    {
        var at = -1L;
        return new(LiveTopic.Campaign(campaignId), ("activity", limit), async (db, token) =>
        {
            await using var snapshot = await Sql.SnapshotAsync(db, token);
            var head = await ScalarAsync(db, Head, campaignId, 0, 0, token);
            var news = at < 0 ? new Activity(head, head, [], 0) : await BetweenAsync(db, campaignId, at, head, limit, token);

            // Moved only once everything was read: a read that failed is made again from the same place.
            at = news.To;
            return news;
        });
    }

    /// <summary>The newest events between two positions, and how many were left out.</summary>
    public static async Task<Activity> BetweenAsync(ScoreDb db, long campaignId, long from, long to, int limit, CancellationToken cancellationToken)
    {
        if (to <= from)
        {
            return new Activity(from, from, [], 0);
        }

        var events = await RowsAsync(db, Newest, campaignId, from, to, limit, cancellationToken);
        events.Reverse();
        var all = events.Count < limit ? events.Count : await ScalarAsync(db, Count, campaignId, from, to, cancellationToken);
        return new Activity(from, to, events, all - events.Count);
    }

    /// <summary>The events next behind a position, none left out: the update reaches as far as they do.</summary>
    public static async Task<Activity> NextAsync(ScoreDb db, long campaignId, long from, long to, int limit, CancellationToken cancellationToken)
    {
        var events = await RowsAsync(db, Next, campaignId, from, to, limit, cancellationToken);
        var reached = events.Count == limit && PublicId.TryEvent(events[^1].Id, out var last) ? last : to;
        return new Activity(from, reached, events, 0);
    }

    private static async Task<List<LoggedEvent>> RowsAsync(
        ScoreDb db, string sql, long campaignId, long from, long to, int limit, CancellationToken cancellationToken)
    {
        var events = new List<LoggedEvent>();
        await Sql.ReadAsync(
            db, sql, [("$campaign", campaignId), ("$from", from), ("$to", to), ("$limit", limit)], row => events.Add(LoggedEvent.Read(row)), cancellationToken);
        return events;
    }

    private static async Task<long> ScalarAsync(ScoreDb db, string sql, long campaignId, long from, long to, CancellationToken cancellationToken)
    {
        var value = 0L;
        await Sql.ReadAsync(db, sql, [("$campaign", campaignId), ("$from", from), ("$to", to)], row => value = row.GetInt64(0), cancellationToken);
        return value;
    }
}
