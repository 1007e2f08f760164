using Microsoft.EntityFrameworkCore;
using ScoreTracking.Api;
using ScoreTracking.Counters;
using ScoreTracking.Data;
using ScoreTracking.Events;

namespace ScoreTracking.Campaigns;

/// <summary>What of the list is looked at. Comparable, so that a page knows when to read again.</summary>
/// <param name="Text">Part of the name; null for all.</param>
/// <param name="Cursor">From the <see cref="CampaignList"/> seen before; null or unreadable begins anew.</param>
public sealed record CampaignListView(string? Text, string? Status, bool OldestFirst, string? Cursor);

/// <summary>A page of campaigns.</summary>
/// <param name="Count">Campaigns that match, on all pages.</param>
/// <param name="Previous">Cursor of the page before: "" for the first, null where there is none.</param>
/// <param name="Next">Null on the last page.</param>
public sealed record CampaignList(IReadOnlyList<CampaignListRow> Rows, long Count, string? Previous, string? Next);

/// <summary>A campaign with its figures as the report counts them: opens of people and privacy mailboxes, clicks of people, divided by sent.</summary>
/// <param name="Variants">1 without a test.</param>
/// <param name="Sent">Messages; the same for opened and clicked.</param>
/// <param name="NeedsYou">It waits for a person: a test without a winner, or whatever holds it.</param>
public sealed record CampaignListRow(
    long Id, string Name, string Subject, string Status, bool NeedsYou, int Variants, long Sent, long Opened, long Clicked, DateTimeOffset CreatedAt, DateTimeOffset? StartedAt);

/// <summary>The list of campaigns by age, a page at a time by key. Figures are read from counters, so a page costs the same however many messages there are.</summary>
public static class CampaignListQuery
{
    public const int PageSize = 25;

    // What a cursor points at: the row before the page, or the row behind it.
    private const string Forth = "list-forth";
    private const string Back = "list-back";

    public static async Task<CampaignList> RunAsync(ScoreDb db, CampaignListView view, CancellationToken cancellationToken)
    {
        var status = CampaignStatus.All.Contains(view.Status) ? view.Status : null;
        var newestFirst = !view.OldestFirst;
        var back = PageCursor.TryRead(Back, view.Cursor, parts: 2, out var before) && before is not null;
        long[]? after = null;
        var forth = !back && PageCursor.TryRead(Forth, view.Cursor, parts: 2, out after) && after is not null;

        // The page before is the page after, read the other way round.
        var found = await CampaignQuery.ListAsync(
            db, status, view.Text, back ? !newestFirst : newestFirst, back ? before : forth ? after : null, PageSize + 1, cancellationToken);
        var more = found.Count > PageSize;
        var rows = found.Take(PageSize).ToList();
        if (back)
        {
            rows.Reverse();
        }

        return new CampaignList(
            await WithFiguresAsync(db, rows, cancellationToken),
            await CampaignQuery.CountAsync(db, status, view.Text, cancellationToken),
            rows.Count > 0 && (back ? more : forth) ? PageCursor.Write(Back, rows[0].Key) : forth ? "" : null,
            rows.Count > 0 && (back || more) ? PageCursor.Write(Forth, rows[^1].Key) : null);
    }

    private static async Task<List<CampaignListRow>> WithFiguresAsync(ScoreDb db, List<(CampaignRow Row, long[] Key)> rows, CancellationToken cancellationToken)
    {
        var ids = rows.Select(row => row.Key[1]).ToList();
        var counters = await db.Counters
            .Where(c => ids.Contains(c.CampaignId) && c.Dimension == Dimension.Summary.Name)
            .Select(c => new { c.CampaignId, c.Type, c.Verdict, c.Unique })
            .ToListAsync(cancellationToken);
        var variants = await db.Variants
            .Where(v => ids.Contains(v.CampaignId))
            .GroupBy(v => v.CampaignId)
            .Select(group => new { group.Key, Count = group.Count() })
            .ToDictionaryAsync(group => group.Key, group => group.Count, cancellationToken);
        var waiting = await db.Campaigns
            .Where(c => ids.Contains(c.Id) && (c.HeldBecause != "" || (c.TestOpen && c.Winner < 0 && c.TestOutcome != "")))
            .Select(c => c.Id).ToListAsync(cancellationToken);
        var figures = counters.ToLookup(counter => counter.CampaignId);
        return [.. rows.Select(row => new CampaignListRow(
            row.Key[1], row.Row.Name, row.Row.Subject, row.Row.Status, waiting.Contains(row.Key[1]), variants.GetValueOrDefault(row.Key[1], 1),
            Sum(row.Key[1], EventType.Sent), Sum(row.Key[1], EventType.Opened), Sum(row.Key[1], EventType.Clicked),
            row.Row.CreatedAt, row.Row.StartedAt))];

        long Sum(long id, EventType type) => figures[id].Where(counter => counter.Type == type && Counts(type, counter.Verdict)).Sum(counter => counter.Unique);
    }

    private static bool Counts(EventType type, VerdictGroup verdict) => type switch
    {
        EventType.Opened => verdict is VerdictGroup.Person or VerdictGroup.Privacy,
        EventType.Clicked => verdict is VerdictGroup.Person,
        _ => verdict is VerdictGroup.None,
    };
}
