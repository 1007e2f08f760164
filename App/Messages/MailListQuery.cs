using System.Globalization;
using ScoreTracking.Api;
using ScoreTracking.Data;
using ScoreTracking.Live;

namespace ScoreTracking.Messages;

/// <summary>What of the sent mail is looked at. Comparable, so that a page knows when to read again.</summary>
/// <param name="Text">Part of the subject; for who sees addresses, also the beginning of one. Null for all.</param>
/// <param name="Indicator">Mails of which at least one copy shows it; null for all.</param>
public sealed record MailListView(string? Text, string? Indicator, bool WithAddresses, string? Cursor)
{
    internal string Scope => $"{Text}\n{Indicator}\n{WithAddresses}";
}

/// <summary>One recipient of a mail in the list.</summary>
public sealed record MailCopy(string MessageId, string Email, string Indicator, long Opens, long Clicks, DateTimeOffset? OpenedAt, DateTimeOffset? LastAt);

/// <summary>One mail and its copies.</summary>
public sealed record MailListRow(long Id, string Subject, string From, DateTimeOffset CreatedAt, IReadOnlyList<MailCopy> Copies)
{
    public long Opens => Copies.Sum(copy => copy.Opens);

    public long Clicks => Copies.Sum(copy => copy.Clicks);

    public DateTimeOffset? OpenedAt => Copies.Min(copy => copy.OpenedAt);

    /// <summary>The mail's own: what the most telling of its copies shows. It is red where no copy arrived.</summary>
    public string Indicator =>
        Copies.Any(copy => copy.Indicator == "blue") ? "blue"
        : Copies.Any(copy => copy.Indicator == "green") ? "green"
        : Copies.Count > 0 && Copies.All(copy => copy.Indicator == "red") ? "red" : "gray";
}

/// <summary>A page of mails, newest first.</summary>
/// <param name="Previous">Where the page before ends: "" for the newest, null where there is none.</param>
/// <param name="Next">Where the page after begins; null on the last.</param>
/// <param name="IsCut">It holds fewer than asked for although there may be more: the next page goes on behind what was looked at.</param>
public sealed record MailList(IReadOnlyList<MailListRow> Rows, string? Previous, string? Next, bool IsCut);

/// <summary>Single mails, newest first, in pages by key.</summary>
internal static class MailListQuery
{
    public const int PageSize = 25;

    /// <summary>Most mails looked at for one page.</summary>
    public const int Visits = 5_000;

    private const string List = "mails";
    private const int Down = 0;
    private const int Up = 1;

    private const string Walk = "SELECT * FROM mails WHERE id {before} $from ORDER BY id{order} LIMIT $visits";

    private const string Matching = $$"""
        SELECT ml.id, ml.subject, ml.from_name, ml.from_email, ml.created_at FROM ({walk}) ml
        WHERE ($part IS NULL OR ml.subject LIKE $part ESCAPE '\'
                OR ($start IS NOT NULL AND EXISTS (SELECT 1 FROM messages m WHERE m.mail_id = ml.id AND m.email LIKE $start ESCAPE '\')))
            AND ($indicator IS NULL OR EXISTS (SELECT 1 FROM messages m CROSS JOIN message_state s ON s.message_id = m.id
                WHERE m.mail_id = ml.id AND {{MessageFilter.IndicatorSql}} = $indicator))
        LIMIT $limit
        """;

    private const string Copies = """
        SELECT m.mail_id, m.id, m.email, s.status, s.opened_at, s.clicked_at, s.opens, s.clicks, s.last_at
        FROM json_each($ids) i CROSS JOIN messages m ON m.mail_id = i.value CROSS JOIN message_state s ON s.message_id = m.id ORDER BY m.id
        """;

    /// <summary>The same for whoever looks at the same page; who may not see addresses gets it masked on screen.</summary>
    public static LiveQuery<MailList> Live(MailListView view) => new(LiveTopic.Mails, view, (db, token) => RunAsync(db, view, PageSize, token));

