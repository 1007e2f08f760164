using Microsoft.EntityFrameworkCore;
using ScoreTracking.Api;
using ScoreTracking.Data;

namespace ScoreTracking.Campaigns;

/// <summary>Campaigns as the API shows them.</summary>
public static class CampaignQuery
{
    public static async Task<CampaignAnswer?> FindAsync(ScoreDb db, long id, CancellationToken cancellationToken) =>
        await db.Campaigns.FirstOrDefaultAsync(c => c.Id == id, cancellationToken) is { } campaign
            ? await ReadAsync(db, campaign, cancellationToken)
            : null;

    internal static async Task<CampaignAnswer> ReadAsync(ScoreDb db, Campaign campaign, CancellationToken cancellationToken) =>
        CampaignAnswer.Of(campaign, await db.Variants.AsNoTracking().Where(v => v.CampaignId == campaign.Id).OrderBy(v => v.Position).ToListAsync(cancellationToken));

    /// <summary>A page of campaigns by age.</summary>
    /// <param name="text">Part of the name, without regard to ASCII case; null for all.</param>
    /// <param name="after">Creation time in Unix milliseconds and id of the last row seen.</param>
    public static async Task<List<(CampaignRow Row, long[] Key)>> ListAsync(
        ScoreDb db, string? status, string? text, bool newestFirst, long[]? after, int limit, CancellationToken cancellationToken)
    {
        var campaigns = Matching(db, status, text);
        if (after is [var seconds, var lastId])
        {
            var at = DateTimeOffset.FromUnixTimeMilliseconds(seconds);
            campaigns = newestFirst
                ? campaigns.Where(c => c.CreatedAt < at || (c.CreatedAt == at && c.Id < lastId))
                : campaigns.Where(c => c.CreatedAt > at || (c.CreatedAt == at && c.Id > lastId));
        }

        campaigns = newestFirst
            ? campaigns.OrderByDescending(c => c.CreatedAt).ThenByDescending(c => c.Id)
            : campaigns.OrderBy(c => c.CreatedAt).ThenBy(c => c.Id);

        // Without the content: a page of five hundred newsletters is gigabytes.
        var rows = await campaigns.Take(limit)
            .Select(c => new { c.Id, c.Name, c.Status, c.FromEmail, c.FromName, c.Subject, c.Delivery, c.CreatedAt, c.ScheduledAt, c.StartedAt, c.CompletedAt, c.HeldBecause })
            .ToListAsync(cancellationToken);
        return [.. rows.Select(c => (
            new CampaignRow(
                PublicId.Campaign(c.Id), c.Name, c.Status, new SenderBody { Email = c.FromEmail, Name = c.FromName }, c.Subject, c.Delivery,
                c.CreatedAt, c.Status == CampaignStatus.Scheduled ? StoredTime.OrNull(c.ScheduledAt) : null, StoredTime.OrNull(c.StartedAt), StoredTime.OrNull(c.CompletedAt),
                c.HeldBecause.Length > 0 ? c.HeldBecause : null),
            (long[])[c.CreatedAt.ToUnixTimeMilliseconds(), c.Id]))];
    }

    public static Task<long> CountAsync(ScoreDb db, string? status, string? text, CancellationToken cancellationToken) =>
        Matching(db, status, text).LongCountAsync(cancellationToken);

    private static IQueryable<Campaign> Matching(ScoreDb db, string? status, string? text)
    {
        var campaigns = db.Campaigns.AsNoTracking();
        if (status is not null)
        {
            campaigns = campaigns.Where(c => c.Status == status);
        }

        if (!string.IsNullOrWhiteSpace(text))
        {
            var pattern = $"%{text.Trim().Replace(@"\", @"\\", StringComparison.Ordinal).Replace("%", @"\%", StringComparison.Ordinal).Replace("_", @"\_", StringComparison.Ordinal)}%";
            campaigns = campaigns.Where(c => EF.Functions.Like(c.Name, pattern, @"\"));
        }

        return campaigns;
    }
}
