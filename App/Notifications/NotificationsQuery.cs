using System.Data.Common;
using System.Globalization;
using ScoreTracking.Api;
using ScoreTracking.Data;
using ScoreTracking.Events;
using ScoreTracking.Live;

namespace ScoreTracking.Notifications;

/// <summary>Which notifications; null means any.</summary>
/// <param name="UserId">Those one person was told of, with their marks; null: all there are, with the marks of programs.</param>
/// <param name="Unread">True: only those not marked as read.</param>
public sealed record NotificationFilter(long? UserId, NotificationKinds? Kind = null, long? MessageId = null, bool Unread = false)
{
    /// <summary>Everything the list depends on, for its cursors.</summary>
    internal string Scope => string.Create(CultureInfo.InvariantCulture, $"{UserId}\n{(int?)Kind}\n{MessageId}\n{Unread}");
}

/// <summary>One notification, with what is read beside its message.</summary>
/// <param name="Subject">Of a single mail; the name of a campaign.</param>
public sealed record NotificationRow(
    long Id, NotificationKinds Kind, long MessageId, long CampaignId, long EventId, string Email, string? CustomerId, string Subject, DateTimeOffset At, bool Read);

/// <summary>A page of notifications, newest first.</summary>
/// <param name="Previous">Cursor of the page before: "" for the first, null where there is none.</param>
/// <param name="Next">Null on the last page.</param>
public sealed record NotificationPage(IReadOnlyList<NotificationRow> Rows, string? Previous, string? Next);

/// <summary>What the bell shows.</summary>
/// <param name="Unread">At most <see cref="NotificationsQuery.MaxCounted"/>.</param>
public sealed record BellView(int Unread, IReadOnlyList<NotificationRow> Newest);

/// <summary>Notifications, newest first, by key. What stands on an open or click that has become a machine's is not shown.</summary>
public static class NotificationsQuery
{
    /// <summary>The list's name in its cursors; the key says the direction and the notification the page begins behind.</summary>
    public const string List = "notifications";

    /// <summary>More unread ones than this are not counted.</summary>
    public const int MaxCounted = 100;

    public const int PageSize = 25;

    private const int InBell = 6;
    private const int Down = 0;
    private const int Up = 1;

    private static readonly string s_true = $"""
        (n.kind NOT IN ({(int)NotificationKinds.FirstOpen}, {(int)NotificationKinds.FirstClick})
            OR EXISTS (SELECT 1 FROM events e WHERE e.id = n.event_id AND e.verdict IN ({(int)Verdict.Human}, {(int)Verdict.Proxy})))
        """;

    private static readonly string s_personDown = Statement(OfPerson, "<", "DESC");
    private static readonly string s_personUp = Statement(OfPerson, ">", "ASC");
    private static readonly string s_allDown = Statement(OfAll, "<", "DESC");
    private static readonly string s_allUp = Statement(OfAll, ">", "ASC");

    private static readonly string s_unread = $"""
        SELECT count(*) FROM (
            SELECT 1 FROM notification_readers r CROSS JOIN notifications n ON n.id = r.notification_id
            WHERE r.user_id = $user AND r.read_at = 0 AND {s_true} AND EXISTS (SELECT 1 FROM messages m WHERE m.id = n.message_id)
            LIMIT $limit)
        """;

    private const string OfPerson = "notification_readers r CROSS JOIN notifications n ON n.id = r.notification_id|r.user_id = $user|r.notification_id|r.read_at";
    private const string OfAll = "notifications n|$user IS NULL|n.id|n.read_at";

    /// <summary>What one person's bell shows, shared by all their pages.</summary>
    public static LiveQuery<BellView> Bell(long userId) => new(LiveTopic.Notifications(userId), "bell", async (db, token) =>
    {
        var newest = await ReadAsync(db, new NotificationFilter(userId), from: null, up: false, InBell, token);
        var unread = 0;
        await Sql.ReadAsync(db, s_unread, [("$user", userId), ("$limit", MaxCounted)], row => unread = row.GetInt32(0), token);
        return new BellView(unread, newest);
    });

