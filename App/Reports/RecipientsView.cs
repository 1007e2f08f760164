using Microsoft.EntityFrameworkCore;
using ScoreTracking.Api;
using ScoreTracking.Data;
using ScoreTracking.EventLog;
using ScoreTracking.Live;

namespace ScoreTracking.Reports;

/// <summary>A link to choose by.</summary>
public sealed record LinkChoice(string Id, string Text);

/// <summary>A page of the recipient browser with what its filters offer.</summary>
/// <param name="Variants">Ids of the test's variants; one "" without a test.</param>
/// <param name="Links">The campaign's first links.</param>
public sealed record RecipientsView(RecipientFilter Filter, RecipientsPage Page, IReadOnlyList<string> Variants, IReadOnlyList<LinkChoice> Links)
{
    private const int MaxLinks = 100;
    private const int LinkText = 60;

    /// <summary>The same for whoever looks at the same page with the same filter; who may not see addresses gets it <see cref="WithoutAddresses"/>.</summary>
    internal static LiveQuery<RecipientsView> Live(long campaignId, RecipientAddress asked, string? cursor) => new(
        LiveTopic.Campaign(campaignId), ("recipients", asked, cursor), (db, token) => ReadAsync(db, campaignId, asked, cursor, token));

    /// <param name="asked">What it says wrongly means any: people mend addresses by hand.</param>
    internal static async Task<RecipientsView> ReadAsync(
        ScoreDb db, long campaignId, RecipientAddress asked, string? cursor, CancellationToken cancellationToken)
    {
        var filter = await RecipientEndpoints.ReadAsync(db, campaignId, asked, [], cancellationToken);
        var page = await RecipientsQuery.RunAsync(db, campaignId, filter, cursor, RecipientsQuery.PageSize, cancellationToken);
        var variants = await db.Variants.Where(v => v.CampaignId == campaignId).OrderBy(v => v.Position).Select(v => v.Key).ToListAsync(cancellationToken);
        var links = await db.Links.Where(l => l.CampaignId == campaignId).OrderBy(l => l.Content).ThenBy(l => l.Position).Take(MaxLinks)
            .Select(l => new { l.Id, l.Content, l.Position, l.Label, l.Url }).ToListAsync(cancellationToken);
        return new RecipientsView(filter, page, variants, [.. links.Select(link => new LinkChoice(
            PublicId.Link(link.Id),
            $"{(link.Content.Length > 0 && link.Content != "own" ? $"{link.Content} · " : "")}{link.Position} · {Short(link.Label.Length > 0 ? link.Label : link.Url)}"))]);
    }

    /// <summary>For those who see no addresses.</summary>
    public RecipientsView WithoutAddresses() => this with
    {
        Page = Page with { Rows = [.. Page.Rows.Select(row => row with { Email = ActivityWords.Mask(row.Email), CustomerId = null })] },
    };

    private static string Short(string text) => text.Length <= LinkText ? text : text[..LinkText] + "…";
}
