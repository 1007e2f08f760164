using System.Globalization;
using ScoreTracking.Api;
using ScoreTracking.Data;
using ScoreTracking.EventLog;
using ScoreTracking.Events;

namespace ScoreTracking.Contacts;

/// <summary>One event of somebody's timeline.</summary>
/// <param name="Title">The mail it happened to: the campaign's name, or a single mail's subject.</param>
public sealed record TimelineRow(LoggedEvent Logged, string Title);

/// <summary>A page of a timeline, newest first.</summary>
/// <param name="Previous">Where the page before ends: "" for the newest, null where there is none.</param>
/// <param name="Next">Where the page after begins; null on the last.</param>
public sealed record TimelinePage(IReadOnlyList<TimelineRow> Rows, string? Previous, string? Next);

/// <summary>What happened to all mail of one person, campaigns and single mails together, by the time it happened.</summary>
internal static class ContactTimelineQuery
{
    public const int PageSize = 25;

    /// <summary>The list's name in its cursors; the key says the direction, the time and the event.</summary>
    public const string List = "timeline";

    private const int Forth = 0;
    private const int Back = 1;
    private const int KeyParts = 3;

    // A person's mail is read whole and put in order of time: the log itself is kept by arrival.
    private const string Statement = $$"""
        SELECT {{LoggedEvent.Columns}}, {{MailTitle.Column}} FROM (
            SELECT pe.* FROM messages pm INDEXED BY messages_contact CROSS JOIN events pe INDEXED BY events_message ON pe.message_id = pm.id
            WHERE pm.contact_id = $contact AND (pe.occurred_at, pe.id) {after} ($at, $from) AND ($type IS NULL OR pe.type = $type)
            ORDER BY pe.occurred_at{order}, pe.id{order} LIMIT $limit) e
        {{LoggedEvent.Joins}} {{MailTitle.Joins}}
        """;

    /// <summary>Whether a cursor belongs to this list and filter; no cursor does.</summary>
    public static bool IsCursor(long contactId, EventType? type, string? cursor) => SealedCursor.TryRead(List, Scope(contactId, type), cursor, KeyParts, out _);

    /// <param name="cursor">From a page before; null or unreadable begins with the newest.</param>
    public static async Task<TimelinePage> RunAsync(ScoreDb db, long contactId, EventType? type, string? cursor, int limit, CancellationToken cancellationToken)
    {
        _ = SealedCursor.TryRead(List, Scope(contactId, type), cursor, KeyParts, out var at);
        await using var snapshot = await Sql.SnapshotAsync(db, cancellationToken);
        var back = at?[0] == Back;
        var rows = await ReadAsync(db, contactId, type, at, back, limit + 1, cancellationToken);
        if (back && rows.Count <= limit)
        {
            // Less than a page before it: that is the newest.
            (at, back) = (null, false);
            rows = await ReadAsync(db, contactId, type, null, back: false, limit + 1, cancellationToken);
        }

        var more = rows.Count > limit;
        if (more)
        {
            rows.RemoveAt(limit);
        }

        if (back)
        {
            rows.Reverse();
        }

        var previous = back ? Cursor(Back, rows[0]) : at is null ? null : rows.Count > 0 ? Cursor(Back, rows[0]) : "";
        return new TimelinePage([.. rows.Select(row => row.Row)], previous, rows.Count > 0 && (back || more) ? Cursor(Forth, rows[^1]) : null);

        string Cursor(int direction, (long At, long Id, TimelineRow Row) row) => SealedCursor.Write(List, Scope(contactId, type), direction, row.At, row.Id);
    }

    private static string Scope(long contactId, EventType? type) => string.Create(CultureInfo.InvariantCulture, $"{contactId}\n{(int?)type}");

    private static async Task<List<(long At, long Id, TimelineRow Row)>> ReadAsync(
        ScoreDb db, long contactId, EventType? type, long[]? at, bool back, int limit, CancellationToken cancellationToken)
    {
        var rows = new List<(long, long, TimelineRow)>();
        await Sql.ReadAsync(
            db,
            Statement.Replace("{after}", back ? ">" : "<", StringComparison.Ordinal).Replace("{order}", back ? "" : " DESC", StringComparison.Ordinal),
            [
                ("$contact", contactId), ("$at", at?[1] ?? long.MaxValue), ("$from", at?[2] ?? long.MaxValue), ("$type", type is { } wanted ? (int)wanted : DBNull.Value), ("$limit", limit),
            ],
            row => rows.Add((row.GetInt64(6), row.GetInt64(0), new TimelineRow(LoggedEvent.Read(row), row.GetString(row.FieldCount - 1)))),
            cancellationToken);
        return rows;
    }
}
