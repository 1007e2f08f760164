using ScoreTracking.Api;
using ScoreTracking.Counters;
using ScoreTracking.Data;
using ScoreTracking.Events;

namespace ScoreTracking.Reports;

/// <summary>A page of recipients.</summary>
/// <param name="Previous">Where the page before ends: "" for the first page, null where there is none.</param>
/// <param name="Next">Where the page after begins; null on the last.</param>
/// <param name="Searched">How many were looked at before the page was cut short, null for a whole page: the next goes on behind them.</param>
/// <param name="Count">All that fit the filter, by the counters; null where no counter knows.</param>
public sealed record RecipientsPage(IReadOnlyList<RecipientRow> Rows, string? Previous, string? Next, int? Searched, long? Count);

/// <summary>The recipients of a campaign with what happened to each, a page at a time by key: any depth of ten million costs the same.</summary>
public static class RecipientsQuery
{
    public const int PageSize = 25;

    /// <summary>The list's name in its cursors; the key says the direction and the place.</summary>
    public const string List = "recipients";

    private const int Forth = 0;
    private const int Back = 1;

    private const string LinkUnique = """
        SELECT uniq FROM counters WHERE campaign_id = $campaign AND dimension = $dimension AND key = $link AND type = $clicked AND verdict = $person
        """;

    /// <summary>Whether a cursor belongs to this list and filter; no cursor does.</summary>
    public static bool IsCursor(long campaignId, RecipientFilter filter, string? cursor) =>
        SealedCursor.TryRead(List, filter.Scope(campaignId), cursor, 2, out _);

    /// <param name="cursor">From a page before; null or unreadable begins with the first.</param>
    public static async Task<RecipientsPage> RunAsync(
        ScoreDb db, long campaignId, RecipientFilter filter, string? cursor, int limit, CancellationToken cancellationToken)
    {
        var scope = filter.Scope(campaignId);
        await using var snapshot = await Sql.SnapshotAsync(db, cancellationToken);
        var counts = await RecipientCounts.ReadAsync(db, campaignId, filter.Variant, cancellationToken);
        var clickers = await ClickersAsync(db, campaignId, filter, cancellationToken);
        var known = Known(filter, counts, clickers);
        if (filter.Status?.AtMost(counts) == 0 || clickers == 0)
        {
            return new RecipientsPage([], null, null, null, 0);
        }

        var walk = RecipientWalk.For(filter, filter.Status?.Count(counts), clickers ?? 0);
        _ = SealedCursor.TryRead(List, scope, cursor, 2, out var at);
        var page = await ReadAsync(at);
        if (page.Rows.Count == 0 && at is null && page.End is null && filter.Text is not null)
        {
            (walk, at) = (RecipientWalk.Person, null);
            page = await ReadAsync(at);
        }
        else if (page.Rows.Count == 0 && page.End is null && at?[0] == Back)
        {
            // Nothing before it after all: that is the first page.
            page = await ReadAsync(at = null);
        }

        var back = at?[0] == Back;
        var (first, last) = page.Rows.Count > 0 ? (page.Rows[0].Place, page.Rows[^1].Place) : (0, 0);
        var previous = back
            ? page.More || page.End is not null ? Cursor(Back, page.More ? first : page.End!.Value) : null
            : at is null ? null : page.Rows.Count > 0 ? Cursor(Back, first) : "";
        var next = back
            ? page.Rows.Count > 0 ? Cursor(Forth, last) : filter.Order == RecipientOrder.Address ? "" : Cursor(Forth, at![1] + (filter.Descending ? 1 : -1))
            : page.More || page.End is not null ? Cursor(Forth, page.More ? last : page.End!.Value) : null;
        return new RecipientsPage([.. page.Rows.Select(row => row.Row)], previous, next, !page.More && page.End is not null ? walk.Visits : null, known);

        string Cursor(int direction, long place) => SealedCursor.Write(List, scope, direction, place);
        Task<Walked> ReadAsync(long[]? from) => WalkAsync(db, campaignId, filter, walk, from?[1], from?[0] == Back, limit, cancellationToken);
    }

    /// <summary>How many fit the filter, where the counters know.</summary>
    public static async Task<long?> CountAsync(ScoreDb db, long campaignId, RecipientFilter filter, CancellationToken cancellationToken) =>
        Known(filter, await RecipientCounts.ReadAsync(db, campaignId, filter.Variant, cancellationToken), await ClickersAsync(db, campaignId, filter, cancellationToken));

