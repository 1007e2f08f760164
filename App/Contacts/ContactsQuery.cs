using ScoreTracking.Api;
using ScoreTracking.Data;
using ScoreTracking.Engagement;

namespace ScoreTracking.Contacts;

/// <summary>A page of contacts.</summary>
/// <param name="Previous">Where the page before ends: "" for the first page, null where there is none.</param>
/// <param name="Next">Where the page after begins; null on the last.</param>
/// <param name="Searched">How many were looked at before the page was cut short, null for a whole page: the next goes on behind them.</param>
public sealed record ContactsPageRows(IReadOnlyList<ContactAnswer> Rows, string? Previous, string? Next, int? Searched);

/// <summary>The people we know, a page at a time by key: any depth of a million costs the same.</summary>
internal static class ContactsQuery
{
    public const int PageSize = 25;

    /// <summary>The list's name in its cursors; the key says the direction and the place.</summary>
    public const string List = "contacts";

    /// <summary>Counting stops here where a page asks.</summary>
    public const int MaxCounted = 100_000;

    // The deleted are few and have an index of their own, so counting stays a walk of a narrow one.
    private const string Present = "NOT IN (SELECT id FROM contacts WHERE deleted_at <> 0)";

    private const int Forth = 0;
    private const int Back = 1;
    private const int KeyParts = 3;

    /// <summary>Whether a cursor belongs to this list and filter; no cursor does.</summary>
    public static bool IsCursor(ContactFilter filter, string? cursor) => SealedCursor.TryRead(List, filter.Scope, cursor, KeyParts, out _);

    /// <param name="cursor">From a page before; null or unreadable begins with the first.</param>
    public static async Task<ContactsPageRows> RunAsync(
        ScoreDb db, ContactFilter filter, string? cursor, int limit, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var snapshot = await Sql.SnapshotAsync(db, cancellationToken);
        _ = SealedCursor.TryRead(List, filter.Scope, cursor, KeyParts, out var at);
        var score = await ScoreClock.ReadAsync(db, now, cancellationToken);
        var walk = new Walk(db, filter, score, await AreFewAsync(db, filter, cancellationToken), limit);
        var back = at?[0] == Back;
        var page = await walk.ReadAsync(at is null ? null : PlaceOf(at), back, cancellationToken);
        if (back && !page.More && page.End is null)
        {
            // Nothing before it, or less than a page: that is the first page.
            (at, back) = (null, false);
            page = await walk.ReadAsync(null, back: false, cancellationToken);
        }

        var (first, last) = page.Rows.Count > 0 ? (page.Rows[0].Place, page.Rows[^1].Place) : default;
        var previous = back
            ? Cursor(Back, page.More ? first : page.End!.Value)
            : at is null ? null : page.Rows.Count > 0 ? Cursor(Back, first) : "";
        var next = back
            ? page.Rows.Count > 0 ? Cursor(Forth, last) : filter.Order == ContactOrder.Address ? "" : Cursor(Forth, Before(PlaceOf(at!)))
            : page.More || page.End is not null ? Cursor(Forth, page.More ? last : page.End!.Value) : null;
        return new ContactsPageRows([.. page.Rows.Select(row => row.Contact)], previous, next, !page.More && page.End is not null ? ContactWalk.Visits : null);

        // Forth goes on behind a place, and the row the page before was asked from belongs to the next one.
        ContactPlace Before(ContactPlace place) => place with { Id = place.Id + (filter.Descending ? 1 : -1) };
        string Cursor(int direction, ContactPlace place) =>
            SealedCursor.Write(List, filter.Scope, direction, place.Rank is { } rank ? BitConverter.DoubleToInt64Bits(rank) : long.MinValue, place.Id);
    }