    /// <summary>Whether a cursor belongs to this list and filter; no cursor does.</summary>
    public static bool IsCursor(NotificationFilter filter, string? cursor) => SealedCursor.TryRead(List, filter.Scope, cursor, 2, out _);

    /// <param name="cursor">From a page before; null or unreadable begins with the newest.</param>
    public static async Task<NotificationPage> RunAsync(ScoreDb db, NotificationFilter filter, string? cursor, int limit, CancellationToken cancellationToken)
    {
        _ = SealedCursor.TryRead(List, filter.Scope, cursor, 2, out var at);
        var up = at?[0] == Up;
        var rows = await ReadAsync(db, filter, at?[1], up, limit + 1, cancellationToken);
        if (up && rows.Count == 0)
        {
            (at, up) = (null, false);
            rows = await ReadAsync(db, filter, null, up: false, limit + 1, cancellationToken);
        }

        var more = rows.Count > limit;
        if (more)
        {
            rows.RemoveAt(limit);
        }

        if (up)
        {
            rows.Reverse();
        }

        return new NotificationPage(
            rows,
            rows.Count > 0 && (up ? more : at is not null) ? Cursor(Up, rows[0].Id) : at is not null && !up ? "" : null,
            rows.Count > 0 && (up || more) ? Cursor(Down, rows[^1].Id) : null);

        string Cursor(int direction, long id) => SealedCursor.Write(List, filter.Scope, direction, id);
    }

    private static async Task<List<NotificationRow>> ReadAsync(ScoreDb db, NotificationFilter filter, long? from, bool up, int limit, CancellationToken cancellationToken)
    {
        var rows = new List<NotificationRow>();
        var sql = filter.UserId is null ? up ? s_allUp : s_allDown : up ? s_personUp : s_personDown;
        await Sql.ReadAsync(
            db,
            sql,
            [
                ("$user", Value(filter.UserId)), ("$kind", Value((int?)filter.Kind)), ("$message", Value(filter.MessageId)), ("$unread", filter.Unread ? 1 : 0),
                ("$from", from ?? (up ? 0 : long.MaxValue)), ("$limit", limit),
            ],
            row => rows.Add(Read(row)),
            cancellationToken);
        return rows;
    }

    private static NotificationRow Read(DbDataReader row) => new(
        row.GetInt64(0),
        (NotificationKinds)row.GetInt32(1),
        row.GetInt64(2),
        row.GetInt64(3),
        row.GetInt64(4),
        row.GetString(5),
        row.IsDBNull(6) ? null : row.GetString(6),
        row.GetString(7),
        DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(8)),
        row.GetInt64(9) != 0);

    private static string Statement(string source, string beyond, string order)
    {
        var (from, whose, id, readAt) = source.Split('|') switch { var parts => (parts[0], parts[1], parts[2], parts[3]) };
        return $"""
            SELECT n.id, n.kind, n.message_id, coalesce(m.campaign_id, 0), n.event_id, m.email, c.customer_id, coalesce(o.subject, g.name, ''), n.at, {readAt}
            FROM {from} CROSS JOIN messages m ON m.id = n.message_id
                LEFT JOIN contacts c ON c.id = m.contact_id LEFT JOIN mails o ON o.id = m.mail_id LEFT JOIN campaigns g ON g.id = m.campaign_id
            WHERE {whose} AND {id} {beyond} $from AND ($unread = 0 OR {readAt} = 0) AND ($kind IS NULL OR n.kind = $kind)
                AND ($message IS NULL OR n.message_id = $message) AND {s_true}
            ORDER BY {id} {order} LIMIT $limit
            """;
    }

    private static object Value(object? value) => value ?? DBNull.Value;
}