    /// <summary>What a walk's statements need, at a place of it.</summary>
    /// <param name="place">Null for its beginning.</param>
    /// <param name="address">Of the message the place names, where the order is by address. It never stands in a cursor itself, because those stand in logs.</param>
    internal static (string Name, object Value)[] Parameters(
        long campaignId, RecipientFilter filter, long? place, string? address, bool backwards, int limit, int visits)
    {
        // Behind every address that begins with the text: no character sorts after this one.
        const string behind = "\U0010FFFF";
        var (low, high) = (filter.Text ?? "", filter.Text + behind);
        if (address is not null)
        {
            (low, high) = backwards ? (low, address) : (address, high);
        }

        return
        [
            ("$campaign", campaignId), ("$from", place ?? (backwards ? RecipientWalk.End : RecipientWalk.Start)), ("$limit", limit), ("$visits", visits),
            ("$variant", filter.Variant ?? 0), ("$link", filter.LinkId ?? 0), ("$text", filter.Text ?? ""), ("$low", low), ("$high", high),
            ("$address", address ?? (backwards ? high : "")),
        ];
    }

    internal const string AddressOf = "SELECT email FROM messages WHERE id = $id AND campaign_id = $campaign";

    /// <summary>The statement that reads rows of a walk as <see cref="RecipientRow.Columns"/>.</summary>
    internal static string Statement(RecipientWalk walk, RecipientFilter filter, bool backwards) =>
        $"SELECT {RecipientRow.Columns} FROM ({walk.Rows(filter, backwards)}) w {RecipientRow.Joins}";

    private static async Task<Walked> WalkAsync(
        ScoreDb db, long campaignId, RecipientFilter filter, RecipientWalk walk, long? place, bool back, int limit, CancellationToken cancellationToken)
    {
        var backwards = filter.Descending ^ back;
        var rows = new List<(long Place, RecipientRow Row)>();
        string? address = null;
        if (place is { } id && filter.Order == RecipientOrder.Address)
        {
            await Sql.ReadAsync(db, AddressOf, [("$id", id), ("$campaign", campaignId)], row => address = row.GetString(0), cancellationToken);
        }

        var parameters = Parameters(campaignId, filter, place, address, backwards, limit + 1, walk.Visits);
        await Sql.ReadAsync(
            db,
            Statement(walk, filter, backwards),
            parameters,
            row => rows.Add((row.GetInt64(0), RecipientRow.Read(row))),
            cancellationToken);

        // One row more than asked for says that there is another page.
        var more = rows.Count > limit;
        long? end = null;
        if (more)
        {
            rows.RemoveAt(limit);
        }
        else
        {
            await Sql.ReadAsync(db, backwards ? walk.BackEnd : walk.ForthEnd, parameters, row => end = row.GetInt64(0), cancellationToken);
        }

        if (back)
        {
            rows.Reverse();
        }

        return new Walked(rows, more, end);
    }

    private static long? Known(RecipientFilter filter, RecipientCounts counts, long? clickers) => filter switch
    {
        { Text: not null } or { Order: RecipientOrder.LastEvent } => null,
        { LinkId: null, Status: null } => counts.Recipients,
        { LinkId: null } => filter.Status.Count(counts),
        { Status: null, Variant: null } => clickers,
        _ => null,
    };

    private static async Task<long?> ClickersAsync(ScoreDb db, long campaignId, RecipientFilter filter, CancellationToken cancellationToken)
    {
        if (filter.LinkId is not { } linkId)
        {
            return null;
        }

        var clickers = 0L;
        await Sql.ReadAsync(
            db,
            LinkUnique,
            [
                ("$campaign", campaignId), ("$dimension", Dimension.Link.Name), ("$link", Dimension.Link.Text(linkId)),
                ("$clicked", (int)EventType.Clicked), ("$person", (int)VerdictGroup.Person),
            ],
            row => clickers = row.GetInt64(0),
            cancellationToken);
        return clickers;
    }

    /// <param name="More">There are more behind the rows.</param>
    /// <param name="End">The last place looked at, where the walk stopped before its end.</param>
    private sealed record Walked(List<(long Place, RecipientRow Row)> Rows, bool More, long? End);
}
