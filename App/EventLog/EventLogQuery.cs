using System.Globalization;
using ScoreTracking.Api;
using ScoreTracking.Data;
using ScoreTracking.Events;
using ScoreTracking.Live;

namespace ScoreTracking.EventLog;

/// <summary>Which events of the log; null means any.</summary>
/// <param name="From">Earliest occurrence.</param>
/// <param name="To">First occurrence no longer wanted.</param>
public sealed record EventFilter(
    long? CampaignId, string? CustomerId, string? CustomerEmail, EventType? Type, Verdict? Verdict, DateTimeOffset? From, DateTimeOffset? To, long? MessageId = null)
{
    public static EventFilter OfMessage(long messageId) => new(null, null, null, null, null, null, null, messageId);

    /// <summary>Everything the list depends on, for its cursors.</summary>
    internal string Scope => string.Create(
        CultureInfo.InvariantCulture,
        $"{CampaignId}\n{CustomerId}\n{CustomerEmail}\n{(int?)Type}\n{(int?)Verdict}\n{From?.ToUnixTimeMilliseconds()}\n{To?.ToUnixTimeMilliseconds()}\n{MessageId}");
}

/// <summary>A page of the log, newest first.</summary>
/// <param name="Previous">Where the page before ends: "" for the newest, null where there is none.</param>
/// <param name="Next">Where the page after begins; null on the last.</param>
/// <param name="IsCut">It holds fewer than asked for although there may be more: the next page goes on behind what was looked at.</param>
public sealed record EventLogPage(IReadOnlyList<LoggedEvent> Rows, string? Previous, string? Next, bool IsCut);

/// <summary>The log, newest arrival first, in pages by key.</summary>
public static class EventLogQuery
{
    /// <summary>The list's name in its cursors; the key says the direction and the event the page begins behind.</summary>
    public const string List = "events";

    private const int Down = 0;
    private const int Up = 1;

    /// <summary>A campaign's log, the same for whoever looks at the same page with the same filter.</summary>
    public static LiveQuery<EventLogPage> Live(EventFilter filter, string? cursor, int limit) => new(
        LiveTopic.Campaign(filter.CampaignId ?? 0), ("activity", filter, cursor, limit), (db, token) => RunAsync(db, filter, cursor, limit, token));

    /// <summary>Whether a cursor belongs to this list and filter; no cursor does.</summary>
    public static bool IsCursor(EventFilter filter, string? cursor) => SealedCursor.TryRead(List, filter.Scope, cursor, 2, out _);

    /// <param name="cursor">From a page before; null or unreadable begins with the newest.</param>
    public static async Task<EventLogPage> RunAsync(ScoreDb db, EventFilter filter, string? cursor, int limit, CancellationToken cancellationToken)
    {
        _ = SealedCursor.TryRead(List, filter.Scope, cursor, 2, out var at);
        await using var snapshot = await Sql.SnapshotAsync(db, cancellationToken);
        var up = at?[0] == Up;
        var rows = await ReadAsync(db, filter, at?[1], up, limit + 1, cancellationToken);
        if (up && rows.Count == 0)
        {
            (at, up) = (null, false);
            rows = await ReadAsync(db, filter, null, upwards: false, limit + 1, cancellationToken);
        }

        var more = rows.Count > limit;
        long? end = null;
        if (more)
        {
            rows.RemoveAt(limit);
        }
        else if (!EventWalk.IsExact(filter))
        {
            end = await EndAsync(db, filter, at?[1], up, limit + 1, cancellationToken);
        }

        if (up)
        {
            rows.Reverse();
        }

        var events = rows.ConvertAll(row => row.Event);
        var (first, last) = rows.Count > 0 ? (rows[0].Id, rows[^1].Id) : (0, 0);
        return new EventLogPage(
            events,
            up ? more || end is not null ? Cursor(Up, more ? first : end!.Value) : null
                : at is null ? null : rows.Count > 0 ? Cursor(Up, first) : "",
            up ? Cursor(Down, rows.Count > 0 ? last : at![1] - 1)
                : more || end is not null ? Cursor(Down, more ? last : end!.Value) : null,
            !more && end is not null);

        string Cursor(int direction, long id) => SealedCursor.Write(List, filter.Scope, direction, id);
    }

    /// <summary>What the walk's statements need, from an event on.</summary>
    internal static (string Name, object Value)[] Parameters(EventFilter filter, long? from, bool upwards, int limit) =>
    [
        ("$campaign", Value(filter.CampaignId)), ("$customer", Value(filter.CustomerId)), ("$email", Value(filter.CustomerEmail)), ("$message", Value(filter.MessageId)),
        ("$type", Value((int?)filter.Type)), ("$verdict", Value((int?)filter.Verdict)),
        ("$after", Value(filter.From?.ToUnixTimeMilliseconds())), ("$until", Value(filter.To?.ToUnixTimeMilliseconds())),
        ("$from", from ?? (upwards ? 0 : long.MaxValue)), ("$limit", limit), ("$visits", EventWalk.IsExact(filter) ? limit : Math.Max(limit, EventWalk.Visits)),
    ];

    /// <summary>The statement that reads rows of the log with these columns.</summary>
    internal static string Statement(string columns, string joins, EventFilter filter, bool upwards) => $"""
        SELECT {columns} FROM ({EventWalk.Rows(filter, upwards)}) e {joins}
        WHERE ($type IS NULL OR e.type = $type) AND ($verdict IS NULL OR e.verdict = $verdict)
            AND ($after IS NULL OR e.occurred_at >= $after) AND ($until IS NULL OR e.occurred_at < $until) AND ($campaign IS NULL OR e.campaign_id = $campaign)
        LIMIT $limit
        """;

    /// <summary>The last event a walk looked at, if it stopped there and not at the end of the log.</summary>
    internal static string EndStatement(EventFilter filter, bool upwards) => $"SELECT id FROM ({EventWalk.Rows(filter, upwards)}) LIMIT 1 OFFSET $visits - 1";

    private static async Task<List<(long Id, LoggedEvent Event)>> ReadAsync(
        ScoreDb db, EventFilter filter, long? from, bool upwards, int limit, CancellationToken cancellationToken)
    {
        var rows = new List<(long, LoggedEvent)>();
        await Sql.ReadAsync(
            db,
            Statement(LoggedEvent.Columns, LoggedEvent.Joins, filter, upwards),
            Parameters(filter, from, upwards, limit),
            row => rows.Add((row.GetInt64(0), LoggedEvent.Read(row))),
            cancellationToken);
        return rows;
    }

    private static async Task<long?> EndAsync(ScoreDb db, EventFilter filter, long? from, bool upwards, int limit, CancellationToken cancellationToken)
    {
        long? end = null;
        await Sql.ReadAsync(db, EndStatement(filter, upwards), Parameters(filter, from, upwards, limit), row => end = row.GetInt64(0), cancellationToken);
        return end;
    }

    private static object Value(object? value) => value ?? DBNull.Value;
}