    /// <summary>How many fit the filter; null where only reading them all would tell.</summary>
    /// <param name="upTo">Counting stops there.</param>
    public static async Task<long?> CountAsync(ScoreDb db, ContactFilter filter, long upTo, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var sql = filter switch
        {
            { Consent: not null } or { Suppressed: not null } or { Text: not null, MinScore: > 0 } => null,
            { Text: not null } => $"SELECT 1 FROM contacts WHERE email >= $low AND email <= $high AND id {Present} UNION ALL SELECT 1 FROM contacts WHERE customer_id = $text AND NOT (email >= $low AND email <= $high)",
            { MinScore: > 0 } => $"SELECT 1 FROM contact_state WHERE rank >= $min AND contact_id {Present}",
            _ => $"SELECT 1 FROM contacts WHERE id {Present}",
        };
        if (sql is null)
        {
            return null;
        }

        var score = await ScoreClock.ReadAsync(db, now, cancellationToken);
        long? count = null;
        await Sql.ReadAsync(
            db,
            $"SELECT count(*) FROM ({sql} LIMIT $limit)",
            [("$low", filter.Text ?? ""), ("$high", filter.Text + ContactWalk.Behind), ("$text", filter.Text ?? ""), ("$min", score.RankFor(filter.MinScore ?? 0)), ("$limit", upTo)],
            row => count = row.GetInt64(0),
            cancellationToken);
        return count;
    }

    // NaN is no rank, and long.MinValue is the number -0.0, which no rank is either.
    private static ContactPlace PlaceOf(long[] key) => new(key[1] == long.MinValue ? null : BitConverter.Int64BitsToDouble(key[1]), key[2]);

    private static async Task<bool> AreFewAsync(ScoreDb db, ContactFilter filter, CancellationToken cancellationToken)
    {
        var found = 0L;
        if (filter.Text is { } text)
        {
            await Sql.ReadAsync(
                db, ContactWalk.FewStatement, [("$low", text), ("$high", text + ContactWalk.Behind), ("$visits", ContactWalk.Visits)], row => found = row.GetInt64(0), cancellationToken);
        }

        return filter.Text is not null && found < ContactWalk.Visits;
    }

    private sealed class Walk(ScoreDb db, ContactFilter filter, ScoreClock score, bool few, int limit)
    {
        private readonly double _minRank = score.RankFor(filter.MinScore ?? 0);

        public async Task<Walked> ReadAsync(ContactPlace? from, bool back, CancellationToken cancellationToken)
        {
            var down = filter.Descending ^ back;
            var rows = new List<(ContactPlace Place, ContactAnswer Contact)>();
            ContactPlace? end = null;
            var address = from is { } place && filter.Order == ContactOrder.Address ? await AddressOfAsync(place.Id, cancellationToken) : null;
            foreach (var part in ContactWalk.Parts(filter, few, down, from))
            {
                // One row more than asked for says that there is another page.
                var parameters = ContactWalk.Parameters(filter, few, down, part, address, _minRank, limit + 1 - rows.Count);
                await Sql.ReadAsync(
                    db, ContactWalk.Rows(filter, few, part), parameters, row => rows.Add((Place(row), ContactAnswer.Read(row, 2, score))), cancellationToken);
                if (rows.Count > limit)
                {
                    break;
                }

                await Sql.ReadAsync(db, ContactWalk.End(part), parameters, row => end = Place(row), cancellationToken);
                if (end is not null)
                {
                    break;
                }
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

            return new Walked(rows, more, end);
        }

        private static ContactPlace Place(System.Data.Common.DbDataReader row) => new(row.IsDBNull(1) ? null : row.GetDouble(1), row.GetInt64(0));

        private async Task<string?> AddressOfAsync(long id, CancellationToken cancellationToken)
        {
            string? address = null;
            await Sql.ReadAsync(db, "SELECT email FROM contacts WHERE id = $id", [("$id", id)], row => address = row.GetString(0), cancellationToken);
            return address;
        }
    }

    /// <param name="More">There are more behind the rows.</param>
    /// <param name="End">The last place looked at, where the walk stopped before its end.</param>
    private sealed record Walked(List<(ContactPlace Place, ContactAnswer Contact)> Rows, bool More, ContactPlace? End);
}