    public static async Task<MailList> RunAsync(ScoreDb db, MailListView view, int limit, CancellationToken cancellationToken)
    {
        _ = SealedCursor.TryRead(List, view.Scope, view.Cursor, 2, out var at);
        await using var snapshot = await Sql.SnapshotAsync(db, cancellationToken);
        var up = at?[0] == Up;
        var (rows, end) = await ReadAsync(db, view, at?[1], up, limit + 1, cancellationToken);
        if (up && rows.Count == 0 && end is null)
        {
            (at, up) = (null, false);
            (rows, end) = await ReadAsync(db, view, null, upwards: false, limit + 1, cancellationToken);
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

        var (first, last) = rows.Count > 0 ? (rows[0].Id, rows[^1].Id) : (0, 0);
        return new MailList(
            await WithCopiesAsync(db, rows, cancellationToken),
            up ? more || end is not null ? Cursor(Up, more ? first : end!.Value) : null
                : at is null ? null : rows.Count > 0 ? Cursor(Up, first) : "",
            up ? Cursor(Down, rows.Count > 0 ? last : at![1] - 1)
                : more || end is not null ? Cursor(Down, more ? last : end!.Value) : null,
            !more && end is not null);

        string Cursor(int direction, long id) => SealedCursor.Write(List, view.Scope, direction, id);
    }

    private static async Task<(List<MailListRow> Rows, long? End)> ReadAsync(
        ScoreDb db, MailListView view, long? from, bool upwards, int limit, CancellationToken cancellationToken)
    {
        // Only constants of this file come together here; values travel as parameters.
        var walk = Walk.Replace("{before}", upwards ? ">" : "<", StringComparison.Ordinal).Replace("{order}", upwards ? "" : " DESC", StringComparison.Ordinal);
        var filters = view is not { Text: null, Indicator: null };
        (string, object)[] parameters =
        [
            ("$part", view.Text is null ? DBNull.Value : $"%{Escaped(view.Text)}%"), ("$start", view.Text is null || !view.WithAddresses ? DBNull.Value : $"{Escaped(view.Text)}%"),
            ("$indicator", view.Indicator ?? (object)DBNull.Value), ("$from", from ?? (upwards ? 0 : long.MaxValue)), ("$limit", limit), ("$visits", filters ? Visits : limit),
        ];
        var rows = new List<MailListRow>(limit);
        await Sql.ReadAsync(
            db,
            Matching.Replace("{walk}", walk, StringComparison.Ordinal),
            parameters,
            row => rows.Add(new MailListRow(
                row.GetInt64(0), row.GetString(1), row.GetString(2).Length > 0 ? row.GetString(2) : row.GetString(3), DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(4)), [])),
            cancellationToken);
        long? end = null;
        if (filters && rows.Count < limit)
        {
            await Sql.ReadAsync(db, $"SELECT id FROM ({walk}) LIMIT 1 OFFSET $visits - 1", parameters, row => end = row.GetInt64(0), cancellationToken);
        }

        return (rows, end);
    }

    private static async Task<IReadOnlyList<MailListRow>> WithCopiesAsync(ScoreDb db, List<MailListRow> rows, CancellationToken cancellationToken)
    {
        var copies = rows.ToDictionary(row => row.Id, _ => new List<MailCopy>());
        await Sql.ReadAsync(
            db,
            Copies,
            [("$ids", $"[{string.Join(',', rows.Select(row => row.Id.ToString(CultureInfo.InvariantCulture)))}]")],
            row => copies[row.GetInt64(0)].Add(new MailCopy(
                PublicId.Message(row.GetInt64(1)),
                row.GetString(2),
                MessageStatuses.Indicator((MessageStatus)row.GetInt32(3), row.GetInt64(4) != 0, row.GetInt64(5) != 0),
                row.GetInt64(6),
                row.GetInt64(7),
                Time(row.GetInt64(4)),
                Time(row.GetInt64(8)))),
            cancellationToken);
        return rows.ConvertAll(row => row with { Copies = copies[row.Id] });
    }

    private static string Escaped(string text) =>
        text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("%", "\\%", StringComparison.Ordinal).Replace("_", "\\_", StringComparison.Ordinal);

    private static DateTimeOffset? Time(long at) => at == 0 ? null : DateTimeOffset.FromUnixTimeMilliseconds(at);
}
