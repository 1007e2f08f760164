using Microsoft.EntityFrameworkCore;
using ScoreTracking.Api;
using ScoreTracking.Data;

namespace ScoreTracking.Suppressions;

/// <summary>One row of the page.</summary>
/// <param name="Contact">Where its person is found; null where nobody we know has the address.</param>
/// <param name="Campaign">Name of the campaign that caused it, or null.</param>
internal sealed record SuppressionListRow(Suppression Listed, string? Contact, string? Campaign);

/// <param name="Filter">What the rows were read by: the query string may have moved on.</param>
/// <param name="Inverted">The days asked for end before they begin.</param>
/// <param name="Count">Up to <see cref="SuppressionListQuery.MaxCounted"/>.</param>
internal sealed record SuppressionListView(
    SuppressionFilter Filter, bool Inverted, IReadOnlyList<SuppressionListRow> Rows, string? Previous, string? Next, long Count);

/// <summary>The list as its page shows it, with the people and campaigns behind it.</summary>
internal static class SuppressionListQuery
{
    public const int PageSize = 25;

    /// <summary>Counting stops here: the page is drawn again with each address that joins.</summary>
    public const int MaxCounted = 100_000;

    /// <param name="asked">What the query string says; what it says wrongly means any.</param>
    public static async Task<SuppressionListView> RunAsync(ScoreDb db, SuppressionListAsked asked, CancellationToken cancellationToken)
    {
        await using var snapshot = await Sql.SnapshotAsync(db, cancellationToken);
        var errors = new Dictionary<string, string[]>();
        var filter = SuppressionFilter.Read(
            asked.Reason, asked.Source, asked.From, asked.To, asked.Text, await SuppressionExport.ZoneAsync(db, cancellationToken), errors);
        var page = await SuppressionsQuery.RunAsync(db, filter, asked.Cursor, PageSize, cancellationToken);
        if (page.Rows.Count == 0 && asked.Cursor is not null)
        {
            // The last of a page was lifted.
            page = await SuppressionsQuery.RunAsync(db, filter, null, PageSize, cancellationToken);
        }

        var emails = page.Rows.Select(row => row.Email).ToList();
        var people = (await db.Contacts.Where(contact => emails.Contains(contact.Email) && contact.DeletedAt == 0)
            .Select(contact => new { contact.Id, contact.Email }).ToListAsync(cancellationToken)).ToLookup(contact => contact.Email, contact => contact.Id, StringComparer.OrdinalIgnoreCase);
        var ids = page.Rows.Where(row => row.CampaignId != 0).Select(row => row.CampaignId).Distinct().ToList();
        var campaigns = await db.Campaigns.Where(campaign => ids.Contains(campaign.Id)).ToDictionaryAsync(campaign => campaign.Id, campaign => campaign.Name, cancellationToken);
        return new SuppressionListView(
            filter,
            errors.ContainsKey("to") && filter.From is not null,
            [.. page.Rows.Select(row => new SuppressionListRow(row, Contact(row.Email, [.. people[row.Email]]), campaigns.GetValueOrDefault(row.CampaignId)))],
            page.Previous,
            page.Next,
            await SuppressionsQuery.CountAsync(db, filter, MaxCounted, cancellationToken));
    }

    // Several people may share an address.
    private static string? Contact(string email, long[] people) => people switch
    {
        [] => null,
        [var only] => $"/contacts/{PublicId.Contact(only)}",
        _ => $"/contacts?q={Uri.EscapeDataString(email)}",
    };
}

/// <summary>The query string of the page. Comparable, so that it knows when to read again.</summary>
internal sealed record SuppressionListAsked(string? Reason, string? Source, string? From, string? To, string? Text, string? Cursor);
