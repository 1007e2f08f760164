using Microsoft.EntityFrameworkCore;
using ScoreTracking.Api;
using ScoreTracking.Data;

namespace ScoreTracking.Suppressions;

/// <summary>A suppression as the API writes it.</summary>
/// <param name="Reason">complaint, unsubscribed, hard_bounce, soft_bounce, manual or import; the gravest where there are several.</param>
/// <param name="Source">webhook, tracking_link, api, manual, csv_import or smtp.</param>
/// <param name="CampaignId">The campaign whose message caused it, or null.</param>
public sealed record SuppressionAnswer(string Email, string Reason, string Source, string? CampaignId, string Note, DateTimeOffset CreatedAt)
{
    public static SuppressionAnswer Of(Suppression listed) => new(
        listed.Email, listed.Reason, listed.Source, listed.CampaignId == 0 ? null : PublicId.Campaign(listed.CampaignId), listed.Note, listed.CreatedAt);
}

/// <summary>A page of the list.</summary>
/// <param name="Previous">Where the page before ends: "" for the first page, null where there is none.</param>
/// <param name="Next">Where the page after begins; null on the last.</param>
public sealed record SuppressionsPageRows(IReadOnlyList<Suppression> Rows, string? Previous, string? Next);

/// <summary>Who must not be mailed, newest first, a page at a time by key: any depth costs the same.</summary>
public static class SuppressionsQuery
{
    public const string List = "suppressions";

    private const int Forth = 0;
    private const int Back = 1;

    public static bool IsCursor(SuppressionFilter filter, string? cursor) => SealedCursor.TryRead(List, filter.Scope, cursor, 3, out _);

    /// <param name="cursor">From a page before; null or unreadable begins with the first.</param>
    public static async Task<SuppressionsPageRows> RunAsync(ScoreDb db, SuppressionFilter filter, string? cursor, int limit, CancellationToken cancellationToken)
    {
        _ = SealedCursor.TryRead(List, filter.Scope, cursor, 3, out var at);
        var back = at?[0] == Back;
        var rows = await ReadAsync(db, filter, at, limit + 1, cancellationToken);
        var more = rows.Count > limit;
        rows = [.. rows.Take(limit)];
        if (back)
        {
            rows.Reverse();
            if (!more)
            {
                // What is before it is not a whole page: that is the first one.
                return rows.Count == limit ? Page(rows, before: false, after: true) : await RunAsync(db, filter, null, limit, cancellationToken);
            }
        }

        return Page(rows, back ? more : at is not null, back || more);

        SuppressionsPageRows Page(List<Suppression> shown, bool before, bool after) => new(
            shown,
            !before ? null : shown.Count == 0 ? "" : Cursor(Back, shown[0]),
            after && shown.Count > 0 ? Cursor(Forth, shown[^1]) : null);

        string Cursor(int direction, Suppression row) => SealedCursor.Write(List, filter.Scope, direction, row.CreatedAt.ToUnixTimeMilliseconds(), row.Id);
    }

    /// <param name="upTo">Counting stops there.</param>
    public static Task<long> CountAsync(ScoreDb db, SuppressionFilter filter, int upTo, CancellationToken cancellationToken) =>
        Fitting(db, filter).OrderBy(s => s.CreatedAt).Select(s => s.Id).Take(upTo).LongCountAsync(cancellationToken);

    /// <summary>The whole list as the filter has it, in pages by key: no reader stays open for minutes.</summary>
    public static async IAsyncEnumerable<Suppression> AllAsync(
        IDbContextFactory<ScoreDb> databases, SuppressionFilter filter, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        const int page = 5_000;
        long[]? at = null;
        while (true)
        {
            List<Suppression> rows;
            await using (var db = await databases.CreateDbContextAsync(cancellationToken))
            {
                rows = await ReadAsync(db, filter, at, page, cancellationToken);
            }

            foreach (var row in rows)
            {
                yield return row;
            }

            if (rows.Count < page)
            {
                yield break;
            }

            at = [Forth, rows[^1].CreatedAt.ToUnixTimeMilliseconds(), rows[^1].Id];
        }
    }

    private static Task<List<Suppression>> ReadAsync(ScoreDb db, SuppressionFilter filter, long[]? at, int limit, CancellationToken cancellationToken)
    {
        var fitting = Fitting(db, filter);
        if (at is [var direction, var millis, var id])
        {
            // Two conditions instead of one with "or", so that the index is entered at the key.
            var moment = DateTimeOffset.FromUnixTimeMilliseconds(Math.Clamp(millis, 0, DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()));
            fitting = direction == Back
                ? fitting.Where(s => s.CreatedAt >= moment && (s.CreatedAt > moment || s.Id > id))
                : fitting.Where(s => s.CreatedAt <= moment && (s.CreatedAt < moment || s.Id < id));
        }

        return (at?[0] == Back ? fitting.OrderBy(s => s.CreatedAt).ThenBy(s => s.Id) : fitting.OrderByDescending(s => s.CreatedAt).ThenByDescending(s => s.Id))
            .Take(limit).AsNoTracking().ToListAsync(cancellationToken);
    }

    private static IQueryable<Suppression> Fitting(ScoreDb db, SuppressionFilter filter)
    {
        var all = db.Suppressions.AsQueryable();
        if (filter.Reason is { } reason)
        {
            all = all.Where(s => s.Reason == reason);
        }

        if (filter.Source is { } source)
        {
            all = all.Where(s => s.Source == source);
        }

        if (filter.From is { } from)
        {
            var first = DateTimeOffset.FromUnixTimeMilliseconds(from);
            all = all.Where(s => s.CreatedAt >= first);
        }

        if (filter.To is { } to)
        {
            var end = DateTimeOffset.FromUnixTimeMilliseconds(to);
            all = all.Where(s => s.CreatedAt < end);
        }

        // A whole address is found through its index; part of one by looking through the list.
        return filter.Text is not { } text ? all
            : EmailAddress.TryParse(text, out var address) ? all.Where(s => s.Email == address.Value)
            : all.Where(s => s.Email.Contains(text));
    }
}
